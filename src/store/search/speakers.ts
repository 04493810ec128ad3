import { ms, sql, u64 } from '../sql.ts';
import type { EventEngine } from '../store.ts';
import { boundsWithin, REQUEST_TIMEOUT_MS } from './bounds.ts';
import { searchCondition } from './candidate.ts';
import { compileQuery, QUERY_SETTINGS } from './compile-sql.ts';
import { patternOf, type QueryNode } from './node.ts';
import { between } from './position.ts';
import { eventsWhere, type Reading } from './reading.ts';

/** Who speaks: the events of one dataset from one host, or where they name none, from one peer's address. In lower case, as searches compare. */
export interface Speaker {
  readonly dataset: string;
  /** '' where the events name none; then there is a peer. */
  readonly host: string;
  /** Address that the messages came from, without its port; '' where there is a host, or no peer is known (files). */
  readonly peer: string;
}

/** The last hours of a speaker. */
export interface SpeakerHours extends Speaker {
  readonly total: number;
  /** Time of the latest event, milliseconds since the epoch. */
  readonly lastAt: number;
  /** Of each of the last 24 hours, the oldest first; the last ends now. */
  readonly hours: readonly number[];
  /** In the last five minutes. */
  readonly recent: number;
  /** Between the event's own time and when it came, in milliseconds: of every second one, and of all but five in a hundred, no more. */
  readonly lagMs: { readonly median: number; readonly p95: number };
  /** How many match `faulty`. */
  readonly faulty: number;
}

/** How a speaker has spoken over days. All times in milliseconds; a pause is the time between two events that follow one another. */
export interface SpeakerRhythm extends Speaker {
  readonly total: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Stretches of {@link SLOT_MS} in which it spoke. */
  readonly slots: number;
  /** Pauses between one such stretch and the next; 0 where there is one only. */
  readonly longestPauseMs: number;
  readonly medianPauseMs: number;
}

export const HOURS = 24;
export const RHYTHM_DAYS = 14;
const SLOT_MS = 600_000;
const HOUR_MS = 3_600_000;
const RECENT_MS = 300_000;
/** Speakers that are told of, the most talkative first. */
export const MOST_SPEAKERS = 1_000;

/** `log.source.address` is `192.0.2.1:514` or `[2001:db8::1]:514`, and without a port the address alone. */
const PEER = sql`multiIf(host_name != '', '',
  startsWith(log_source_address, '['), extract(log_source_address, '^.([^]]*)'),
  countSubstrings(log_source_address, ':') = 1, substringIndex(log_source_address, ':', 1),
  toString(log_source_address))`;
const SPEAKER = sql`lower(event_dataset) AS dataset, lower(host_name) AS host, ${PEER} AS peer`;

interface Asked {
  readonly query: QueryNode;
  /** Milliseconds since the epoch, exclusive: the range ends here. */
  readonly to: number;
  readonly signal?: AbortSignal | undefined;
}

/** The query that finds a speaker's events again. */
export function speakerQuery({ dataset, host, peer }: Speaker): QueryNode {
  const is = (field: string, text: string): QueryNode => ({ type: 'is', field, pattern: patternOf([text]) });
  const none = (field: string): QueryNode => ({ type: 'not', node: { type: 'exists', field } });
  const nodes: QueryNode[] = [dataset === '' ? none('event.dataset') : is('event.dataset', dataset)];
  if (host !== '') return { type: 'and', nodes: [...nodes, is('host.name', host)] };
  nodes.push(none('host.name'));
  if (peer === '') return { type: 'and', nodes: [...nodes, none('log.source.address')] };
  const withPort = `${peer.includes(':') ? `[${peer}]` : peer}:`;
  const port: QueryNode = { type: 'is', field: 'log.source.address', pattern: patternOf([withPort, { wild: '*' }]) };
  return { type: 'and', nodes: [...nodes, { type: 'or', nodes: [is('log.source.address', peer), port] }] };
}

/** The last {@link HOURS} hours of every speaker; `faulty` is counted beside. Throws EngineError. */
export async function speakerHours(
  engine: EventEngine,
  { query, faulty, to, signal }: Asked & { readonly faulty: QueryNode },
  now: () => number,
): Promise<SpeakerHours[]> {
  const from = to - HOURS * HOUR_MS;
  const hour = sql`toUInt8(intDiv(toUnixTimestamp64Milli(ts) - ${ms(from)}, 3600000))`;
  const at = now();
  const spoken = eventsWhere(
    (reading) => sql`${between(from, to)} AND ${searchCondition(query, at, reading)}`,
    (rows, reading) => sql`SELECT ${SPEAKER}, ts, ingested, ${compileQuery(faulty, at, reading)} AS is_faulty FROM ${rows}`,
  );
  // 24 is HOURS: an aggregate's parameters are literals.
  const statement = sql`SELECT dataset, host, peer, count() AS total, toUnixTimestamp64Milli(max(ts)) AS last_ms,
      countResample(0, 24, 1)(${hour}) AS hours,
      countIf(toUnixTimestamp64Milli(ts) >= ${ms(to - RECENT_MS)}) AS recent,
      quantilesTDigest(0.5, 0.95)(toUnixTimestamp64Milli(ingested) - toUnixTimestamp64Milli(ts)) AS lags,
      countIf(is_faulty) AS faulty
    FROM ${spoken}
    GROUP BY dataset, host, peer ORDER BY total DESC, dataset, host, peer LIMIT ${u64(MOST_SPEAKERS)} SETTINGS ${QUERY_SETTINGS}`;
  const rows = await engine.query<HoursRow>(statement, boundsWithin(REQUEST_TIMEOUT_MS, 0, MOST_SPEAKERS, signal));
  return rows.map(({ dataset, host, peer, total, last_ms, hours, recent, lags: [median = 0, p95 = 0], faulty: faults }) => ({
    dataset,
    host,
    peer,
    total: Number(total),
    lastAt: Number(last_ms),
    hours: hours.map(Number),
    recent: Number(recent),
    lagMs: { median: Math.round(median), p95: Math.round(p95) },
    faulty: Number(faults),
  }));
}

interface HoursRow extends Speaker {
  readonly total: string;
  readonly last_ms: string;
  readonly hours: readonly string[];
  readonly recent: string;
  readonly lags: readonly number[];
  readonly faulty: string;
}

/** How every speaker has spoken over the last {@link RHYTHM_DAYS} days. Throws EngineError. */
export async function speakerRhythms(engine: EventEngine, { query, to, signal }: Asked, now: () => number): Promise<SpeakerRhythm[]> {
  const asked = now();
  const where = (reading: Reading) => sql`${between(to - RHYTHM_DAYS * HOURS * HOUR_MS, to)} AND ${searchCondition(query, asked, reading)}`;
  const at = sql`toUnixTimestamp64Milli(ts)`;
  const slots = sql`SELECT dataset, host, peer, intDiv(${at}, ${ms(SLOT_MS)}) AS slot, count() AS n, min(${at}) AS first, max(${at}) AS last
    FROM ${eventsWhere(where, (rows) => sql`SELECT ${SPEAKER}, ts FROM ${rows}`)} GROUP BY dataset, host, peer, slot`;
  const pauses = sql`SELECT *, first - lagInFrame(last, 1, first) OVER (PARTITION BY dataset, host, peer ORDER BY slot
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS pause FROM (${slots})`;
  const statement = sql`SELECT dataset, host, peer, sum(n) AS total, min(first) AS first_ms, max(last) AS last_ms, count() AS slots,
      max(pause) AS longest, quantileTDigestIf(0.5)(pause, pause > 0) AS median
    FROM (${pauses}) GROUP BY dataset, host, peer ORDER BY total DESC, dataset, host, peer
    LIMIT ${u64(MOST_SPEAKERS)} SETTINGS ${QUERY_SETTINGS}`;
  const rows = await engine.query<RhythmRow>(statement, boundsWithin(REQUEST_TIMEOUT_MS, 0, MOST_SPEAKERS, signal));
  return rows.map(({ dataset, host, peer, total, first_ms, last_ms, slots: count, longest, median }) => ({
    dataset,
    host,
    peer,
    total: Number(total),
    firstAt: Number(first_ms),
    lastAt: Number(last_ms),
    slots: Number(count),
    longestPauseMs: Number(longest),
    medianPauseMs: Number.isFinite(median) ? Math.round(Number(median)) : 0,
  }));
}

interface RhythmRow extends Speaker {
  readonly total: string;
  readonly first_ms: string;
  readonly last_ms: string;
  readonly slots: string;
  readonly longest: string;
  readonly median: number | null;
}
