// Measures what the hub's correlations ask of the store each second. Run: node bench/correlate.bench.ts [ticks] [hits in millions]
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '../src/detect/correlate/sql/describe.ts';
import { type Asked, triggersOf } from '../src/detect/correlate/sql/triggers.ts';
import type { Bound, Correlation, CorrelationType, Expression } from '../src/detect/sigma/correlation.ts';
import { type EmbeddedEngine, startEngine } from '../src/store/engine/engine.ts';
import { migrate } from '../src/store/migrations.ts';
import { ms, type Sql, sql, str, u64 } from '../src/store/sql.ts';
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
const HEADS = new Map([[1, 2 ** 50]]);

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

/** What is imported has numbers of its own, from here on. */
const IMPORTED = 2 ** 40;
let seq = 1;
async function insert(engine: EmbeddedEngine, count: number, of: (first: number) => Sql): Promise<void> {
  await engine.command(sql`INSERT INTO earshot.hits ${of(seq)}`);
  seq += count;
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

let now = NOW;

/** One second: hits come in, and what they may have brought about is asked, and described where it holds. */
async function tick(engine: EmbeddedEngine, { hot }: Load, n: number): Promise<{ took: number; found: number }> {
  now += SECOND;
  const firstSeq = seq;
  const from = now - SECOND;
  await insert(engine, FRESH, (first) => hits(first, FRESH, from, now, now, 0));
  if (hot) await insert(engine, 12, (first) => hotHits(first, 12, from, now));
  const fresh = await engine.query<{ counter: string; key: string; first: string; last: string }>(
    sql`SELECT counter, group_key AS key, min(t) AS first, max(t) AS last FROM earshot.hits WHERE node = 1 AND seq > ${u64(firstSeq)}
      AND seq < ${u64(IMPORTED)} AND late = 0 AND moment = 0 GROUP BY counter, group_key`,
    { timeoutMs: 5_000, maxMemoryBytes: 200 * 1024 ** 2, maxRows: 100_000, lane: 'detect' },
  );
  const known = new Map(watched.map((each) => [each.identity, each.correlation]));
  known.set(
    HOT,
    correlationOf({ ...shapeOf(n), bounds: shapeOf(n).bounds.map(({ op, number }) => ({ op, number: number * 1_000 })) }, DAY),
  );
  const asked = fresh.flatMap(({ counter, key, first, last }): Asked[] => {
    const correlation = known.get(counter);
    if (correlation === undefined) return [];
    return [{ correlation, identity: counter, groupKey: key, from: Number(first), to: Number(last) + correlation.timespanMs }];
  });
  const begin = performance.now();
  const spans = await triggersOf(engine, asked, {}, HEADS);
  const episodes = spans.flatMap(({ identity, groupKey, first, last }) => {
    const correlation = known.get(identity);
    return correlation === undefined ? [] : [{ correlation, identity, groupKey, first, last }];
  });
  if (episodes.length > 0) await describe(engine, episodes, {}, HEADS);
  return { took: performance.now() - begin, found: spans.length };
}

/** Events of a year ago and since, a hundred thousand at a time, without a pause. */
function importing(engine: EmbeddedEngine): () => Promise<number> {
  let [goes, rows] = [true, 0];
  const done = (async () => {
    while (goes) {
      const block = hits(IMPORTED + rows, 100_000, NOW - 365 * DAY, NOW - 30 * DAY, now, 2);
      await engine.command(sql`INSERT INTO earshot.hits ${block}`);
      rows += 100_000;
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

async function measure(engine: EmbeddedEngine, load: Load): Promise<void> {
  const stop = load.importing ? importing(engine) : undefined;
  const took: number[] = [];
  let found = 0;
  for (let n = 0; n < TICKS; n++) {
    const each = await tick(engine, load, n);
    took.push(each.took);
    found += each.found;
  }
  const imported = await stop?.();
  took.sort((a, b) => a - b);
  const note = imported === undefined ? '' : ` (${imported.toLocaleString('en')} rows came in)`;
  line(load.name + note, ...[0.5, 0.95, 0.99, 1].map((share) => quantile(took, share)), found);
}

/** The group with a million hits alone, asked by each type about one second. */
async function measureHot(engine: EmbeddedEngine): Promise<void> {
  console.log('\n| the group with a million hits, 24 h | `triggersOf`, ms (median of 7) | most |\n|---|--:|--:|');
  for (const shape of SHAPES) {
    const correlation = correlationOf(shape, DAY);
    const took: number[] = [];
    for (let i = 0; i < 7; i++) {
      const begin = performance.now();
      await triggersOf(engine, [{ correlation, identity: HOT, groupKey: keyOf(0), from: now - SECOND, to: now + DAY }], {}, HEADS);
      took.push(performance.now() - begin);
    }
    took.sort((a, b) => a - b);
    line(shape.name, quantile(took, 0.5), quantile(took, 1));
  }
}

const dir = mkdtempSync(join(tmpdir(), 'earshot-correlate-'));
const engine = await startEngine({ dataDir: join(dir, 'data'), runDir: join(dir, 'run'), telemetry: silent });
try {
  await migrate(engine);
  const begin = performance.now();
  await fill(engine);
  console.log(
    `${seq.toLocaleString('en')} hits in ${((performance.now() - begin) / 1000).toFixed(0)} s; ${FRESH} fresh ones a tick; load ${loadavg()[0]?.toFixed(1)}`,
  );
  console.log('| one tick, ms | p50 | p95 | p99 | most | found |\n|---|--:|--:|--:|--:|--:|');
  await measure(engine, { name: 'ordinary', hot: false, importing: false });
  await measure(engine, { name: 'with the group of a million', hot: true, importing: false });
  await measure(engine, { name: 'the same, during an import', hot: true, importing: true });
  await measureHot(engine);
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await engine.stop();
  rmSync(dir, { recursive: true, force: true });
}
