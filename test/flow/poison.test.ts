import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { readAlerts } from '../support/no-loss-checks.ts';
import { alarming, ordinary, userOf } from '../support/numbered-messages.ts';

const preload = pathToFileURL(join(import.meta.dirname, '..', 'support', 'poison-preload.ts')).href;
const TEXT = { 'content-type': 'text/plain' } as const;

let hub: HubProcess;

beforeAll(async () => {
  hub = await HubProcess.create({}, { nodeOptions: [`--import=${preload}`] });
  await hub.start();
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

interface Found {
  readonly original: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const search = async (q: string): Promise<Found[]> =>
  ((await hub.get(`/api/events?from=now-1h&q=${encodeURIComponent(q)}`)).json as { events: Found[] }).events;

/** One body is one block: the poisoned message has neighbours before and behind it. */
async function sendAround(poison: string, first: number): Promise<void> {
  const around = [alarming('http', first), ordinary('http', first + 1)];
  const behind = [ordinary('http', first + 2), alarming('http', first + 3)];
  const lines = [
    ...around.map(({ line }) => line),
    `<14>1 - web01.example.com app - - - ${poison} in the middle`,
    ...behind.map(({ line }) => line),
  ];
  expect(await hub.post('/ingest/http', lines.join('\n'), TEXT)).toMatchObject({ status: 200, json: { accepted: 5 } });
}

async function expectOnlyPoisonBare(poison: string, tag: string, first: number): Promise<void> {
  const [bare, ...others] = await eventually(async () => {
    const found = await search(`"${poison}"`);
    return found.length > 0 && found;
  });
  expect(others).toEqual([]);
  expect(bare?.original).toContain(`${poison} in the middle`);
  expect(bare?.fields).toMatchObject({ 'event.kind': 'pipeline_error', tags: [tag] });
  expect(bare?.fields).not.toHaveProperty('host.name');
  const neighbors = (await search('host.name:web01.example.com')).filter(({ original }) => /no=http-(\d+)/.test(original));
  expect(neighbors.length).toBe(first + 3);
  await hub.post('/api/control/drain', '');
  const users = (await readAlerts(hub)).map(({ group }) => group['user.name']);
  expect(users).toContain(userOf(`http-${first}`));
  expect(users).toContain(userOf(`http-${first + 3}`));
}

it('keeps an event bare that a stage throws on, and nothing else', async () => {
  await sendAround('poison-throw', 1);
  await expectOnlyPoisonBare('poison-throw', 'pipeline_fault', 1);
});

it('keeps an event bare that ends the ingest thread whenever it is judged, and nothing else', async () => {
  await sendAround('poison-exit', 5);
  await expectOnlyPoisonBare('poison-exit', 'set_aside', 5);
});

it('goes on after that, and everything is as it was received', async () => {
  const { line } = ordinary('http', 9);
  expect((await hub.post('/ingest/http', line, TEXT)).status).toBe(200);
  await eventually(async () => (await search('"no=http-9"')).length === 1);
  expect((await earshot(['verify', '--config', hub.configFile])).stdout).toMatch(/^good: /);
});
