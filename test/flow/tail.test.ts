import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { overSocket } from '../../src/lib/socket-client.ts';
import { HubProcess } from '../support/hub-process.ts';
import { TailReader } from '../support/tail-reader.ts';

let hub: HubProcess;
let socket: Socket;
const readers: TailReader[] = [];

beforeAll(async () => {
  hub = await HubProcess.create();
  await hub.start();
  socket = connect(hub.ports.syslog, '127.0.0.1');
});

afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

afterAll(async () => {
  socket.destroy();
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

async function open(query: string, lastEventId?: string): Promise<TailReader> {
  const reader = await TailReader.open({ socketPath: hub.socketPath }, query, lastEventId);
  readers.push(reader);
  await reader.until(() => reader.of('ready').length === 1);
  return reader;
}

const send = (...texts: readonly string[]) =>
  void socket.write(texts.map((text) => `<14>1 ${new Date().toISOString()} web01.example.com app - - - ${text}\n`).join(''));

const texts = (reader: TailReader) => reader.events.map(({ original }) => original.replace(/^.* - - - /s, ''));

describe('the live tail', () => {
  it('shows what matches, to those whose query it is', async () => {
    const [zebras, all] = [await open('zebra'), await open('event.dataset:* AND process.name:app')];
    send('a zebra', 'a giraffe', 'another zebra');
    await all.until(() => all.events.length === 3);
    expect(texts(zebras)).toEqual(['a zebra', 'another zebra']);
    expect(texts(all)).toEqual(['a zebra', 'a giraffe', 'another zebra']);
    expect(zebras.headers['content-type']).toBe('text/event-stream');
    expect(zebras.headers['x-content-type-options']).toBe('nosniff');
  });

  it('refuses a query that it does not understand, as any search', async () => {
    const reader = await TailReader.open({ socketPath: hub.socketPath }, 'a:(');
    readers.push(reader);
    expect(reader.status).toBe(400);
  });

  it('does not wait for the store', async () => {
    const engine = hub.enginePid();
    if (engine === undefined) throw new Error('no engine');
    const reader = await open('okapi');
    process.kill(engine, 'SIGSTOP');
    try {
      send('an okapi');
      await reader.until(() => reader.events.length === 1, 3_000);
    } finally {
      process.kill(engine, 'SIGCONT');
    }
  });

  it('goes on where a viewer left off', async () => {
    const first = await open('llama');
    send('llama 1');
    await first.until(() => first.events.length === 1);
    const id = first.messages.find(({ event }) => event === 'events')?.id;
    expect(id).toMatch(/^\d+-\d+$/);
    first.close();
    send('llama 2', 'a goat', 'llama 3');
    await sleep(1_000);
    const second = await open('llama', id);
    send('llama 4');
    await second.until(() => second.events.length === 3);
    expect(texts(second)).toEqual(['llama 2', 'llama 3', 'llama 4']);
    expect(second.skipped).toBe(0);
  });

  it('a viewer that does not read stalls nobody, and is told what it missed', async () => {
    const [fast, slow] = [await open('flood'), await open('flood')];
    slow.pause();
    const filling = 'x'.repeat(8_000);
    let sent = 0;
    // Until the slow one's buffers are full, and a while beyond.
    for (let round = 0; round < 60; round++) {
      send(...Array.from({ length: 20 }, () => `flood ${++sent} ${filling}`));
      await sleep(100);
    }
    await fast.until(() => fast.events.length + fast.skipped >= sent);
    // At the rate of a viewer, and nothing lost on the way: shown or counted.
    expect(fast.events.length).toBeGreaterThan(sent * 0.7);
    expect(fast.events.length + fast.skipped).toBe(sent);

    slow.resume();
    await slow.until(() => slow.events.length + slow.skipped >= sent);
    expect(slow.events.length).toBeLessThan(fast.events.length);
    expect(slow.of<{ why: string }>('gap').map(({ why }) => why)).toContain('slow');
    expect(slow.events.length + slow.skipped).toBe(sent);

    send('flood last');
    await slow.until(() => texts(slow).at(-1) === 'flood last');
  }, 60_000);

  it('ends when the token is revoked', async () => {
    const json = { 'content-type': 'application/json' };
    const created = await hub.post('/api/tokens', JSON.stringify({ name: 'viewer', scopes: ['events:read'] }), json);
    const { token } = created.json as { token: string };
    const reader = await TailReader.open({ port: hub.ports.api, token }, 'zebra');
    readers.push(reader);
    await reader.until(() => reader.of('ready').length === 1);
    await overSocket(hub.socketPath, { method: 'DELETE', path: '/api/tokens/viewer' });
    await reader.until(() => reader.ended, 20_000);
    expect(reader.of('end')).toEqual([{ why: 'signed_out' }]);
    expect(reader.beats).toBeGreaterThan(0);
  });

  it('says good-bye when the hub stops', async () => {
    const reader = await open('zebra');
    await hub.kill('SIGTERM');
    await reader.until(() => reader.ended);
    expect(reader.of('end')).toEqual([{ why: 'stopping' }]);
  });
});
