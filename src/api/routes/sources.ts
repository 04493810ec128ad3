import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { cutText } from '../../lib/cut-text.ts';
import { SharedAnswers } from '../../lib/shared-answers.ts';
import type { Event } from '../../model/event.ts';
import { eventId } from '../../model/event.ts';
import { searchEvents } from '../../store/search/events.ts';
import { textsOf } from '../../store/search/field-values.ts';
import type { QueryNode } from '../../store/search/node.ts';
import { printQuery } from '../../store/search/print.ts';
import {
  HOURS,
  MOST_SPEAKERS,
  type Speaker,
  type SpeakerHours,
  type SpeakerRhythm,
  speakerHours,
  speakerQuery,
  speakerRhythms,
} from '../../store/search/speakers.ts';
import { topValues } from '../../store/search/top-values.ts';
import type { Caller } from '../caller.ts';
import { faultSamplesEndpoint, listSourcesEndpoint, type Sources } from '../contract/sources.ts';
import type { ApiDeps } from '../deps.ts';
import type { Count, CountName, IntakeView } from '../hub-view.ts';
import { FAULTY, hasTag, isFaultTag } from '../overview/fault-tags.ts';
import { isQuiet } from '../overview/quiet.ts';
import { isWhole, part } from '../part.ts';
import { inputProblem } from '../problem.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';
import { visible } from '../visible.ts';

const KEPT_MS = 5_000;
/** Fourteen days are dearer to look at than one, and what is usual in them does not change within a minute. */
const RHYTHMS_KEPT_MS = 60_000;
const HOUR_MS = 3_600_000;
const RECENT_MINUTES = 5;
const MOST_TAGS = 100;
const SAMPLE_CHARACTERS = 600;
const ALL: QueryNode = { type: 'all' };

type Answer = z.input<typeof listSourcesEndpoint.answer>;
type Value<K extends 'doors' | 'speakers' | 'faults'> = Extract<Sources[K], { ok: true }>['value'];

export function sourceRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const answers = new SharedAnswers<Answer>(KEPT_MS, deps.now, ({ doors, speakers, faults }) => isWhole(doors, speakers, faults));
  const rhythms = new SharedAnswers<SpeakerRhythm[]>(RHYTHMS_KEPT_MS, deps.now);
  serve(app, access, listSourcesEndpoint, ({ caller, signal }) => {
    const key = JSON.stringify([...caller.datasets].sort());
    const usual = (to: number, stop: AbortSignal) =>
      rhythms.get(key, stop, (last) => speakerRhythms(deps.engine, { query: visible(ALL, caller), to, signal: last }, deps.now));
    return answers.get(key, signal, (stop) => sources(deps, caller, usual, stop));
  });
  serve(app, access, faultSamplesEndpoint, async ({ query: { tag, limit }, caller, signal }) => {
    if (tag !== undefined && !isFaultTag(tag)) throw inputProblem('query.tag', 'not a tag of something that went wrong');
    const to = deps.now();
    const query = visible(tag === undefined ? FAULTY : hasTag(tag), caller);
    const { events } = await searchEvents(deps.engine, { query, from: to - HOURS * HOUR_MS, to, limit, signal }, deps.now);
    return { samples: events.map(sampleOf) };
  });
}

type Usual = (to: number, signal: AbortSignal) => Promise<SpeakerRhythm[]>;

async function sources(deps: ApiDeps, caller: Pick<Caller, 'datasets'>, usual: Usual, signal: AbortSignal): Promise<Answer> {
  const now = deps.now();
  const { telemetry } = deps;
  const [doors, speakers, faults] = await Promise.all([
    part('doors', telemetry, doorsOf(deps, caller)),
    part('speakers', telemetry, speakersOf(deps, caller, usual, now, signal)),
    part('faults', telemetry, faultsOf(deps, caller, now, signal)),
  ]);
  return { now: iso(now), doors, speakers, faults };
}

const COUNTS = [
  'earshot_received_events_total',
  'earshot_received_bytes_total',
  'earshot_dropped_events_total',
  'earshot_resent_events_total',
  'earshot_truncated_events_total',
  'earshot_refused_connections_total',
  'earshot_connections',
] as const satisfies readonly CountName[];

async function doorsOf({ hub }: ApiDeps, { datasets }: Pick<Caller, 'datasets'>): Promise<Value<'doors'>> {
  const [{ sources: configured }, counts] = await Promise.all([hub.intake(), hub.counts(COUNTS)]);
  return configured.map((source) => doorOf(source, counts, datasets.includes('*')));
}

function doorOf(
  { name, type, listening, fault, polling, refusals }: IntakeView['sources'][number],
  all: readonly Count[],
  seesAll: boolean,
): Value<'doors'>[number] {
  const own = all.filter(({ labels }) => labels.source === name);
  const sum = (metric: CountName) => own.reduce((total, count) => (count.name === metric ? total + count.value : total), 0);
  const byReason = (metric: CountName) =>
    Object.fromEntries(own.flatMap((count) => (count.name === metric ? [[count.labels.reason ?? '', count.value]] : [])));
  return {
    name,
    type,
    state: fault !== undefined ? 'failed' : listening.length > 0 ? 'listening' : 'reading',
    listening: [...listening],
    ...(fault !== undefined && { fault }),
    ...(polling !== undefined && { polling: pollingOf(polling) }),
    ...(seesAll && { received: sum('earshot_received_events_total'), received_bytes: sum('earshot_received_bytes_total') }),
    connections: sum('earshot_connections'),
    resent: sum('earshot_resent_events_total'),
    dropped: byReason('earshot_dropped_events_total'),
    truncated: byReason('earshot_truncated_events_total'),
    refused: byReason('earshot_refused_connections_total'),
    refusals: refusals.map(({ address, why, times, lastAt }) => ({ address, why, times, last_at: iso(lastAt) })),
  };
}

const pollingOf = ({ lagSecs, intervalSecs, perMinute, past }: NonNullable<IntakeView['sources'][number]['polling']>) => ({
  lag_secs: lagSecs,
  interval_secs: intervalSecs,
  calls_per_minute: perMinute,
  past_left_secs: past.left,
  past_secs: past.of,
});

async function speakersOf(
  { engine, now: clock }: ApiDeps,
  caller: Pick<Caller, 'datasets'>,
  usual: Usual,
  now: number,
  signal: AbortSignal,
): Promise<Value<'speakers'>> {
  const [hours, rhythms] = await Promise.all([
    speakerHours(engine, { query: visible(ALL, caller), to: now, signal, faulty: FAULTY }, clock),
    usual(now, signal),
  ]);
  const lately = new Map(hours.map((each) => [keyOf(each), each]));
  const known = new Set(rhythms.map(keyOf));
  const fresh = hours.filter((each) => !known.has(keyOf(each))).map(firstHeard);
  return {
    speakers: [...fresh, ...rhythms].map((rhythm) => speakerOf(rhythm, lately.get(keyOf(rhythm)), now)),
    complete: rhythms.length < MOST_SPEAKERS,
  };
}

/** Who began to speak since the rhythms were looked at: whoever connects a source wants to see it at once. */
const firstHeard = ({ dataset, host, peer, total, lastAt }: SpeakerHours): SpeakerRhythm => ({
  ...{ dataset, host, peer, total, lastAt },
  ...{ firstAt: lastAt, slots: 1, longestPauseMs: 0, medianPauseMs: 0 },
});

const keyOf = ({ dataset, host, peer }: Speaker): string => JSON.stringify([dataset, host, peer]);

function speakerOf(usual: SpeakerRhythm, lately: SpeakerHours | undefined, now: number): Value<'speakers'>['speakers'][number] {
  const rhythm = { ...usual, lastAt: Math.max(usual.lastAt, lately?.lastAt ?? 0) };
  const query = speakerQuery(rhythm);
  return {
    dataset: rhythm.dataset,
    ...(rhythm.host !== '' && { host: rhythm.host }),
    ...(rhythm.peer !== '' && { peer: rhythm.peer }),
    last_seen: iso(rhythm.lastAt),
    silent_secs: Math.max(0, Math.round((now - rhythm.lastAt) / 1000)),
    quiet: isQuiet(rhythm, now),
    longest_pause_secs: Math.round(rhythm.longestPauseMs / 1000),
    median_pause_secs: Math.round(rhythm.medianPauseMs / 1000),
    total: rhythm.total,
    hours: lately ? [...lately.hours] : new Array<number>(HOURS).fill(0),
    per_minute: (lately?.recent ?? 0) / RECENT_MINUTES,
    ...(lately && { lag: { median_secs: lately.lagMs.median / 1000, p95_secs: lately.lagMs.p95 / 1000 } }),
    faulty: lately?.faulty ?? 0,
    faulty_q: printQuery({ type: 'and', nodes: [query, FAULTY] }),
    q: printQuery(query),
  };
}

async function faultsOf(
  { engine, now: clock }: ApiDeps,
  caller: Pick<Caller, 'datasets'>,
  to: number,
  signal: AbortSignal,
): Promise<Value<'faults'>> {
  const from = to - HOURS * HOUR_MS;
  const query = visible(FAULTY, caller);
  const { total, values } = await topValues(engine, { query, from, to, field: 'tags', size: MOST_TAGS, signal }, clock);
  // Such events have other tags too.
  const tags = values.filter(({ value }) => isFaultTag(value));
  return {
    from: iso(from),
    to: iso(to),
    total,
    q: printQuery(FAULTY),
    tags: tags.map(({ value, count }) => ({ tag: value, count, q: printQuery(hasTag(value)) })),
  };
}

function sampleOf(event: Event): z.input<typeof faultSamplesEndpoint.answer>['samples'][number] {
  const text = event.raw.toString('utf8');
  return {
    id: eventId(event.node, event.seq),
    timestamp: iso(event.timestamp),
    source: event.source,
    dataset: String(event.fields['event.dataset'] ?? ''),
    tags: [...textsOf(event.fields.tags)],
    original: cutText(text, SAMPLE_CHARACTERS),
    cut: text.length > SAMPLE_CHARACTERS,
  };
}
