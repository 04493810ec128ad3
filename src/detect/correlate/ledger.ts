import type { CorrelationRunRow, StateDb, StateTransaction } from '../../store/state/state.ts';
import type { Seqs } from './touched.ts';

/** Which rows a pass looks at: those in time, those whose time has settled, those that came late, and those that came too late to be told. */
export type Pass = 'now' | 'settled' | 'late' | 'import';

/** How far a pass has looked. */
export interface Cursor {
  readonly seqs: Seqs;
  /** Milliseconds since the epoch, in the time of the events. */
  readonly watermark: number;
}

/** What a pass has done since its cursor was last written. */
export interface Stride {
  readonly pass: Pass | 'baselines';
  readonly from: Cursor;
  readonly to: Cursor;
  /** A hash of what was counted. */
  readonly counters: string;
  readonly ticks: number;
  readonly slowestMs: number;
  /** How many ticks were cut, and went on in the next. */
  readonly cut: number;
  readonly beganAt: number;
}

/** A stretch that nobody has looked at. */
export interface Gap {
  readonly pass: string;
  readonly fromSeqs: Seqs;
  readonly toSeqs: Seqs;
  /** How long it is, in milliseconds of the events' time. */
  readonly lengthMs: number;
}

export const NOWHERE: Cursor = { seqs: new Map(), watermark: 0 };

export async function readCursor(db: Pick<StateDb, 'selectFrom'>, pass: string): Promise<Cursor | undefined> {
  const row = await db.selectFrom('correlation_cursors').selectAll().where('pass', '=', pass).executeTakeFirst();
  return row && { seqs: readSeqs(row.seqs), watermark: row.watermark };
}

/** Moves the cursor of a pass, or of another that looks through what there is. */
export async function keepCursor(tx: StateTransaction, pass: string, { seqs, watermark }: Cursor, now: number): Promise<void> {
  const cursor = { seqs: seqsText(seqs), watermark, changed_at: now };
  await tx
    .insertInto('correlation_cursors')
    .values({ pass, ...cursor })
    .onConflict((conflict) => conflict.column('pass').doUpdateSet(cursor))
    .execute();
}

/** Moves the cursor of a pass, and writes down from where. Ticks in a row that left nothing out are one line of the ledger. */
export async function writeStride(tx: StateTransaction, stride: Stride, now: number): Promise<void> {
  const { pass, to } = stride;
  await keepCursor(tx, pass, to, now);
  const last = await tx
    .selectFrom('correlation_runs')
    .selectAll()
    .where('pass', '=', pass)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst();
  const row = last !== undefined && continues(last, stride) ? longer(last, stride, now) : newRun(last, stride, now);
  await tx
    .insertInto('correlation_runs')
    .values(row)
    .onConflict((conflict) => conflict.columns(['pass', 'position']).doUpdateSet(row))
    .execute();
  await tx
    .deleteFrom('correlation_runs')
    .where('pass', '=', pass)
    .where('position', '<=', row.position - KEPT)
    .execute();
}

/** Lines of a pass that are kept. A line ends when what is counted changes. */
const KEPT = 1_000;

const continues = (last: CorrelationRunRow, { from, counters }: Stride): boolean =>
  last.to_seqs === seqsText(from.seqs) && last.to_watermark === from.watermark && last.counters === counters;

const longer = (last: CorrelationRunRow, { to, ticks, slowestMs, cut }: Stride, now: number): CorrelationRunRow => ({
  ...last,
  to_seqs: seqsText(to.seqs),
  to_watermark: to.watermark,
  ticks: last.ticks + ticks,
  slowest_ms: Math.max(last.slowest_ms, Math.round(slowestMs)),
  cut: last.cut + cut,
  ended_at: now,
});

const newRun = (last: CorrelationRunRow | undefined, stride: Stride, now: number): CorrelationRunRow => ({
  pass: stride.pass,
  position: (last?.position ?? 0) + 1,
  counters: stride.counters,
  from_seqs: seqsText(stride.from.seqs),
  to_seqs: seqsText(stride.to.seqs),
  from_watermark: stride.from.watermark,
  to_watermark: stride.to.watermark,
  ticks: stride.ticks,
  slowest_ms: Math.round(stride.slowestMs),
  cut: stride.cut,
  began_at: stride.beganAt,
  ended_at: now,
});

/** Stretches between the lines of the ledger that no pass has looked at. There should be none. */
export async function gapsOf(db: Pick<StateDb, 'selectFrom'>): Promise<Gap[]> {
  const rows = await db.selectFrom('correlation_runs').selectAll().orderBy('pass').orderBy('position').execute();
  return rows.flatMap((row, i) => {
    const before = rows[i - 1];
    if (before === undefined || before.pass !== row.pass) return [];
    const [fromSeqs, toSeqs] = [readSeqs(before.to_seqs), readSeqs(row.from_seqs)];
    const isSkipped = [...toSeqs].some(([node, seq]) => seq > (fromSeqs.get(node) ?? 0));
    const lengthMs = Math.max(0, row.from_watermark - before.to_watermark);
    return isSkipped || lengthMs > 0 ? [{ pass: row.pass, fromSeqs, toSeqs, lengthMs }] : [];
  });
}

const seqsText = (seqs: Seqs): string => JSON.stringify(Object.fromEntries([...seqs].sort(([a], [b]) => a - b)));

/** Written by {@link keepCursor} and {@link writeStride}. */
const readSeqs = (text: string): Seqs =>
  new Map(Object.entries(JSON.parse(text) as Record<string, number>).map(([node, seq]) => [Number(node), seq]));
