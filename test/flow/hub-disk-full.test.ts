import { rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { checkEvents, readEvents } from '../support/no-loss-checks.ts';
import { HttpSender, RelpSender } from '../support/no-loss-senders.ts';
import { ordinary } from '../support/numbered-messages.ts';
import { canMount } from '../support/own-disk.ts';
import { PeerProcess } from '../support/peer-process.ts';

const MIB = 1024 * 1024;
const NEVER = Number.POSITIVE_INFINITY;

let hub: HubProcess;

afterEach(async () => {
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

/** Takes up the disk until so many bytes are free. */
async function fillUntil(freeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(hub.folder);
  const bytes = bavail * bsize - freeBytes;
  try {
    writeFileSync(join(hub.folder, 'filler'), Buffer.alloc(bytes, 'x'));
  } catch (error) {
    // The hub was quicker; the disk is as full as it gets.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

const makeRoom = () => rmSync(join(hub.folder, 'filler'), { force: true });

/** A sender of each kind, and a stop that ends them and waits until all they sent is acknowledged. */
async function startSenders() {
  const { json } = await hub.post('/api/tokens', JSON.stringify({ name: 'sender', scopes: ['ingest'] }), {
    'content-type': 'application/json',
  });
  const { token } = json as { token: string };
  const relp = new RelpSender(hub.ports.relp, NEVER);
  const http = new HttpSender(hub.ports.api, token, NEVER);
  const ending = new AbortController();
  const sending = Promise.all([relp.run(ending.signal), http.run(ending.signal)]);
  return {
    token,
    relp: relp.acknowledged,
    http: http.acknowledged,
    end: async () => {
      ending.abort();
      await sending;
    },
  };
}

/** Both senders move on from where they are. */
async function progress(senders: { readonly relp: ReadonlySet<string>; readonly http: ReadonlySet<string> }): Promise<void> {
  const before = { relp: senders.relp.size, http: senders.http.size };
  await eventually(async () => senders.relp.size > before.relp + 20 && senders.http.size > before.http + 20);
}

const found = async (): Promise<number> => {
  const { status, json } = await hub.get('/api/events?q=counted&from=now-1h');
  expect(status, JSON.stringify(json)).toBe(200);
  return (json as { events: unknown[] }).events.length;
};

const refusal = () =>
  fetch(`http://127.0.0.1:${hub.ports.api}/readyz`).then(async (reply) => ({ status: reply.status, text: await reply.text() }));

async function expectNothingLost(
  senders: { readonly relp: ReadonlySet<string>; readonly http: ReadonlySet<string> },
  imported: ReadonlySet<string> = new Set(),
): Promise<void> {
  await hub.post('/api/control/drain', '');
  const faults = checkEvents(await readEvents(hub), { ...senders, thrice: new Set(), import: imported });
  expect(Object.entries(faults).filter(([, each]) => each.length > 0)).toEqual([]);
  expect((await hub.post('/api/control/verify', '')).json).not.toHaveProperty('difference');
}

describe.skipIf(!canMount())('a disk that fills under a hub', () => {
  it('below disk.min_free_bytes: senders are held back, people can search, and room is noticed', async () => {
    hub = await HubProcess.create({ disk: { warn_free_bytes: 100 * MIB, min_free_bytes: 80 * MIB } }, { diskBytes: 400 * MIB });
    await hub.start();
    const senders = await startSenders();
    await progress(senders);
    await fillUntil(40 * MIB);
    const { text } = await eventually(async () => {
      const answer = await refusal();
      return answer.status === 503 && answer;
    });
    expect(text).toContain('disk.min_free_bytes');

    const headers = { authorization: `Bearer ${senders.token}`, 'content-type': 'text/plain' };
    const reply = await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, { method: 'POST', body: 'one more', headers });
    expect({ status: reply.status, retryAfter: reply.headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '5' });
    expect(await reply.json()).toMatchObject({ code: 'EAR_INGEST_BUSY' });
    // What was on its way is through by now; then nothing moves.
    await sleep(500);
    const held = { relp: senders.relp.size, http: senders.http.size };
    await sleep(1_500);
    expect({ relp: senders.relp.size, http: senders.http.size }).toEqual(held);
    expect(await found()).toBeGreaterThan(0);

    makeRoom();
    await progress(senders);
    expect((await refusal()).status).toBe(200);
    await senders.end();
    await expectNothingLost(senders);
  });

  it('full to the last byte: what was acknowledged is kept, and it goes on when there is room', async () => {
    hub = await HubProcess.create({}, { diskBytes: 300 * MIB });
    await hub.start();
    const senders = await startSenders();
    await progress(senders);
    await fillUntil(0);
    const { text } = await eventually(async () => {
      const answer = await refusal();
      return answer.status === 503 && answer;
    });
    expect(text).toContain('ENOSPC');
    expect(await found()).toBeGreaterThan(0);
    const reply = await hub.post('/ingest/http', 'one more', { 'content-type': 'text/plain' });
    expect(reply.status).toBe(503);

    makeRoom();
    await progress(senders);
    await senders.end();
    await expectNothingLost(senders);
  });
});

it('a raw log at its bound, because the engine takes nothing: senders and imports wait, and go on', async () => {
  hub = await HubProcess.create({ raw_log: { max_bytes: 64 * MIB } });
  await hub.start();
  const senders = await startSenders();
  await progress(senders);
  const engine = hub.enginePid() ?? 0;
  process.kill(engine, 'SIGSTOP');
  const headers = { authorization: `Bearer ${senders.token}`, 'content-type': 'text/plain' };
  const body = `${'z'.repeat(1023 * 1024)}\n`;
  await eventually(
    async () => {
      await fetch(`http://127.0.0.1:${hub.ports.api}/ingest/http`, { method: 'POST', body, headers });
      return (await refusal()).text.includes('raw_log.max_bytes');
    },
    { everyMs: 1 },
  );

  const file = join(hub.dataDir, 'import.log');
  writeFileSync(file, `${ordinary('file', 1).line}\n`);
  const importing = new PeerProcess(process.execPath, ['bin/earshot.js', 'import', '--config', hub.configFile, file]);
  onTestFinished(() => importing.stop());
  await eventually(async () => importing.output.includes('raw_log.max_bytes'));
  process.kill(engine, 'SIGCONT');
  await eventually(async () => importing.output.includes('1 events stored'));
  await progress(senders);
  await senders.end();
  await expectNothingLost(senders, new Set(['file-1']));
});
