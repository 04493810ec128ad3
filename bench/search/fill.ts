import { join } from 'node:path';
import { FieldSet } from '../../src/model/field-set.ts';
import { evaluate, type Stages } from '../../src/pipeline/evaluator.ts';
import { settingsSchema } from '../../src/settings.ts';
import { buildStages, readRuleFolders } from '../../src/stages.ts';
import { BlockEncoder } from '../../src/store/encode.ts';
import type { EmbeddedEngine } from '../../src/store/engine/engine.ts';
import { sql, str, u64 } from '../../src/store/sql.ts';
import { makeLines } from '../whole-way/lines.ts';

const DAY_MS = 86_400_000;
const BLOCK = 20_000;
/** So many are made from lines; the rest are these again, each time a little later and under numbers of their own. */
const MADE = 1_000_000;
/** Not the hub's own number: it goes on counting from where its raw log is. */
const NODE = 9;
const RULES = join(import.meta.dirname, 'rules');
const BOUNDS = { timeoutMs: 60_000, maxMemoryBytes: 300_000_000, maxRows: 1, lane: 'system' } as const;

/** Fills the event table up to `count` events, spread evenly over the `days` before `until`. They have gone through decoding, mapping and rules. */
export async function fill(engine: EmbeddedEngine, count: number, days: number, until: number): Promise<void> {
  const [row] = await engine.query<{ n: string }>(sql`SELECT count() AS n FROM earshot.events WHERE node = ${u64(NODE)}`, BOUNDS);
  const stored = Number(row?.n ?? 0);
  if (stored >= count) return;
  const made = Math.min(MADE, count);
  const step = (days * DAY_MS) / made;
  const stages = shippedStages();
  for (let first = stored; first < made; first += BLOCK)
    await addLines(engine, stages, first, Math.min(BLOCK, made - first), until - days * DAY_MS, step);
  const copies = Math.ceil(count / made);
  for (let copy = 1; copy < copies; copy += 1) await repeat(engine, copy, made, (step * copy) / copies, days);
  await mergeFinishedDays(engine, days);
}

function shippedStages(): Stages {
  const settings = settingsSchema.parse({ rules: { folders: [RULES] } });
  return buildStages(settings, readRuleFolders(settings).rules).stages;
}

async function addLines(engine: EmbeddedEngine, stages: Stages, first: number, count: number, begin: number, step: number): Promise<void> {
  const { bytes, starts } = makeLines(count, first + 1);
  const origin = { transport: 'tcp', address: '192.0.2.1', port: 40_000 } as const;
  const encoder = new BlockEncoder({ retentionOf: () => ({ name: 'default', days: 365 }) });
  for (let i = 0; i < count; i += 1) {
    const at = Math.floor(begin + (first + i) * step);
    const record = {
      seq: first + i + 1,
      receivedAt: at,
      source: 'syslog',
      origin,
      bytes: bytes.subarray(starts[i], (starts[i + 1] ?? 0) - 1),
    };
    const { event } = evaluate(stages, NODE, record);
    // The lines say the time at which they were made, which nobody takes for that of an event of last month.
    const fields = FieldSet.of(Object.fromEntries([...event.fields].filter(([field]) => field !== 'earshot.unread_timestamp')));
    encoder.add({ ...event, fields, timestamp: at }, JSON.stringify(origin));
  }
  await engine.insert({ ...encoder.finish(), token: `fill-${first}` });
}

/** As the store does by itself four hours after a day's last insert. The last day is still being written to. */
async function mergeFinishedDays(engine: EmbeddedEngine, days: number): Promise<void> {
  const found = await engine.query<{ day: string }>(
    sql`SELECT DISTINCT toString(day) AS day FROM earshot.events ORDER BY day DESC LIMIT ${u64(days)} OFFSET 1`,
    { ...BOUNDS, maxRows: days },
  );
  for (const { day } of found) await engine.command(sql`OPTIMIZE TABLE earshot.events PARTITION ('default', ${str(day)}) FINAL`);
}

/** All that was made once more, a day at a time: an insert over all days would write a part for each at once. */
async function repeat(engine: EmbeddedEngine, copy: number, made: number, laterMs: number, days: number): Promise<void> {
  const a = (day: number) => u64(Math.floor((made / days) * day));
  for (let day = 0; day < days; day += 1) {
    await engine.command(sql`INSERT INTO earshot.events
      SELECT * REPLACE (seq + ${u64(copy * made)} AS seq, ts + toIntervalMillisecond(${u64(Math.floor(laterMs))}) AS ts)
      FROM (SELECT * FROM earshot.events WHERE node = ${u64(NODE)} AND seq > ${a(day)} AND seq <= ${a(day + 1)})
      SETTINGS max_insert_threads = 1`);
  }
}
