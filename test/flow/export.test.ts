import { rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';

const COUNT = 100_500;
const HOSTILE = ['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("http://evil.example.com","x")', "=cmd|' /C calc'!A0"];

let hub: HubProcess;

beforeAll(async () => {
  hub = await HubProcess.create();
  await hub.start();
  const socket = connect(hub.ports.syslog, '127.0.0.1');
  const time = Date.now() - 600_000;
  for (let i = 0; i < COUNT; ) {
    const lines: string[] = [];
    for (const end = Math.min(i + 2_000, COUNT); i < end; i++)
      lines.push(`<14>1 ${new Date(time + i).toISOString()} web01.example.com bulk - - - number ${i}, "quoted"\n`);
    if (!socket.write(lines.join(''))) await new Promise((resolve) => socket.once('drain', () => resolve(undefined)));
  }
  for (const text of HOSTILE) socket.write(`<14>1 ${new Date().toISOString()} web01.example.com hostile - - - ${text}\n`);
  socket.end();
  await eventually(async () => (await total('process.name:bulk OR process.name:hostile')) === COUNT + HOSTILE.length, { withinMs: 60_000 });
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

const total = async (q: string): Promise<number> =>
  ((await hub.get(`/api/events/histogram?${new URLSearchParams({ q, from: 'now-1h' })}`)).json as { total: number }).total;

const open = (query: Readonly<Record<string, string>>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const path = `/api/events/export?${new URLSearchParams({ from: 'now-1h', ...query })}`;
    request({ socketPath: hub.socketPath, path, headers: { host: 'earshot' } }, resolve)
      .on('error', reject)
      .end();
  });

async function whole(query: Readonly<Record<string, string>>): Promise<{ text: string; reply: IncomingMessage }> {
  const reply = await open(query);
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk as Buffer);
  return { text: Buffer.concat(chunks).toString('utf8'), reply };
}

/** Reads a CSV as RFC 4180 has it: written apart from what writes it. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let [row, at]: [string[], number] = [[], 0];
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') cell += text[at++];
        else break;
      }
      at += 1;
    } else for (; at < text.length && !',\r'.includes(text[at] ?? ''); at++) cell += text[at];
    row.push(cell);
    if (text[at] === ',') at += 1;
    else {
      expect(text.slice(at, at + 2)).toBe('\r\n');
      rows.push(row);
      [row, at] = [[], at + 2];
    }
  }
  return rows;
}

describe('an export', () => {
  it('as NDJSON has every event once, newest first, in the form that the command line prints', async () => {
    const { text, reply } = await whole({ q: 'process.name:bulk' });
    expect(reply.headers).toMatchObject({ 'x-earshot-total': `${COUNT}`, 'content-type': 'application/x-ndjson' });
    expect(reply.headers['content-disposition']).toMatch(/^attachment; filename="earshot-[\d-]+\.ndjson"$/);
    expect(reply.trailers).toEqual({ 'x-earshot-rows': `${COUNT}` });
    const lines = text.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(COUNT);
    const numbers = lines.map((line) => Number(/number (\d+),/.exec(line)?.[1]));
    expect(numbers).toEqual(Array.from({ length: COUNT }, (_, i) => COUNT - 1 - i));
    const printed = await earshot([
      'search',
      'process.name:bulk',
      '--since',
      '1h',
      '--json',
      '--limit',
      '1200',
      '--config',
      hub.configFile,
    ]);
    expect(lines.slice(0, 1200)).toEqual(printed.stdout.trim().split('\n'));
  });

  it('as CSV has the same events, with the columns asked for', async () => {
    const { text, reply } = await whole({ q: 'process.name:bulk', format: 'csv', columns: '@timestamp,event.id,host.name,message' });
    expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    const [head, ...rows] = readCsv(text);
    expect(head).toEqual(["'@timestamp", 'event.id', 'host.name', 'message']);
    expect(rows).toHaveLength(COUNT);
    expect(new Set(rows.map(([, id]) => id)).size).toBe(COUNT);
    expect(rows[0]?.slice(2)).toEqual(['web01.example.com', `number ${COUNT - 1}, "quoted"`]);
  });

  it('has no cell that a spreadsheet would run', async () => {
    const { text } = await whole({ q: 'process.name:hostile', format: 'csv', columns: 'message' });
    const cells = readCsv(text).slice(1).flat();
    expect(cells.toReversed()).toEqual(HOSTILE.map((text) => `'${text}`));
    const defaults = readCsv((await whole({ q: 'process.name:hostile', format: 'csv' })).text).flat();
    expect(defaults.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  it('that is given up leaves nothing behind, and is in the audit trail as cut off', async () => {
    const reply = await open({ q: 'process.name:bulk' });
    await new Promise((resolve) => reply.once('data', resolve));
    reply.destroy();
    const audited = await eventually(async () => {
      const q = 'event.dataset:earshot.audit AND event.action:export AND event.outcome:failure';
      const { json } = await hub.get(`/api/events?${new URLSearchParams({ q })}`);
      return (json as { events: { fields: Record<string, unknown> }[] }).events[0];
    });
    expect(audited.fields['earshot.audit.complete']).toBe(false);
    expect(Number(audited.fields['earshot.audit.rows'])).toBeLessThan(COUNT);
  });

  it('that fails midway is broken off', async () => {
    const reply = await open({ q: 'process.name:bulk' });
    await new Promise((resolve) => reply.once('data', resolve));
    reply.pause();
    process.kill(hub.enginePid() ?? 0, 'SIGKILL');
    const read = async () => {
      for await (const _ of reply);
    };
    await expect(read()).rejects.toThrow(/aborted/);
    await eventually(async () => (await hub.get('/readyz')).status === 200);
  });
});
