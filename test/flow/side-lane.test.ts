import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Alerting, createAlerting } from '../../src/alert/alerting.ts';
import { createAlerts } from '../../src/alert/alerts.ts';
import { alertSettings } from '../../src/alert/settings.ts';
import { countersOf } from '../../src/detect/correlate/counters.ts';
import { HitPlan } from '../../src/detect/correlate/hit-plan.ts';
import { type LoadedRules, loadFolders } from '../../src/detect/sigma/load.ts';
import { compileRules, type Judgment } from '../../src/detect/stream/rule-set.ts';
import type { DetectedHit } from '../../src/model/detected.ts';
import { type Event, eventId, type Fields } from '../../src/model/event.ts';
import { FieldSet } from '../../src/model/field-set.ts';
import type { HitRow } from '../../src/model/hit-row.ts';
import { SideLane, type SideLaneDeps } from '../../src/side-lane.ts';
import { BlockEncoder } from '../../src/store/encode.ts';
import { insertHits } from '../../src/store/insert-hits.ts';
import { loadRejudged } from '../../src/store/rejudged.ts';
import { detections } from '../../src/store/search/detections.ts';
import { oneEvent, searchEvents } from '../../src/store/search/events.ts';
import { countEvents, exportEvents } from '../../src/store/search/export-events.ts';
import { parseQuery } from '../../src/store/search/parse.ts';
import { ruleActivity } from '../../src/store/search/rule-activity.ts';
import { sql } from '../../src/store/sql.ts';
import type { EventEngine } from '../../src/store/store.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { ruleOf as infoOf } from '../support/detected.ts';
import { propertySeed } from '../support/property-seed.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type TestState, testState } from '../support/state.ts';
import { BOUNDS } from './engine-folder.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const NODE = 1;

/** Each asks something that costs much on a long value, some beside what does not. */
const DETECTIONS = [
  's: { process.command_line|re: "(a+b?)+z" }\n  condition: s',
  's: { process.command_line|re: "x[0-9]{3}y" }\n  other: { user.name: anna }\n  condition: s or other',
  's: { process.command_line|re: "x[0-9]{3}y" }\n  other: { user.name: anna }\n  condition: other and not s',
  's: { process.command_line|contains: "ab*?c*needle?" }\n  condition: s',
  's: { process.command_line|fieldref|contains: message }\n  condition: s',
  'keywords:\n    "|re": "z{2}[0-9]+q"\n  condition: keywords',
  's: { user.name: bert }\n  condition: s',
];
const id = (n: number) => `5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e${10 + n}`;
const rule = (detection: string, n: number) =>
  `title: Rule ${n}\nid: ${id(n)}\nname: rule_${n}\ntaxonomy: ecs\nlogsource: { product: linux }\ndetection:\n  ${detection}\n`;
const CORRELATION = `title: Many\nid: ${id(50)}\ntaxonomy: ecs\ncorrelation:\n  type: event_count\n  rules: [rule_0, rule_3]\n  group-by: [user.name]\n  timespan: 1h\n  condition: { gte: 3 }\n  generate: true\n`;

/** Small, so that values of some kilobytes are over it. */
const BUDGET = { question: 100_000, event: 300_000 };

const random = seededRandom(propertySeed);
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

function madeEvent(seq: number): Event {
  const length = oneOf([0, 0, 50, 2_000, 9_000, 30_000]);
  const tail = oneOf(['aaz', 'x123y', 'abxc and a needle!', 'zz12q', 'x12y', 'the message', '']);
  const fields: Fields = {
    'event.module': 'linux',
    'user.name': oneOf(['anna', 'bert', 'Carl']),
    message: 'the message',
    'process.command_line': `${'abca '.repeat(length / 5)}${tail}`,
  };
  const raw = Buffer.from(JSON.stringify(fields));
  return { node: NODE, seq, receivedAt: NOW, timestamp: NOW + seq, source: 'made', fields, raw, hits: [] };
}

let store: SearchEngine;
let folder: string;
let loaded: LoadedRules;
let place: TestState;
/** Where the process ends next. */
let kill: 'before the hits' | 'after the hits' | 'before the rows' | 'after the rows' | 'in the commit' | 'after the commit' | undefined;

beforeAll(async () => {
  store = await startSearchEngine();
  folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
  for (const [n, detection] of DETECTIONS.entries()) writeFileSync(join(folder, `rule_${n}.yml`), rule(detection, n));
  writeFileSync(join(folder, 'many.yml'), CORRELATION);
  loaded = loadFolders([folder]);
  expect(loaded.rejected).toEqual([]);
});
afterAll(async () => {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await store.engine.command(sql`TRUNCATE TABLE earshot.events`);
  await store.engine.command(sql`TRUNCATE TABLE earshot.hits`);
  await store.engine.command(sql`TRUNCATE TABLE earshot.rejudged`);
  place = await testState(() => NOW);
  kill = undefined;
});
afterEach(() => place.remove());

class Killed extends Error {}
const dieAt = (where: typeof kill) => {
  if (kill !== where) return;
  kill = undefined;
  throw new Killed();
};

function alertingOn({ state }: TestState): Alerting {
  return createAlerting({
    state,
    settings: alertSettings.parse({ group_gap_secs: 3_600, group_max_secs: 7_200 }),
    ruleInfo: infoOf,
    isQuiet: () => false,
    router: () => ({ notifiers: [], following: [], targets: () => [] }),
    telemetry: silent,
    now: () => NOW,
  });
}

const judgedOf = ({ fields, raw, ...event }: Event) => ({ ...event, fields: FieldSet.of(fields), text: raw.toString() });

const detected = (event: Event, { hits }: Judgment): DetectedHit[] =>
  hits.map((hit) => ({ ...event, eventId: eventId(event.node, event.seq), hit, late: false }));

async function insert(rows: readonly HitRow[], name: string): Promise<void> {
  const late = { lateMs: Number.POSITIVE_INFINITY, tooLateMs: Number.POSITIVE_INFINITY };
  await insertHits(store.engine, { rows, name, receivedAt: NOW, late }, { resumed: true });
}

/** What the pump does of a block: hits to alerting, what was left open to the store. Gives how many pairs were. */
async function stream(events: readonly Event[], alerting: Alerting, budget?: typeof BUDGET): Promise<number> {
  const set = compileRules(loaded.rules, budget === undefined ? {} : { budget });
  const plan = new HitPlan(countersOf(loaded));
  const encoder = new BlockEncoder({ retentionOf: () => ({ name: 'default', days: 36_500 }) });
  const hits: DetectedHit[] = [];
  const rows: HitRow[] = [];
  let deferred = 0;
  for (const event of events) {
    const judgment = set.judge(judgedOf(event));
    deferred += judgment.deferred.length;
    hits.push(...detected(event, judgment));
    rows.push(...plan.rows(judgedOf(event), judgment.hits, event));
    encoder.add({ ...event, fields: FieldSet.of(event.fields), ...judgment });
  }
  const [first, last] = [events[0]?.seq ?? 0, events.at(-1)?.seq ?? 0];
  const block = encoder.finish();
  await store.engine.insert({ ...block, token: `${block.token}-${Math.random()}` });
  if (rows.length > 0) await insert(rows, `stream-${first}-${Math.random()}`);
  const chain = { previous: `p${first}`, hash: `h${last}`, count: events.length };
  await alerting.commitBlock({ node: NODE, firstSeq: first, lastSeq: last, keys: [], checkpoints: [], chain, hits });
  return deferred;
}

/** The engine as a hub knows it that has just started. */
function freshEngine(): EventEngine {
  const { engine } = store;
  return {
    get up() {
      return engine.up;
    },
    query: (statement, bounds) => engine.query(statement, bounds),
    command: (statement) => engine.command(statement),
    insert: async (block) => {
      if (block.table === 'earshot.rejudged') dieAt('before the rows');
      await engine.insert(block);
      if (block.table === 'earshot.rejudged') dieAt('after the rows');
    },
  };
}

/** A side lane as after a start. */
function sideLane(upTo: number, more: Partial<SideLaneDeps> = {}): SideLane {
  const alerting = alertingOn(place);
  return new SideLane({
    engine: freshEngine(),
    state: place.state,
    alerting: {
      commitLater: async (hits, within, lease) => {
        const inside = async (tx: Parameters<typeof within>[0]) => {
          await within(tx);
          dieAt('in the commit');
        };
        const done = await alerting.commitLater(hits, inside, lease);
        dieAt('after the commit');
        return done;
      },
    },
    node: NODE,
    loaded: () => loaded,
    head: async () => ({ node: NODE, seq: upTo, receivedAt: NOW, idle: true }),
    insert: async (rows, name) => {
      dieAt('before the hits');
      await insert(rows, name);
      dieAt('after the hits');
    },
    lateAfterMs: () => Number.POSITIVE_INFINITY,
    telemetry: silent,
    now: () => NOW,
    ...more,
  });
}

async function told() {
  const page = await createAlerts(place.state, () => NOW).list({ limit: 500 });
  if (!page.ok) throw new Error(page.error);
  return page.value.alerts
    .map(({ ruleId, group, count, firstAt, lastAt }) => ({ ruleId, group, count, firstAt, lastAt }))
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}

const counted = () =>
  store.engine.query<{ seq: string; ref: number }>(
    sql`SELECT seq, ref, group_key, t, counter FROM earshot.hits ORDER BY counter, seq, ref`,
    BOUNDS,
  );

/** What people see of the rules' hits: by search, in the drawer, on the detections page, on the page of rules, in a file. */
async function seen(engine: EventEngine = freshEngine()) {
  const span = { from: NOW, to: NOW + 100_000 };
  const now = () => NOW + 200_000;
  const asked = (text: string) => {
    const parsed = parseQuery(text);
    if (!parsed.ok) throw new Error(text);
    return { query: parsed.value, ...span };
  };
  const seqsOf = async (text: string) => (await searchEvents(engine, { ...asked(text), limit: 1_000 }, now)).events.map(({ seq }) => seq);
  await loadRejudged(engine);
  const { signal } = new AbortController();
  const exported: { seq: number; rules: string[] }[] = [];
  for await (const piece of exportEvents(engine, { ...asked('earshot.hits:>0'), signal }, now()))
    for (const { seq, hits } of piece) exported.push({ seq, rules: hits.map((hit) => hit.id).sort() });
  const [first] = exported;
  const page = await detections(engine, { ...asked('*'), least: 'informational' }, now);
  return {
    byRule: await Promise.all(DETECTIONS.map((_, n) => seqsOf(`rule.id:${id(n)}`))),
    byName: await seqsOf('rule.name:"Rule 0" AND rule.level:medium'),
    without: await seqsOf('NOT rule.id:*'),
    exported,
    count: await countEvents(engine, { ...asked('rule.id:*'), signal }, now()),
    drawer: (await oneEvent(engine, `${NODE}-${first?.seq}`))?.hits.map((hit) => hit.id).sort(),
    explained: (await oneEvent(engine, `${NODE}-${first?.seq}`))?.hits.every(({ matches }) => matches.length > 0),
    page: page.rules.map(({ id: ruleId, title, count, people }) => ({ ruleId, title, count, people })),
    sets: page.sets.map(({ rules, count }) => ({ rules, count })),
    activity: (await ruleActivity(engine, { query: { type: 'all' }, to: now() }, now))
      .map(({ rule: ruleId, month }) => ({ ruleId, month }))
      .sort((a, b) => a.ruleId.localeCompare(b.ruleId)),
  };
}

const rejudgedRows = async () => {
  const [row] = await store.engine.query<{ n: string; events: string }>(
    sql`SELECT count() AS n, uniqExact(seq) AS events FROM earshot.rejudged`,
    BOUNDS,
  );
  return { rows: Number(row?.n), events: Number(row?.events) };
};

async function clear(): Promise<void> {
  await store.engine.command(sql`TRUNCATE TABLE earshot.events`);
  await store.engine.command(sql`TRUNCATE TABLE earshot.hits`);
  await store.engine.command(sql`TRUNCATE TABLE earshot.rejudged`);
  await place.remove();
  place = await testState(() => NOW);
}

describe('the side lane', () => {
  it('finds what the stream would have found without a budget', { timeout: 120_000 }, async () => {
    const events = Array.from({ length: 700 }, (_, i) => madeEvent(i + 1));
    expect(await stream(events, alertingOn(place))).toBe(0);
    const expected = { told: await told(), counted: await counted() };
    const shown = await seen();
    expect(new Set(expected.told.map(({ ruleId }) => ruleId)).size).toBe(DETECTIONS.length);
    await clear();
    expect(await stream(events, alertingOn(place), BUDGET), `PROPERTY_SEED=${propertySeed}`).toBeGreaterThan(100);
    expect(await told()).not.toEqual(expected.told);
    expect(await seen()).not.toEqual(shown);
    const lane = sideLane(events.length);
    expect((await lane.head()).seq).toBeLessThan(events.length);
    await lane.start();
    await lane.stop();
    expect(await lane.head()).toMatchObject({ seq: events.length, idle: true });
    expect(await told(), `PROPERTY_SEED=${propertySeed}`).toEqual(expected.told);
    expect(await counted()).toEqual(expected.counted);
    await place.reopen();
    const next = sideLane(events.length);
    await next.start();
    await next.stop();
    expect(await told()).toEqual(expected.told);
    expect(await seen(), `PROPERTY_SEED=${propertySeed}`).toEqual(shown);
    const { rows, events: again } = await rejudgedRows();
    expect(rows).toBe(again);
    expect(rows).toBeGreaterThan(20);
  });

  it.each(['before the hits', 'after the hits', 'before the rows', 'after the rows', 'in the commit', 'after the commit'] as const)(
    'counts each hit once when the process ends %s',
    { timeout: 120_000 },
    async (where) => {
      const events = Array.from({ length: 120 }, (_, i) => madeEvent(i + 1));
      await stream(events, alertingOn(place));
      const expected = { told: await told(), counted: await counted() };
      const shown = await seen();
      await clear();
      await stream(events, alertingOn(place), BUDGET);
      kill = where;
      for (let life = 0; life < 3; life++) {
        const lane = sideLane(events.length);
        await lane.start();
        await lane.stop();
        await place.reopen();
      }
      expect(kill).toBeUndefined();
      expect(await told(), `PROPERTY_SEED=${propertySeed}`).toEqual(expected.told);
      expect(await counted()).toEqual(expected.counted);
      expect(await seen(), `PROPERTY_SEED=${propertySeed}`).toEqual(shown);
      const { rows, events: again } = await rejudgedRows();
      expect(rows).toBe(again);
    },
  );

  it('holds back what counts hits until it has judged, and says since when it waits', async () => {
    const events = [1, 2, 3].map((seq) => ({ ...madeEvent(seq), receivedAt: NOW + seq }));
    const costly = events.map((event, i) =>
      i === 1 ? { ...event, fields: { ...event.fields, 'process.command_line': `${'ab '.repeat(9_000)}z` } } : { ...event, fields: {} },
    );
    await stream(costly, alertingOn(place), BUDGET);
    const lags: number[] = [];
    const lane = sideLane(3, { now: () => NOW + 5_002, telemetry: { ...silent, gauge: (_, __, value) => void lags.push(value) } });
    expect(await lane.head()).toEqual({ node: NODE, seq: 1, receivedAt: NOW, idle: false });
    await lane.start();
    await lane.stop();
    expect(await lane.head()).toEqual({ node: NODE, seq: 3, receivedAt: NOW, idle: true });
    expect(lags).toContain(5);
  });
});
