import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { SharedAnswers } from '../../lib/shared-answers.ts';
import type { AlertFigures } from '../../model/alert-figures.ts';
import { LEVELS, type Level } from '../../model/severity.ts';
import { histogram } from '../../store/search/histogram.ts';
import { DETECTED, levelsOverTime, SHOWN_LEVELS } from '../../store/search/levels-over-time.ts';
import type { QueryNode } from '../../store/search/node.ts';
import { printQuery } from '../../store/search/print.ts';
import { RHYTHM_DAYS, type SpeakerRhythm, speakerQuery, speakerRhythms } from '../../store/search/speakers.ts';
import { storeSize } from '../../store/size.ts';
import type { Caller } from '../caller.ts';
import { type Overview, overviewEndpoint, type Period } from '../contract/overview.ts';
import type { ApiDeps } from '../deps.ts';
import { type ComparedPeriod, comparedPeriod } from '../overview/periods.ts';
import { quietOnes } from '../overview/quiet.ts';
import { countOf, RISK_WEIGHTS, riskOf } from '../overview/risk.ts';
import { isWhole, part } from '../part.ts';
import { type Access, serve } from '../serve.ts';
import { iso } from '../time-range.ts';
import { visible } from '../visible.ts';

/** Ten pages that are open at once cost one look. A longer period is dearer to look at, and changes less. */
const KEPT_MS: Readonly<Record<Period, number>> = { day: 10_000, week: 20_000, month: 60_000 };
/** Fourteen days are dearer to look at than one, and who is quiet is so for an hour at least. */
const RHYTHMS_KEPT_MS = 60_000;
const MOST_QUIET = 12;
const ALL: QueryNode = { type: 'all' };

type Answer = z.input<typeof overviewEndpoint.answer>;

export function overviewRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const rhythms = new SharedAnswers<SpeakerRhythm[]>(RHYTHMS_KEPT_MS, deps.now);
  const shared = (period: Period) => new SharedAnswers<Answer>(KEPT_MS[period], deps.now, isComplete);
  const answers: Readonly<Record<Period, SharedAnswers<Answer>>> = { day: shared('day'), week: shared('week'), month: shared('month') };
  serve(app, access, overviewEndpoint, async ({ query: { period }, caller, signal }) => {
    // Who sees the same datasets sees the same overview.
    const key = JSON.stringify([...caller.datasets].sort());
    const heard: Heard = (to, stop) =>
      rhythms.get(key, stop, (last) => speakerRhythms(deps.engine, { query: visible(ALL, caller), to, signal: last }, deps.now));
    return answers[period].get(key, signal, (stop) => overview({ deps, caller, heard, signal: stop }, period));
  });
}

const isComplete = ({ events, detections, alerts, quiet, health: { intake, engine, disk, outbox } }: Answer): boolean =>
  isWhole(events, detections, alerts, quiet, intake, engine, disk, outbox);

/** How everybody has spoken in the days before. */
type Heard = (to: number, signal: AbortSignal) => Promise<SpeakerRhythm[]>;

interface Asked {
  readonly deps: ApiDeps;
  readonly compared: ComparedPeriod;
  readonly caller: Pick<Caller, 'datasets'>;
  readonly heard: Heard;
  readonly signal: AbortSignal;
}

async function overview(about: Omit<Asked, 'compared'>, period: Period): Promise<Answer> {
  const { deps, caller, signal } = about;
  const compared = comparedPeriod(period, deps.now());
  const asked: Asked = { ...about, compared };
  const { telemetry } = deps;
  const [events, detections, alerts, quiet, health] = await Promise.all([
    part('events', telemetry, eventsOf(asked)),
    part('detections', telemetry, detectionsOf(asked)),
    part('alerts', telemetry, alertsOf(asked)),
    part('quiet sources', telemetry, quietOf(asked)),
    healthOf(deps, caller, signal),
  ]);
  const shown = ({ from, to }: ComparedPeriod['now']) => ({ from: iso(from), to: iso(to) });
  return { period, ...shown(compared.now), before: shown(compared.before), events, detections, alerts, quiet, health };
}

type Value<K extends 'events' | 'detections' | 'alerts' | 'quiet'> = Extract<Overview[K], { ok: true }>['value'];

async function eventsOf({ deps: { engine, now }, compared, caller, signal }: Asked): Promise<Value<'events'>> {
  const query = visible(ALL, caller);
  const [current, before] = await Promise.all([
    histogram(engine, { query, ...compared.now, intervalMs: compared.barMs, signal }, now),
    histogram(engine, { query, ...compared.before, intervalMs: compared.barMs, signal }, now),
  ]);
  const bars = current.bars.map(({ start, count }) => ({ start: iso(start), count }));
  return { total: current.total, before: before.total, interval_ms: current.intervalMs, bars };
}

async function detectionsOf({ deps: { engine, now }, compared, caller, signal }: Asked): Promise<Value<'detections'>> {
  const query = visible(ALL, caller);
  const [current, before] = await Promise.all([
    levelsOverTime(engine, { query, ...compared.now, intervalMs: compared.barMs, signal }, now),
    histogram(engine, { query: visible(DETECTED, caller), ...compared.before, intervalMs: compared.barMs, signal }, now),
  ]);
  return {
    total: current.total,
    before: before.total,
    interval_ms: current.intervalMs,
    bars: current.bars.map(({ start, levels }) => ({ start: iso(start), levels })),
    queries: QUERIES,
  };
}

/** The search for the events whose highest level is this one. */
const queryOf = (level: Level): string =>
  [`rule.level:${level}`, ...LEVELS.slice(LEVELS.indexOf(level) + 1).map((worse) => `NOT rule.level:${worse}`)].join(' AND ');

const QUERIES = {
  informational: queryOf('informational'),
  low: queryOf('low'),
  medium: queryOf('medium'),
  high: queryOf('high'),
  critical: queryOf('critical'),
  all: `rule.level:(${SHOWN_LEVELS.join(' OR ')})`,
};

async function alertsOf({ deps, compared, caller: { datasets } }: Asked): Promise<Value<'alerts'>> {
  const { hub, alerts } = deps;
  const [now, before, pace, paceBefore] = await Promise.all([
    hub.alertFigures({ ...compared.now, datasets }),
    hub.alertFigures({ ...compared.before, datasets }),
    alerts.stats({ ...compared.now, by: 'level', datasets }),
    alerts.stats({ ...compared.before, by: 'level', datasets }),
  ]);
  const listed = now.rules.reduce((sum, { count }) => sum + count, 0);
  return {
    now: figuresOf(now, pace.all),
    before: figuresOf(before, paceBefore.all),
    risk_weights: RISK_WEIGHTS,
    rules: now.rules.map(({ ruleId, ruleName, title, level, count }) => ({ rule_id: ruleId, rule_name: ruleName, title, level, count })),
    other_rules: countOf(now.byLevel) - listed,
    people: [...now.people],
  };
}

const figuresOf = (
  { byLevel }: AlertFigures,
  pace: { readonly medianAcknowledgeSecs?: number | undefined; readonly medianResolveSecs?: number | undefined },
): Value<'alerts'>['now'] => ({
  total: countOf(byLevel),
  by_level: byLevel,
  risk: riskOf(byLevel),
  ...(pace.medianAcknowledgeSecs !== undefined && { median_acknowledge_secs: pace.medianAcknowledgeSecs }),
  ...(pace.medianResolveSecs !== undefined && { median_resolve_secs: pace.medianResolveSecs }),
});

async function quietOf({ compared, heard, signal }: Asked): Promise<Value<'quiet'>> {
  const { to } = compared.now;
  const rhythms = await heard(to, signal);
  const quiet = quietOnes(rhythms, to);
  return {
    sources: quiet.slice(0, MOST_QUIET).map((rhythm) => quietSource(rhythm, to)),
    total: quiet.length,
    heard: rhythms.length,
    days: RHYTHM_DAYS,
  };
}

const quietSource = (rhythm: SpeakerRhythm, now: number): Value<'quiet'>['sources'][number] => ({
  dataset: rhythm.dataset,
  ...(rhythm.host !== '' && { host: rhythm.host }),
  ...(rhythm.peer !== '' && { peer: rhythm.peer }),
  last_seen: iso(rhythm.lastAt),
  silent_secs: Math.round((now - rhythm.lastAt) / 1000),
  longest_pause_secs: Math.round(rhythm.longestPauseMs / 1000),
  q: printQuery(speakerQuery(rhythm)),
});

async function healthOf(
  { hub, engine, telemetry, now }: ApiDeps,
  { datasets }: Pick<Caller, 'datasets'>,
  signal: AbortSignal,
): Promise<Answer['health']> {
  const [intake, store, disk, outbox] = await Promise.all([
    part('intake', telemetry, hub.intake()),
    part('engine', telemetry, storeSize(engine, signal)),
    part('disk', telemetry, hub.disk()),
    part('outbox', telemetry, hub.outbox()),
  ]);
  const correlations = hub.correlations();
  return {
    ...(correlations && { correlations: { lag_secs: correlations.lagSecs, gap_secs: correlations.gapSecs } }),
    intake: intake.ok ? { ok: true, value: intakeOf(intake.value, now()) } : intake,
    engine: store.ok
      ? { ok: true, value: { ...(datasets.includes('*') && { events: store.value.rows }), bytes: store.value.bytes } }
      : store,
    disk: disk.ok
      ? { ok: true, value: { level: disk.value.level, free_bytes: disk.value.freeBytes, total_bytes: disk.value.totalBytes } }
      : disk,
    outbox,
  };
}

type Intake = Awaited<ReturnType<ApiDeps['hub']['intake']>>;

const intakeOf = ({ open, why, rawLogBytes, rawLogMaxBytes, oldestReceivedAt, sources }: Intake, now: number) => ({
  open,
  ...(why !== undefined && { why }),
  raw_log_bytes: rawLogBytes,
  raw_log_max_bytes: rawLogMaxBytes,
  lag_secs: oldestReceivedAt === undefined ? 0 : Math.max(0, now - oldestReceivedAt) / 1000,
  sources: sources.length,
  faults: sources.flatMap(({ name, fault }) => (fault === undefined ? [] : [{ source: name, fault }])),
});
