import type { AlertDetails, Finding } from '../model/found.ts';
import type { AlertRow } from '../store/state/state.ts';

/** A stretch of one group's time that was looked at anew: what is not among the findings does not hold in it. */
export interface Reviewed extends Pick<Finding, 'identity' | 'groupKey'> {
  readonly from: number;
  readonly to: number;
}

/** What becomes one alert. */
export interface Merged {
  /** All its findings, and the moments that its alerts told before, as one. */
  readonly finding: Finding;
  /** The alert that takes it; undefined: one is opened. */
  readonly into: AlertRow | undefined;
  /** Others that become part of it. */
  readonly joins: readonly AlertRow[];
  /** Its alert told of more than holds. */
  readonly shrunk: boolean;
  /** What a former version found of all these alerts: it stays, whatever the present one finds. */
  readonly former: Span | undefined;
}

/** Moments from the first to the last; milliseconds since the epoch. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface Plan {
  readonly merged: readonly Merged[];
  /** Alerts of which nothing holds any more. */
  readonly withdrawn: readonly AlertRow[];
}

/**
 * What findings of one identity and group make of the alerts that are near them. `alerts`: with triggers, and part of no other. `former`:
 * such alerts of what the identity was before. They are taken over where findings are near, as they are: a look by another definition
 * takes nothing of them away.
 */
export function planFindings(
  findings: readonly Finding[],
  alerts: readonly AlertRow[],
  reviewed: readonly Reviewed[],
  former: readonly AlertRow[] = [],
): Plan {
  const gapMs = findings[0]?.gapMs ?? 0;
  const known = alerts.flatMap((alert) => spanOf(alert) ?? []);
  const isReviewed = ({ first, last }: Known) => reviewed.some(({ from, to }) => from <= first && last <= to);
  const [anew, kept] = [known.filter(isReviewed), known.filter((each) => !isReviewed(each))];
  const taken = former.flatMap((alert) => formerKnown(alert) ?? []);
  const spans = [...findings.map(ofFinding), ...kept, ...anew.flatMap((each) => keptOf(each) ?? []), ...taken];
  const stretches = stretchesOf(spans, gapMs).filter(({ findings: own }) => own.length > 0);
  const withdrawn: AlertRow[] = [];
  const split = new Set<Stretch>();
  for (const each of anew) {
    const near = stretches.filter((stretch) => each.first <= stretch.last + gapMs && each.last >= stretch.first - gapMs);
    const taker = near.find((stretch) => stretch.alerts.some(({ alert }) => alert === each.alert)) ?? near[0];
    if (taker === undefined && each.former === undefined) withdrawn.push(each.alert);
    else if (taker !== undefined) taker.alerts = [...taker.alerts.filter(({ alert }) => alert !== each.alert), each];
    for (const other of near.filter((stretch) => stretch !== taker)) split.add(other);
  }
  return { merged: stretches.flatMap((stretch) => mergedOf(stretch, split.has(stretch)) ?? []), withdrawn };
}

interface Known extends Span {
  readonly alert: AlertRow;
  /** What a former version found of it. */
  readonly former: Span | undefined;
  /** It is none of this identity's alerts as yet. */
  readonly isFormer?: true;
}

/** Moments and alerts no further apart than the gap. */
interface Stretch {
  first: number;
  last: number;
  readonly findings: Finding[];
  alerts: readonly Known[];
}

const ofFinding = (finding: Finding) => ({ finding, first: finding.firstTrigger, last: finding.lastTrigger });

function spanOf(alert: AlertRow): Known | undefined {
  const { first_trigger: first, last_trigger: last, former_first: formerFirst, former_last: formerLast } = alert;
  const former = formerFirst === null || formerLast === null ? undefined : { first: formerFirst, last: formerLast };
  return first === null || last === null ? undefined : { alert, first, last, former };
}

/** All that was found of it was found by a former version. */
function formerKnown(alert: AlertRow): Known | undefined {
  const known = spanOf(alert);
  return known && { ...known, former: { first: known.first, last: known.last }, isFormer: true };
}

/** What no look takes away of an alert that is looked at anew. */
const keptOf = (known: Known): Known | undefined => known.former && { ...known, ...known.former };

function stretchesOf(spans: readonly (Known | ReturnType<typeof ofFinding>)[], gapMs: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (const span of [...spans].sort((a, b) => a.first - b.first || a.last - b.last)) {
    let stretch = stretches.at(-1);
    if (stretch === undefined || span.first > stretch.last + gapMs) {
      stretch = { first: span.first, last: span.last, findings: [], alerts: [] };
      stretches.push(stretch);
    }
    stretch.last = Math.max(stretch.last, span.last);
    if ('finding' in span) stretch.findings.push(span.finding);
    else stretch.alerts = [...stretch.alerts, span];
  }
  return stretches;
}

/** The earliest alert takes all; one that somebody has closed only where there is no other. `told`: an alert has told of it before. */
function mergedOf({ first, last, findings, alerts }: Stretch, told: boolean): Merged | undefined {
  const [one] = findings;
  if (one === undefined) return undefined;
  const rank = ({ alert }: Known) => (alert.state === 'resolved' ? 1 : 0);
  const [into, ...joins] = [...alerts].sort((a, b) => rank(a) - rank(b) || a.first - b.first || (a.alert.id < b.alert.id ? -1 : 1));
  const late = findings.every((each) => each.late) || (told && into === undefined);
  return {
    finding: { ...one, firstTrigger: first, lastTrigger: last, late, value: largest(findings, alerts) },
    into: into?.alert,
    joins: joins.map(({ alert }) => alert),
    shrunk: into !== undefined && (into.first < first || into.last > last),
    former: hullOf(alerts.flatMap(({ former }) => former ?? [])),
  };
}

const hullOf = (spans: readonly Span[]): Span | undefined =>
  spans.length === 0
    ? undefined
    : { first: Math.min(...spans.map(({ first }) => first)), last: Math.max(...spans.map(({ last }) => last)) };

/** The largest value of them all, where each is known: those of alerts are as they were told. A former version measured otherwise. */
function largest(findings: readonly Finding[], alerts: readonly Known[]): number | undefined {
  if (alerts.some(({ isFormer }) => isFormer)) return undefined;
  const values = [...findings.map(({ value }) => value), ...alerts.map(({ alert }) => toldValue(alert))];
  return values.reduce((most, value) => (most === undefined || value === undefined ? undefined : Math.max(most, value)));
}

function toldValue({ details }: AlertRow): number | undefined {
  // Written by `FoundEpisodes` alone.
  const known = details === null ? undefined : (JSON.parse(details) as AlertDetails);
  return known?.kind === 'correlation' ? known.value : undefined;
}
