import type { Correlation } from '../sigma/correlation.ts';
import { fold } from '../sigma/fold.ts';
import type { Counted, Group } from './counted.ts';
import { type Episode, episodesOf } from './episodes.ts';
import { alternativesOf, ChainLength, SeenCount, Together } from './temporal.ts';
import { countedValue, readAs } from './values.ts';
import { EventCount, sweep, ValueAverage, ValueCount, ValuePercentile, ValueSum, type Window } from './windows.ts';

/**
 * What correlations find in events that are all there: the windows that hold, as episodes, in the order of the correlations and then of
 * time. `correlations`: each after those it counts. `hits`: by id of the correlation, the hits of the rules it refers to, in any order.
 * Time is near-linear in the number of hits.
 */
export function evaluate(correlations: readonly Correlation[], hits: ReadonlyMap<string, readonly Counted[]>): Episode[] {
  return groupsFound(correlations, hits).flatMap(({ correlation, groups }) =>
    groups.flatMap((group) => episodesOf(correlation, group)).sort((a, b) => a.first - b.first),
  );
}

/** As {@link evaluate}, moment by moment: the groups in which a correlation holds, in the order of the correlations. */
export function groupsFound(correlations: readonly Correlation[], hits: ReadonlyMap<string, readonly Counted[]>): Evaluated[] {
  const found = new Map<string, Evaluated>();
  let moments = 0;
  for (const correlation of correlations) {
    const counted = [...(hits.get(correlation.id) ?? [])];
    correlation.refs.forEach(({ id, kind }, ref) => {
      const inner = kind === 'correlation' ? found.get(id) : undefined;
      if (inner !== undefined) for (const each of momentsOf(inner, correlation, ref)) counted.push({ ...each, event: --moments });
    });
    found.set(correlation.id, { correlation, groups: groupsOf(correlation, counted) });
  }
  return [...found.values()];
}

export interface Evaluated {
  readonly correlation: Correlation;
  readonly groups: readonly Group[];
}

function groupsOf(correlation: Correlation, counted: readonly Counted[]): Group[] {
  const groups = new Map<string, Counted[]>();
  for (const hit of counted) {
    const key = JSON.stringify(hit.group.map(fold));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [hit]);
    else group.push(hit);
  }
  return [...groups.values()].flatMap((hits) => {
    hits.sort(inTime);
    const values = hits[0]?.group ?? [];
    const judged = judge(correlation, hits);
    return judged.triggers.length === 0 ? [] : [{ values, ...judged }];
  });
}

/** The order in which events are judged. */
export const inTime = (a: Counted, b: Counted): number => a.at - b.at || a.ref - b.ref || a.event - b.event;

type Judged = Pick<Group, 'hits' | 'triggers'>;

/** `hits`: of one group, by time, ref and number. */
export function judge(correlation: Correlation, hits: readonly Counted[]): Judged {
  const { type, bounds, timespanMs } = correlation;
  if ((type === 'temporal' || type === 'temporal_ordered') && bounds.length === 0) return judgeAlternatives(correlation, hits);
  const counted = type === 'temporal' || type === 'temporal_ordered' ? hits : eachEventOnce(hits);
  return { hits: counted, triggers: sweep(counted, timespanMs, windowOf(correlation, counted)) };
}

/** What must be absent is no part of what is found. */
function judgeAlternatives(correlation: Correlation, hits: readonly Counted[]): Judged {
  const alternatives = alternativesOf(correlation).filter(({ present }) => present.length > 0);
  const parts = new Set(alternatives.flatMap(({ present }) => present));
  const counted = hits.filter(({ ref }) => parts.has(ref));
  const times = (ref: number) => hits.flatMap((hit) => (hit.ref === ref ? hit.at : []));
  return { hits: counted, triggers: sweep(counted, correlation.timespanMs, new Together(correlation, alternatives, times)) };
}

/** An event that several of the rules hit is one event. The first rule's value counts. */
function eachEventOnce(hits: readonly Counted[]): Counted[] {
  const seen = new Set<number>();
  return hits.filter(({ event }) => !seen.has(event) && seen.add(event));
}

function windowOf(correlation: Correlation, hits: readonly Counted[]): Window {
  const { type, bounds, percentile } = correlation;
  switch (type) {
    case 'event_count':
      return new EventCount(bounds);
    case 'value_count':
      return new ValueCount(bounds);
    case 'value_sum':
      return new ValueSum(bounds);
    case 'value_avg':
      return new ValueAverage(bounds);
    case 'value_percentile':
    case 'value_median':
      return new ValuePercentile(bounds, type === 'value_median' ? 50 : percentile, hits);
    case 'temporal':
      return new SeenCount(bounds);
    case 'temporal_ordered':
      return new ChainLength(correlation);
  }
}

/** Each moment at which an inner correlation holds is an event for the outer one, with the group's values as its fields. */
function momentsOf(inner: Evaluated, outer: Correlation, ref: number): Omit<Counted, 'event'>[] {
  const names = inner.correlation.groupNames;
  return inner.groups.flatMap(({ values, hits, triggers }) => {
    const read = (paths: readonly string[]) => values[names.findIndex((name) => paths.includes(name))];
    const group = (outer.groupPaths[ref] ?? []).map(read);
    const counted = countedValue(readAs(outer.type), (outer.fieldPaths[ref] ?? []).map(read));
    if (counted === undefined || !group.every((value) => value !== undefined)) return [];
    return triggers.map(({ at, from, to }) => ({ at, ref, group, ...counted, behind: { hits, from, to } }));
  });
}
