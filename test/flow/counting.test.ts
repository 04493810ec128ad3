import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countersOf } from '../../src/detect/correlate/counters.ts';
import { readRules } from '../../src/detect/sigma/load.ts';
import { Counting } from '../../src/hub/counting/counting.ts';
import type { Event } from '../../src/model/event.ts';
import type { StoreHead } from '../../src/pipeline/ingest-contract.ts';
import { settingsSchema } from '../../src/settings.ts';
import { encodeBlock } from '../../src/store/encode.ts';
import type { EmbeddedEngine } from '../../src/store/engine/engine.ts';
import { migrate } from '../../src/store/migrations.ts';
import { type Sql, sql } from '../../src/store/sql.ts';
import { RecordingTelemetry } from '../support/recording-telemetry.ts';
import { type TestState, testState } from '../support/state.ts';
import { BOUNDS, type EngineFolder, engineFolder } from './engine-folder.ts';
import { DAY_MS, keepAll, madeEvent, NOW } from './store-events.ts';

const RULE = `title: A
id: 5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e11
name: a
taxonomy: ecs
logsource: { product: linux }
detection: { s: { message|contains: boom }, condition: s }
`;
const correlation = (end: string, more: string) => `---
title: Counts ${end}
id: 5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e${end}
correlation: { timespan: 1d, group-by: [user.name], condition: { gte: 2 }, ${more} }
`;
const COUNT = correlation('12', 'type: event_count, rules: [a]');
const OTHER = correlation('13', 'type: value_count, rules: [a], condition: { gte: 2, field: source.ip }').replace(
  'condition: { gte: 2 }, ',
  '',
);

function load(...texts: string[]) {
  const loaded = readRules('a.yml', [RULE, ...texts].join(''));
  if (loaded.rejected.length > 0) throw new Error(JSON.stringify(loaded.rejected));
  return loaded;
}

let folder: EngineFolder;
let engine: EmbeddedEngine;
let kept: TestState;
let head: StoreHead;
const telemetry = new RecordingTelemetry();
const running: Counting[] = [];

beforeEach(async () => {
  folder = engineFolder();
  engine = await folder.start();
  await migrate(engine);
  kept = await testState(() => NOW);
  head = { node: 1, seq: 1_000, receivedAt: NOW, idle: true };
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await kept.remove();
  await engine.stop();
  folder.remove();
});

const statement = (text: string): Sql => ({ text, params: {} });
const hits = (where = '1') =>
  engine.query<Record<string, string>>(
    statement(`SELECT counter, seq, group_key, shown, text_value, late, day FROM earshot.hits WHERE ${where} ORDER BY seq`),
    BOUNDS,
  );
const seqs = async (where?: string) => (await hits(where)).map(({ seq }) => Number(seq));

/** Two of three are hits; one every three hours, received at once or days later. */
function makeEvents(count: number): Event[] {
  return Array.from({ length: count }, (_, i) => {
    const receivedAt = NOW - (count - i) * 3 * 3_600_000;
    const timestamp = i % 10 === 0 ? receivedAt - 30 * 3_600_000 : receivedAt - 1;
    const message = i % 3 === 0 ? 'quiet' : 'boom';
    const fields = {
      message,
      'user.name': i % 2 ? 'Ada' : 'bob',
      'source.ip': '192.0.2.7',
      'host.os.type': 'linux',
      'event.module': 'linux',
    };
    return madeEvent(i + 1, { receivedAt, timestamp, fields });
  });
}

async function counting(loaded: ReturnType<typeof load>): Promise<Counting> {
  const made = new Counting({
    state: kept.state,
    engine,
    settings: () => settingsSchema.parse({}),
    forThePast: (rule) => rule,
    head: async () => head,
    telemetry,
    now: () => NOW,
  });
  await made.load(loaded);
  running.push(made);
  made.start();
  return made;
}

const identity = (loaded: ReturnType<typeof load>, at = 0) => countersOf(loaded)[at]?.identity ?? '';

describe('a new counter', () => {
  it('has the hits of the past up to the block from which on they are counted, and is live then', async () => {
    const events = makeEvents(60);
    await engine.insert(encodeBlock(events, keepAll));
    const loaded = load(COUNT);
    const made = await counting(loaded);
    expect(made.live()).toEqual([]);
    head = { ...head, seq: 40 };
    made.countFrom({ node: 1, seq: 51, identities: [identity(loaded)] });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // Blocks before that one are still on their way.
    expect([made.live(), await seqs()]).toEqual([[], []]);
    expect(telemetry.value('earshot_counters_filling')).toBe(1);
    head = { ...head, seq: 60 };
    await expect.poll(() => made.live(), { timeout: 20_000 }).toMatchObject([{ identity: identity(loaded), liveAt: NOW }]);
    await expect.poll(() => telemetry.value('earshot_counters_filling')).toBe(0);
    // Two timespans, and as long as an event may be late.
    const wanted = events.filter(({ seq, timestamp }) => seq % 3 !== 1 && seq < 51 && timestamp >= NOW - 3 * DAY_MS);
    expect(wanted.length).toBeGreaterThan(5);
    expect(await seqs()).toEqual(wanted.map(({ seq }) => seq));
    const [row] = await hits(`seq = ${wanted[0]?.seq}`);
    expect(row).toMatchObject({ counter: identity(loaded), group_key: expect.stringMatching(/^\["(ada|bob)"\]$/), late: 0 });
  });

  it('has each row once, however often it is begun anew, and beside those that were there', async () => {
    await engine.insert(encodeBlock(makeEvents(60), keepAll));
    const one = load(COUNT);
    const first = await counting(one);
    first.countFrom({ node: 1, seq: 61, identities: [identity(one)] });
    await expect.poll(() => first.live(), { timeout: 20_000 }).toHaveLength(1);
    const before = await hits();
    // As after a crash before the state was written.
    await kept.state.transaction((tx) => tx.updateTable('counters').set({ phase: 'filling', filled_to: null, live_at: null }).execute());
    await first.load(one);
    await expect.poll(() => first.live(), { timeout: 20_000 }).toHaveLength(1);
    expect(await hits()).toEqual(before);

    const both = load(COUNT, OTHER);
    await first.load(both);
    expect(first.live()).toHaveLength(1);
    first.countFrom({ node: 1, seq: 61, identities: countersOf(both).map((each) => each.identity) });
    await expect.poll(() => first.live(), { timeout: 20_000 }).toHaveLength(2);
    expect(await hits(`counter = '${identity(both)}'`)).toEqual(before);
    const other = await hits(`counter = '${identity(both, 1)}'`);
    expect(other.map(({ seq }) => seq)).toEqual(before.map(({ seq }) => seq));
    expect(other[0]).toMatchObject({ text_value: '["192.0.2.7"]' });
  });

  it('is filled again where it was not loaded for a while', async () => {
    const events = makeEvents(60);
    await engine.insert(encodeBlock(events.slice(0, 50), keepAll));
    const loaded = load(COUNT);
    const made = await counting(loaded);
    made.countFrom({ node: 1, seq: 51, identities: [identity(loaded)] });
    await expect.poll(() => made.live(), { timeout: 20_000 }).toHaveLength(1);
    await made.load(load());
    expect(made.live()).toEqual([]);
    await engine.insert(encodeBlock(events.slice(50), keepAll));
    await made.load(loaded);
    expect(made.live()).toEqual([]);
    made.countFrom({ node: 1, seq: 61, identities: [identity(loaded)] });
    await expect.poll(() => made.live(), { timeout: 20_000 }).toHaveLength(1);
    expect((await seqs()).filter((seq) => seq > 50)).toEqual([51, 53, 54, 56, 57, 59, 60]);
    expect(new Set(await seqs()).size).toBe((await seqs()).length);
  });

  it('keeps the lateness and the day of the receipt', async () => {
    await engine.insert(encodeBlock(makeEvents(60), keepAll));
    const loaded = load(COUNT);
    const made = await counting(loaded);
    made.countFrom({ node: 1, seq: 61, identities: [identity(loaded)] });
    await expect.poll(() => made.live(), { timeout: 20_000 }).toHaveLength(1);
    const receivedAt = NOW - (60 - 50) * 3 * 3_600_000;
    expect(await hits('seq = 51')).toMatchObject([{ late: 2, day: new Date(receivedAt).toISOString().slice(0, 10) }]);
    expect(await engine.query(sql`SELECT uniqExact(late) AS c FROM earshot.hits`, BOUNDS)).toEqual([{ c: '2' }]);
  });

  it('that counts only what others find needs no past of its own', async () => {
    const outer = correlation('14', 'type: event_count, rules: [5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e12]');
    const loaded = load(COUNT, outer);
    const made = await counting(loaded);
    await expect.poll(() => made.live().map(({ identity: of }) => of), { timeout: 10_000 }).toEqual([identity(loaded, 1)]);
  });
});
