import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually, HubProcess } from '../support/hub-process.ts';

/** Published messages of many vendors and parsers; they lie beside the checkout, and are no part of it. */
const corpora = join(import.meta.dirname, '..', '..', '..', 'shared', 'corpora');
const present = existsSync(corpora);
if (!present) process.stderr.write(`\n*** SKIPPED: published messages, as ${corpora} is not there. ***\n`);

const FILES = [
  'syslog/go_syslog_rfc3164.jsonl',
  'syslog/go_syslog_rfc5424.jsonl',
  'syslog/sc4s_vendor_syslog.jsonl',
  'syslog/vrl_parse_syslog.jsonl',
  'cef/logstash_cef_spec.jsonl',
  'cef/vrl_parse_cef.jsonl',
] as const;

interface Case {
  readonly input?: string;
  readonly input_hex?: string | null;
  readonly input_template?: string;
}

function bytesOf({ input, input_hex: hex, input_template: template }: Case): Buffer {
  if (hex !== undefined && hex !== null) return Buffer.from(hex, 'hex');
  const filled = template
    ?.replace(/\{\{\s*mark\s*\}\}/g, '<134>')
    .replace(/\{\{\s*bsd\s*\}\}/g, 'Jul 27 09:12:00')
    .replace(/\{\{\s*(\w+)\s*\}\}/g, '$1');
  return Buffer.from(input ?? filled ?? '', 'utf8');
}

const messages: readonly Buffer[] = present
  ? FILES.flatMap((name) =>
      readFileSync(join(corpora, name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => bytesOf(JSON.parse(line))),
    ).filter(({ length }) => length > 0)
  : [];

/** Lines cannot hold line ends, and one that begins with a number and a blank may be a count. */
const lines = messages.filter((message) => !/[\n\r\0]|^\d+ /.test(message.toString('latin1')));

const Page = z.object({
  events: z.array(
    z.object({ id: z.string(), original: z.string(), original_base64: z.string().optional(), fields: z.record(z.string(), z.json()) }),
  ),
  cursor: z.string().optional(),
});
type Found = z.output<typeof Page>['events'][number];

const seqOf = ({ id }: Found): number => Number(id.split('-')[1]);
const bytesIn = ({ original, original_base64: exact }: Found): Buffer =>
  exact === undefined ? Buffer.from(original) : Buffer.from(exact, 'base64');

let hub: HubProcess;
let seen = 0;

beforeAll(async () => {
  hub = await HubProcess.create();
  await hub.start();
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

/** Waits until so many events came since the last call, and gives them in the order in which they came. */
async function arrived(count: number): Promise<Found[]> {
  const events = await eventually(async () => {
    await hub.post('/api/control/drain', '');
    const all = await readAll();
    return all.length >= count && all;
  });
  seen = Math.max(...events.map(seqOf));
  return events;
}

async function readAll(): Promise<Found[]> {
  const events: Found[] = [];
  for (let cursor: string | undefined; ; ) {
    const span = { from: '1971-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z', limit: '500' };
    const { status, json } = await hub.get(`/api/events?${new URLSearchParams({ ...span, ...(cursor !== undefined && { cursor }) })}`);
    if (status !== 200) throw new Error(JSON.stringify(json));
    const page = Page.parse(json);
    events.push(...page.events.filter((event) => seqOf(event) > seen));
    cursor = page.cursor;
    if (cursor === undefined) return events.sort((a, b) => seqOf(a) - seqOf(b));
  }
}

const texts = (all: readonly Buffer[]): string[] => all.map((bytes) => bytes.toString('latin1'));

async function sendStream(bytes: Buffer): Promise<void> {
  const socket = connect(hub.ports.syslog, '127.0.0.1');
  socket.end(bytes);
  socket.resume();
  await once(socket, 'close');
}

describe.skipIf(!present)('published syslog and CEF messages', () => {
  it('are stored byte by byte, in order, over TCP with counts', async () => {
    await sendStream(Buffer.concat(messages.flatMap((message) => [Buffer.from(`${message.length} `), message])));
    const events = await arrived(messages.length);
    expect(texts(events.map(bytesIn))).toEqual(texts(messages));
    expect(events.filter(({ fields }) => fields['event.kind'] === 'pipeline_error')).toEqual([]);
  });

  it('are stored byte by byte, in order, over TCP as lines', async () => {
    await sendStream(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
    expect(texts((await arrived(lines.length)).map(bytesIn))).toEqual(texts(lines));
  });

  it('are stored byte by byte over UDP', async () => {
    const socket = createSocket('udp4');
    // UDP has no brakes: what waits in the socket is bounded by the system.
    for (let at = 0; at < lines.length; at += 50) {
      const some = lines.slice(at, at + 50);
      for (const line of some) socket.send(line, hub.ports.syslog, '127.0.0.1');
      await sleep(20);
    }
    const events = await arrived(lines.length);
    socket.close();
    expect(texts(events.map(bytesIn)).sort()).toEqual(texts(lines).sort());
  });

  it('have the fields that their publishers expect', async () => {
    const cef =
      '<13>Sep 19 08:26:10 web01 CEF:0|security|threatmanager|1.0|100|trojan successfully stopped|10|src=10.0.0.192 dst=12.121.122.82 spt=1232';
    const rfc5424 =
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3"] An application event log entry';
    await sendStream(Buffer.from(`${cef}\n${rfc5424}\n`));
    const [first, second] = await arrived(2);
    expect(first?.fields).toMatchObject({
      'observer.vendor': 'security',
      'observer.product': 'threatmanager',
      'source.ip': '10.0.0.192',
      'destination.ip': '12.121.122.82',
      'source.port': 1232,
    });
    expect(second?.fields).toMatchObject({
      'host.name': 'mymachine.example.com',
      'process.name': 'evntslog',
      'log.syslog.facility.code': 20,
      'log.syslog.severity.code': 5,
      'log.syslog.msgid': 'ID47',
      message: 'An application event log entry',
    });
  });
});
