// Measures the hub's correlations: one tick as the hub runs it, and how long a hit takes to be an alert. Run: node bench/correlate.bench.ts [ticks] [hits in millions]

import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFoundAlerts, type Describe } from '../src/alert/found-alerts.ts';
import type { Router } from '../src/alert/routing.ts';
import { foundEvents } from '../src/detect/correlate/found-events.ts';
import { describe } from '../src/detect/correlate/sql/describe.ts';
import { triggersOf } from '../src/detect/correlate/sql/triggers.ts';
import { CorrelationTick } from '../src/detect/correlate/tick.ts';
import type { LiveCounter } from '../src/detect/correlate/watched.ts';
import type { Bound, Correlation, CorrelationType, Expression } from '../src/detect/sigma/correlation.ts';
import type { RuleInfo } from '../src/model/detection.ts';
import { type EmbeddedEngine, startEngine } from '../src/store/engine/engine.ts';
import { migrate } from '../src/store/migrations.ts';
import { ms, type Sql, sql, str, u64 } from '../src/store/sql.ts';
import { openState } from '../src/store/state/open.ts';
import type { State } from '../src/store/state/state.ts';
import { silent } from '../src/telemetry/telemetry.ts';

const TICKS = Number(process.argv[2] ?? 300);
const HITS = Number(process.argv[3] ?? 10) * 1_000_000;

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const DAYS = 20;
const CORRELATIONS = 200;
const GROUPS = 100;
const FRESH = 200;
const HOT_HITS = 1_000_000;
const HOT = 'hot@000000000000';
const NOW = Date.UTC(2026, 10, 20, 12);

const atLeast = (number: number): Bound[] => [{ op: 'gte', number }];
const ref = (ref: number): Expression => ({ kind: 'ref', ref });
const butNot: Expression = { kind: 'and', children: [ref(0), { kind: 'not', child: ref(2) }] };

interface Shape {
  readonly name: string;
  readonly type: CorrelationType;
  readonly bounds: readonly Bound[];
  readonly expression?: Expression;
  readonly refs: number;
}

/** All types, with numbers that a group reaches now and then. */
const SHAPES: readonly Shape[] = [
  { name: 'event_count', type: 'event_count', bounds: atLeast(6), refs: 1 },
  { name: 'event_count of two rules', type: 'event_count', bounds: atLeast(6), refs: 2 },
  { name: 'value_count', type: 'value_count', bounds: atLeast(6), refs: 1 },
  { name: 'temporal', type: 'temporal', bounds: [], refs: 3 },
  { name: 'temporal, two of three', type: 'temporal', bounds: atLeast(2), refs: 3 },
  { name: 'temporal with an absence', type: 'temporal', bounds: [], expression: butNot, refs: 3 },
  { name: 'temporal_ordered', type: 'temporal_ordered', bounds: [], refs: 3 },
  { name: 'temporal_ordered with an absence', type: 'temporal_ordered', bounds: [], expression: butNot, refs: 3 },
  { name: 'temporal_ordered, two of three', type: 'temporal_ordered', bounds: atLeast(2), refs: 3 },
  { name: 'value_sum', type: 'value_sum', bounds: atLeast(500), refs: 1 },
  { name: 'value_avg', type: 'value_avg', bounds: [{ op: 'gt', number: 90 }], refs: 1 },
  { name: 'value_percentile', type: 'value_percentile', bounds: [{ op: 'gt', number: 95 }], refs: 1 },
  { name: 'value_median', type: 'value_median', bounds: [{ op: 'gt', number: 90 }], refs: 1 },
];
const SPANS = [MINUTE, 5 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY];

function correlationOf({ name, type, bounds, expression, refs }: Shape, timespanMs: number): Correlation {
  return {
    ...{ id: name, name, title: name, version: '1', level: 'high', description: '', tags: [], falsepositives: [], nextSteps: [] },
    ...{ status: undefined, author: undefined, groupBy: ['user.name'], file: 'bench.yml', line: 1, generate: false, percentile: 50 },
    ...{ type, bounds, expression, timespanMs, groupNames: ['user.name'] },
    refs: Array.from({ length: refs }, (_, i) => ({ id: `rule-${i}`, kind: 'rule' as const })),
    groupPaths: Array.from({ length: refs }, () => [['user.name']]),
    fieldPaths: Array.from({ length: refs }, () => [['source.ip']]),
  };
}

const pick = <T>(items: readonly T[], n: number): T => items[n % items.length] as T;
const shapeOf = (n: number): Shape => pick(SHAPES, n);
const watched = Array.from({ length: CORRELATIONS }, (_, n) => ({
  correlation: correlationOf(shapeOf(n), pick(SPANS, Math.floor(n / SHAPES.length))),
  identity: `correlation-${n}@000000000000`,
  ...{ beganAt: 0, liveAt: 0 },
}));
const keyOf = (group: number): string => `["user${group}"]`;

/** `count` hits of all correlations, spread evenly over a time: each of some user and with some value. */
const hits = (first: number, count: number, from: number, until: number, day: number, late: number): Sql => sql`
  SELECT concat('correlation-', toString(which), '@000000000000'), concat('["user', toString(cityHash64(n, 1) % ${u64(GROUPS)}), '"]'),
    toInt64(${ms(from)} + toFloat64(n - ${u64(first)}) / ${u64(count)} * ${ms(until - from)}) AS t,
    toUInt8(cityHash64(n, 2) % [${refsOfEach()}][which % ${u64(SHAPES.length)} + 1]), toString(cityHash64(n, 3) % 50), toFloat64(cityHash64(n, 4) % 100),
    '', toUInt16(1), toUInt64(n + 1), toUInt8(${u64(late)}), toUInt8(0), toDate(${u64(Math.floor(day / DAY))})
  FROM (SELECT number + ${u64(first)} AS n, cityHash64(n) % ${u64(CORRELATIONS)} AS which FROM numbers(${u64(count)}))`;

const refsOfEach = (): Sql => ({ text: SHAPES.map(({ refs }) => refs).join(', '), params: {} });

/** One group with a million hits in a day: hits of the second rule are rare, and there is none of the third. */
const hotHits = (first: number, count: number, from: number, until: number): Sql => sql`
  SELECT ${str(HOT)}, ${str(keyOf(0))}, toInt64(${ms(from)} + toFloat64(number) / ${u64(count)} * ${ms(until - from)}) AS t,
    toUInt8(cityHash64(number, 2) % 100 = 0), toString(cityHash64(number, 3) % 100000), toFloat64(cityHash64(number, 4) % 100), '', toUInt16(1),
    toUInt64(number + ${u64(first)}), toUInt8(0), toUInt8(0), toDate(${u64(Math.floor(NOW / DAY))}) FROM numbers(${u64(count)})`;

let seq = 0;
let inserting: Promise<void> = Promise.resolve();
/** One after the other, as the hub does: all up to `seq` is in the store. */
function insert(engine: EmbeddedEngine, count: number, of: (first: number) => Sql): Promise<void> {
  const done = inserting.then(async () => {
    await engine.command(sql`INSERT INTO earshot.hits ${of(seq)}`);
    seq += count;
  });
  inserting = done;
  return done;
}

async function fill(engine: EmbeddedEngine): Promise<void> {
  const perDay = Math.floor((HITS - HOT_HITS) / DAYS);
  for (let day = DAYS; day > 0; day--) {
    const from = NOW - day * DAY;
    await insert(engine, perDay, (first) => hits(first, perDay, from, from + DAY, from, 0));
  }
  await insert(engine, HOT_HITS, (first) => hotHits(first, HOT_HITS, NOW - DAY, NOW));
}

interface Load {
  readonly name: string;
  readonly hot: boolean;
  readonly importing: boolean;
}

interface Store {
  readonly engine: EmbeddedEngine;
  readonly state: State;
}

let now = NOW;

/** The correlation that the large group is of: each type in its turn, all but means and percentiles with a number that it always reaches. */
function hotOne(shape: Shape): LiveCounter {
  const isCount = shape.type.endsWith('_count');
  const bounds = isCount ? shape.bounds.map(({ op, number }) => ({ op, number: number * 1_000 })) : shape.bounds;
  return { identity: HOT, correlation: correlationOf({ ...shape, bounds }, DAY), beganAt: 0, liveAt: 0 };
}

/** The tick as the hub runs it, by the clock of the events. `told`: alerts were committed. */
function tickOf({ engine, state }: Store, live: readonly LiveCounter[], told: () => void): CorrelationTick {
  const known = new Map(live.map((counter) => [counter.identity, counter.correlation]));
  const ruleInfo = (id: string): RuleInfo => ({ ...RULE, id });
  const router: Router = { notifiers: [], following: [], targets: () => [] };
  const findings = createFoundAlerts({ state, ruleInfo, isQuiet: () => false, router: () => router, telemetry: silent, now: () => now });
  const describeAll: Describe = async (merged) => {
    const asked = merged.flatMap((finding) => {
      const correlation = known.get(finding.identity);
      return correlation === undefined ? [] : [{ ...finding, correlation, first: finding.firstTrigger, last: finding.lastTrigger }];
    });
    const contents = await describe(engine, asked, {}, new Map([[1, seq]]));
    const events = await foundEvents(engine, contents);
    return contents.map(({ legs, value, ...each }, n) => {
      const { type, timespanMs } = asked[n]?.correlation ?? { type: '', timespanMs: 0 };
      const told = legs.map((count, ref) => ({ ruleId: `rule-${ref}`, title: '', count }));
      const details = { kind: 'correlation' as const, type, timespanMs, condition: '', legs: told, ...(value !== undefined && { value }) };
      return { ...each, details, events: each.eventIds.flatMap((id) => events.get(id) ?? []) };
    });
  };
  return new CorrelationTick({
    ...{ engine, state, telemetry: silent, holder: 'bench', now: () => now },
    live: () => live,
    head: async () => ({ node: 1, seq, receivedAt: now, idle: true }),
    bounds: () => ({ lateMs: HOUR, waitMs: 10_000 }),
    commit: async (found, within, lease) => {
      const done = await findings.revise(found.reviewed, found.findings, describeAll, within, lease);
      if (found.findings.length > 0) told();
      return done;
    },
    announced: (stretches) => findings.announced(stretches),
    leave: (looked, within, lease) => findings.leave(looked, within, lease),
    insert: async () => undefined,
  });
}

const RULE: RuleInfo = {
  ...{ id: '', version: '1', name: 'bench', title: 'Bench', level: 'high', description: '', tags: [] },
  ...{ falsepositives: [], nextSteps: [], groupBy: ['user.name'] },
};

/** All correlations were looked at as a whole before: the history is not new. */
async function seen({ state }: Store, identities: readonly string[]): Promise<void> {
  const rows = identities.map((identity) => ({ pass: `whole ${identity}`, seqs: '{}', watermark: 0, changed_at: now }));
  await state.transaction((tx) => tx.insertInto('correlation_cursors').values(rows).execute());
}

/** Events of a year ago and since, twenty thousand hits a second: more than an import finds. */
function importing(engine: EmbeddedEngine): () => Promise<number> {
  let [goes, rows] = [true, 0];
  const done = (async () => {
    for (; goes; rows += 10_000) {
      const due = performance.now() + 500;
      await insert(engine, 10_000, (first) => hits(first, 10_000, NOW - 365 * DAY, NOW - 30 * DAY, now, 2));
      await sleep(Math.max(0, due - performance.now()));
    }
    return rows;
  })();
  return () => {
    goes = false;
    return done;
  };
}

const quantile = (sorted: readonly number[], share: number): string =>
  (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(0);
const line = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

async function measure(store: Store, load: Load): Promise<void> {
  const { engine } = store;
  const stop = load.importing ? importing(engine) : undefined;
  const [took, told, first]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < TICKS; ) {
    let insertedAt = 0;
    const live = load.hot ? [...watched, hotOne(shapeOf(Math.floor((n / TICKS) * SHAPES.length)))] : watched;
    const tick = tickOf(store, live, () => told.push(performance.now() - insertedAt));
    const until = load.hot ? Math.min(TICKS, n + Math.ceil(TICKS / SHAPES.length)) : TICKS;
    for (const begun = n; n < until; n++) {
      now += SECOND;
      insertedAt = performance.now();
      await insert(engine, FRESH, (first) => hits(first, FRESH, now - SECOND, now, now, 0));
      if (load.hot) await insert(engine, 12, (first) => hotHits(first, 12, now - SECOND, now));
      const begin = performance.now();
      await tick.run();
      // As after a start of the hub: what is known of a large group is learned once.
      (load.hot && n === begun ? first : took).push(performance.now() - begin);
      await tick.rest();
    }
    await tick.stop();
  }
  const imported = await stop?.();
  const note = imported === undefined ? '' : ` (${imported.toLocaleString('en')} rows came in)`;
  for (const [what, times] of [
    ['tick', took],
    ['hit to alert', told],
    ['the first tick of each type', first],
  ] as const) {
    if (times.length === 0) continue;
    times.sort((a, b) => a - b);
    line(`${load.name}${note}: ${what}`, ...[0.5, 0.95, 0.99, 1].map((share) => quantile(times, share)), times.length);
  }
}

/** The group with a million hits alone, asked by each type about one second. */
async function measureHot(engine: EmbeddedEngine): Promise<void> {
  console.log('\n| the group with a million hits, 24 h | `triggersOf`, ms (median of 7) | most |\n|---|--:|--:|');
  for (const shape of SHAPES) {
    const correlation = correlationOf(shape, DAY);
    const took: number[] = [];
    for (let i = 0; i < 7; i++) {
      const begin = performance.now();
      await triggersOf(
        engine,
        [{ correlation, identity: HOT, groupKey: keyOf(0), from: now - SECOND, to: now + DAY }],
        {},
        new Map([[1, seq]]),
      );
      took.push(performance.now() - begin);
    }
    took.sort((a, b) => a - b);
    line(shape.name, quantile(took, 0.5), quantile(took, 1));
  }
}

const dir = mkdtempSync(join(tmpdir(), 'earshot-correlate-'));
const state = await openState({ type: 'sqlite', busy_timeout_ms: 1_000 }, { folder: dir, now: () => now });
const engine = await startEngine({ dataDir: join(dir, 'data'), runDir: join(dir, 'run'), telemetry: silent });
try {
  await migrate(engine);
  const store = { engine, state };
  await seen(store, [HOT, ...watched.map(({ identity }) => identity)]);
  const begin = performance.now();
  await fill(engine);
  console.log(
    `${seq.toLocaleString('en')} hits in ${((performance.now() - begin) / 1000).toFixed(0)} s; ${FRESH} fresh ones a tick; load ${loadavg()[0]?.toFixed(1)}`,
  );
  console.log('| ms; an alert waits up to 1,000 more for its tick | p50 | p95 | p99 | most | times |\n|---|--:|--:|--:|--:|--:|');
  await measure(store, { name: 'ordinary', hot: false, importing: false });
  await measure(store, { name: 'with the group of a million', hot: true, importing: false });
  await measure(store, { name: 'the same, during an import', hot: true, importing: true });
  await measureHot(engine);
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await engine.stop();
  await state.close();
  rmSync(dir, { recursive: true, force: true });
}
