import { sql, u64 } from './sql.ts';
import type { EventEngine, QueryBounds } from './store.ts';

/** A link of the hash chain as the state database has it. */
export interface ChainRecord {
  readonly node: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly count: number;
  /** Lower-case hex of SHA-256. */
  readonly previous: string;
  readonly hash: string;
}

export interface ChainRow {
  readonly node: number;
  readonly seq: number;
  readonly receivedAt: number;
  readonly source: string;
  readonly raw: Buffer;
}

export type ChainHash = (previous: string, rows: Iterable<ChainRow>) => string;

/** The first place where the store is not what was acknowledged. */
export interface Difference {
  /** `broken`: the links themselves do not follow one another. `changed`: all rows are there, with other content. */
  readonly kind: 'missing' | 'extra' | 'changed' | 'broken';
  readonly node: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly message: string;
}

export interface VerifyReport {
  readonly verifiedLinks: number;
  readonly verifiedEvents: number;
  /** Links all of whose events were dropped by retention. */
  readonly expiredLinks: number;
  /** Links some of whose events were dropped by retention: what is left of them cannot be verified. */
  readonly partlyExpiredLinks: number;
  readonly expiredEvents: number;
  readonly difference?: Difference;
}

interface DroppedRange {
  readonly node: number;
  readonly first: number;
  readonly last: number;
}

interface Tally {
  verifiedLinks: number;
  verifiedEvents: number;
  expiredLinks: number;
  partlyExpiredLinks: number;
  expiredEvents: number;
}

/** Events held in memory at a time, unless one link alone has more; and those of one answer of the engine. */
const WINDOW_EVENTS = 20_000;
const PAGE_EVENTS = 4_000;
const BOUNDS: QueryBounds = { timeoutMs: 120_000, maxMemoryBytes: 300 * 1024 ** 2, maxRows: 1_000_000, lane: 'system' };

/**
 * Recomputes the hash chain from the stored rows and stops at the first difference. The links come in the order of one node after the
 * other, each node's by `firstSeq`. Rows that retention has dropped are told apart by what it recorded. Throws an EngineError.
 */
export async function verifyChain(
  engine: EventEngine,
  links: AsyncIterable<ChainRecord> | Iterable<ChainRecord>,
  chainHash: ChainHash,
): Promise<VerifyReport> {
  const tally: Tally = { verifiedLinks: 0, verifiedEvents: 0, expiredLinks: 0, partlyExpiredLinks: 0, expiredEvents: 0 };
  const dropped = await droppedRanges(engine);
  let before: ChainRecord | undefined;
  for await (const window of windowsOf(links)) {
    const difference = brokenLink(before, window) ?? (await verifyWindow(engine, before, window, { chainHash, dropped, tally }));
    if (difference) return { ...tally, difference };
    before = window.at(-1);
  }
  return tally;
}

/** Links of one node with nothing between them, that are read together: an idle hub makes links of one event. */
async function* windowsOf(links: AsyncIterable<ChainRecord> | Iterable<ChainRecord>): AsyncGenerator<ChainRecord[]> {
  let window: ChainRecord[] = [];
  let events = 0;
  for await (const link of links) {
    const last = window.at(-1);
    if (last && (link.node !== last.node || link.firstSeq !== last.lastSeq + 1 || events + link.count > WINDOW_EVENTS)) {
      yield window;
      window = [];
      events = 0;
    }
    window.push(link);
    events += link.count;
  }
  if (window.length > 0) yield window;
}

function brokenLink(before: ChainRecord | undefined, window: readonly ChainRecord[]): Difference | undefined {
  let previous = before;
  for (const link of window) {
    const follows = previous === undefined || previous.node !== link.node;
    if (!follows && previous && (previous.hash !== link.previous || previous.lastSeq >= link.firstSeq)) {
      return differ('broken', link, link.firstSeq, link.lastSeq, `it does not follow the link that ends at ${previous.lastSeq}`);
    }
    previous = link;
  }
  return undefined;
}

interface Checks {
  readonly chainHash: ChainHash;
  readonly dropped: readonly DroppedRange[];
  readonly tally: Tally;
}

async function verifyWindow(
  engine: EventEngine,
  before: ChainRecord | undefined,
  window: readonly ChainRecord[],
  checks: Checks,
): Promise<Difference | undefined> {
  const first = window[0];
  const last = window.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const rows = await readRows(engine, first.node, first.firstSeq, last.lastSeq);
  let previous = before?.node === first.node ? before : undefined;
  let at = 0;
  for (const link of window) {
    const stray = previous && previous.lastSeq + 1 < link.firstSeq ? await strayRows(engine, link, previous.lastSeq + 1) : undefined;
    if (stray) return stray;
    while ((rows[at]?.seq ?? Number.POSITIVE_INFINITY) < link.firstSeq) at++;
    const from = at;
    while ((rows[at]?.seq ?? Number.POSITIVE_INFINITY) <= link.lastSeq) at++;
    const difference = verifyLink(link, rows.slice(from, at), checks);
    if (difference) return difference;
    previous = link;
  }
  return undefined;
}

async function readRows(engine: EventEngine, node: number, first: number, last: number): Promise<ChainRow[]> {
  const rows: ChainRow[] = [];
  for (let from = first; from <= last; from += PAGE_EVENTS) {
    const page = await engine.query<{ seq: string; ms: string; source: string; raw_base64: string }>(
      sql`SELECT seq, toUnixTimestamp64Milli(ingested) AS ms, source, base64Encode(raw) AS raw_base64 FROM earshot.events
          WHERE node = ${u64(node)} AND seq BETWEEN ${u64(from)} AND ${u64(Math.min(last, from + PAGE_EVENTS - 1))} ORDER BY seq`,
      BOUNDS,
    );
    for (const { seq, ms, source, raw_base64 } of page) {
      rows.push({ node, seq: Number(seq), receivedAt: Number(ms), source, raw: Buffer.from(raw_base64, 'base64') });
    }
  }
  return rows;
}

/** Numbers between two links were never given out; whatever has one was not received. */
async function strayRows(engine: EventEngine, link: ChainRecord, from: number): Promise<Difference | undefined> {
  const [row] = await engine.query<{ first: string; last: string; found: string }>(
    sql`SELECT min(seq) AS first, max(seq) AS last, count() AS found FROM earshot.events
        WHERE node = ${u64(link.node)} AND seq BETWEEN ${u64(from)} AND ${u64(link.firstSeq - 1)}`,
    BOUNDS,
  );
  if (row === undefined || Number(row.found) === 0) return undefined;
  return differ('extra', link, Number(row.first), Number(row.last), 'no block of the raw log had these events');
}

/** Which numbers retention has dropped events of, joined where they touch, so that a gap over several partitions is covered too. */
async function droppedRanges(engine: EventEngine): Promise<DroppedRange[]> {
  const rows = await engine.query<{ node: number; first: string; last: string }>(
    sql`SELECT node, first_seq AS first, last_seq AS last FROM earshot.dropped ORDER BY node, first_seq`,
    BOUNDS,
  );
  const ranges: { node: number; first: number; last: number }[] = [];
  for (const row of rows) {
    const first = Number(row.first);
    const last = Number(row.last);
    const open = ranges.at(-1);
    if (open && open.node === row.node && first <= open.last + 1) open.last = Math.max(open.last, last);
    else ranges.push({ node: row.node, first, last });
  }
  return ranges;
}

function verifyLink(link: ChainRecord, rows: readonly ChainRow[], { chainHash, dropped, tally }: Checks): Difference | undefined {
  const twice = rows.find((row, i) => row.seq === rows[i - 1]?.seq);
  if (twice) return differ('extra', link, twice.seq, twice.seq, 'the event is stored more than once');
  if (rows.length > link.count)
    return differ('extra', link, link.firstSeq, link.lastSeq, `${rows.length} events where there were ${link.count}`);
  const gaps = gapsOf(link, rows);
  const lost = gaps.find((gap) => !dropped.some(({ node, first, last }) => node === link.node && first <= gap.first && gap.last <= last));
  if (lost) return differ('missing', link, lost.first, lost.last, 'the events are gone, and retention did not drop them');
  if (rows.length < link.count) {
    tally.expiredEvents += link.count - rows.length;
    if (rows.length === 0) tally.expiredLinks++;
    else tally.partlyExpiredLinks++;
    return undefined;
  }
  if (chainHash(link.previous, rows) !== link.hash)
    return differ('changed', link, link.firstSeq, link.lastSeq, 'the events are not as they were received');
  tally.verifiedLinks++;
  tally.verifiedEvents += rows.length;
  return undefined;
}

/** The numbers a link has and the rows do not. A link's numbers follow one another without gaps. */
function gapsOf(link: ChainRecord, rows: readonly ChainRow[]): { readonly first: number; readonly last: number }[] {
  const gaps: { first: number; last: number }[] = [];
  let next = link.firstSeq;
  for (const { seq } of rows) {
    if (seq > next) gaps.push({ first: next, last: seq - 1 });
    next = seq + 1;
  }
  if (next <= link.lastSeq) gaps.push({ first: next, last: link.lastSeq });
  return gaps;
}

const differ = (kind: Difference['kind'], { node }: ChainRecord, firstSeq: number, lastSeq: number, why: string): Difference => ({
  kind,
  node,
  firstSeq,
  lastSeq,
  message: `Node ${node}, events ${firstSeq} to ${lastSeq}: ${why}.`,
});
