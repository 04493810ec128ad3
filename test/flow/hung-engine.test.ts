import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { stateOf } from '../support/process-state.ts';

let hub: HubProcess;

beforeAll(async () => {
  hub = await HubProcess.create();
  await hub.start();
});
afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

const search = (q: string) => hub.get(`/api/events?${new URLSearchParams({ q, from: 'now-1h' })}`);
const finds = async (q: string) => {
  const { status, json } = await search(q);
  return status === 200 && (json as { events: unknown[] }).events.length === 1;
};
const send = async (text: string) =>
  expect(await hub.post('/ingest/http', text, { 'content-type': 'text/plain' })).toMatchObject({ status: 200 });
const timed = async <T>(act: () => Promise<T>) => {
  const begin = performance.now();
  return { ...(await act()), tookMs: performance.now() - begin };
};

it('a hub whose engine hangs lets a search fail in time, then at once, takes everything in, and gets well again', async () => {
  await send('badger');
  await eventually(() => finds('badger'));
  const hung = hub.enginePid() ?? 0;
  process.kill(hung, 'SIGSTOP');
  const down = { status: 503, json: { code: 'EAR_ENGINE_DOWN' } };

  const first = await timed(() => search('badger'));
  expect(first).toMatchObject(down);
  // Its bound is 15 s; the engine is found to hang in 10.
  expect(first.tookMs).toBeLessThan(17_000);
  const next = await timed(() => search('badger'));
  expect(next).toMatchObject(down);
  expect(next.tookMs).toBeLessThan(1_000);
  expect(stateOf(hung)).toBe('T');
  expect(await hub.get('/readyz')).toMatchObject({ status: 503, json: { reasons: ['the event engine does not answer'] } });

  await send('weasel');
  await eventually(() => finds('weasel'), { withinMs: 60_000 });
  expect(stateOf(hung)).toBeUndefined();
  expect(await finds('badger')).toBe(true);
});
