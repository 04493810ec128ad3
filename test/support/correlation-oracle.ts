import type { Counted } from '../../src/detect/correlate/counted.ts';
import type { Bound, Correlation, Expression } from '../../src/detect/sigma/correlation.ts';

/**
 * What correlations find, by their definition and nothing else: every moment, every event of its window, every choice of parts. It takes
 * no care of time or memory, and shares no code with what it is the measure of.
 */
export interface OracleEpisode {
  readonly correlation: string;
  readonly group: string;
  readonly first: number;
  readonly last: number;
  readonly events: readonly number[];
}

/** An event, or a moment of an inner correlation, which stands for several. */
interface Item {
  readonly at: number;
  readonly ref: number;
  readonly event: number;
  readonly group: readonly string[];
  readonly value: string;
  readonly number: number;
  readonly events: ReadonlyMap<number, number>;
}

interface Moment {
  readonly at: number;
  readonly group: readonly string[];
  readonly events: ReadonlyMap<number, number>;
}

export function oracle(correlations: readonly Correlation[], hits: ReadonlyMap<string, readonly Counted[]>): OracleEpisode[] {
  const momentsById = new Map<string, { correlation: Correlation; moments: Moment[] }>();
  const episodes: OracleEpisode[] = [];
  for (const correlation of correlations) {
    const items = (hits.get(correlation.id) ?? []).map(
      (hit): Item => ({ ...hit, value: hit.value ?? '', number: hit.number ?? 0, events: new Map([[hit.event, hit.at]]) }),
    );
    correlation.refs.forEach(({ id, kind }, ref) => {
      const inner = momentsById.get(id);
      if (kind === 'correlation' && inner !== undefined) items.push(...asItems(inner, correlation, ref, items.length));
    });
    const moments: Moment[] = [];
    for (const key of new Set(items.map(keyOf))) {
      const own = items.filter((item) => keyOf(item) === key);
      const found = momentsOf(correlation, own);
      moments.push(...found);
      episodes.push(...episodesOf(correlation, key, found));
    }
    momentsById.set(correlation.id, { correlation, moments });
  }
  return episodes;
}

const keyOf = ({ group }: Item): string => JSON.stringify(group.map((value) => value.toLowerCase()));

function asItems(
  { correlation, moments }: { correlation: Correlation; moments: Moment[] },
  outer: Correlation,
  ref: number,
  from: number,
): Item[] {
  return moments.flatMap(({ at, group, events }, i) => {
    const read = (paths: readonly string[]) => group[correlation.groupNames.findIndex((name) => paths.includes(name))];
    const own = outer.groupPaths[ref]?.map(read) ?? [];
    const fields = outer.fieldPaths[ref]?.map(read) ?? [];
    if ([...own, ...fields].includes(undefined)) return [];
    const number = Number(fields[0]);
    const reckons = ['value_sum', 'value_avg', 'value_percentile', 'value_median'].includes(outer.type);
    if (reckons && Number.isNaN(number)) return [];
    const value = JSON.stringify(fields.map((field) => field?.toLowerCase()));
    return { at, ref, event: -1_000 * (from + 1) - i, group: own.map(String), value, number, events };
  });
}

function momentsOf(correlation: Correlation, items: readonly Item[]): Moment[] {
  const times = [...new Set(items.map(({ at }) => at))].sort((a, b) => a - b);
  const parts = partsOf(correlation);
  const [first] = [...items].sort((a, b) => a.at - b.at || a.ref - b.ref || a.event - b.event);
  return times.flatMap((at) => {
    if (!holds(correlation, items, at)) return [];
    const events = items.filter((item) => parts.has(item.ref) && inWindow(item, at, correlation)).flatMap((item) => [...item.events]);
    return { at, group: first?.group ?? [], events: new Map(events) };
  });
}

const inWindow = (item: Item, at: number, { timespanMs }: Correlation): boolean => item.at >= at - timespanMs && item.at <= at;

/** The refs whose events are part of what is found: not those that must be absent alone. */
function partsOf(correlation: Correlation): Set<number> {
  const all = correlation.refs.map((_, i) => i);
  return new Set(correlation.expression === undefined ? all : termsOf(correlation).flatMap(({ yes }) => [...yes]));
}

function holds(correlation: Correlation, items: readonly Item[], at: number): boolean {
  const { type, bounds } = correlation;
  const window = items.filter((item) => inWindow(item, at, correlation));
  if (type === 'temporal' || type === 'temporal_ordered') {
    if (bounds.length === 0) return termsOf(correlation).some((term) => termHolds(correlation, term, items, at));
    const measured =
      type === 'temporal'
        ? new Set(window.map(({ ref }) => ref)).size
        : Math.max(
            0,
            ...chains(window)
              .filter((chain) => chain.at(-1)?.at === at)
              .map((chain) => chain.length),
          );
    return bounds.every((bound) => meets(measured, bound));
  }
  const events = window.filter((item) => !window.some((other) => other.event === item.event && other.ref < item.ref));
  return bounds.every((bound) => meets(measure(correlation, events), bound));
}

function measure({ type, percentile }: Correlation, events: readonly Item[]): number {
  const numbers = events.map(({ number }) => number).sort((a, b) => a - b);
  const sum = numbers.reduce((a, b) => a + b, 0);
  if (type === 'event_count') return events.length;
  if (type === 'value_count') return new Set(events.map(({ value }) => value)).size;
  if (type === 'value_sum') return sum;
  if (type === 'value_avg') return sum / numbers.length;
  const place = ((type === 'value_median' ? 50 : percentile) / 100) * (numbers.length - 1);
  const lower = numbers[Math.floor(place)] ?? Number.NaN;
  const upper = numbers[Math.ceil(place)] ?? Number.NaN;
  return lower + (upper - lower) * (place - Math.floor(place));
}

function meets(measured: number, { op, number }: Bound): boolean {
  const order = Math.sign(measured - number);
  return { gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0, eq: order === 0, neq: order !== 0 }[op];
}

/** Every sequence of events with ever higher refs and never earlier times. */
function chains(window: readonly Item[], from: readonly Item[] = []): Item[][] {
  const last = from.at(-1);
  return window
    .filter((item) => last === undefined || (item.ref > last.ref && item.at >= last.at))
    .flatMap((item) => [[...from, item], ...chains(window, [...from, item])]);
}

interface Term {
  readonly yes: Set<number>;
  readonly no: Set<number>;
}

/** The alternatives of the condition, by choosing a child of each OR; without those that ask for more than another, or for what cannot be. */
function termsOf({ refs, expression }: Correlation): Term[] {
  if (expression === undefined) return [{ yes: new Set(refs.map((_, i) => i)), no: new Set() }];
  const all = choose(expression, false).filter(({ yes, no }) => [...yes].every((ref) => !no.has(ref)));
  const isPart = (part: Set<number>, whole: Set<number>) => [...part].every((ref) => whole.has(ref));
  const asksLess = (a: Term, b: Term) => isPart(a.yes, b.yes) && isPart(a.no, b.no);
  return all.filter((term) => term.yes.size > 0 && !all.some((other) => asksLess(other, term) && !asksLess(term, other)));
}

function choose(expression: Expression, negated: boolean): Term[] {
  if (expression.kind === 'ref') {
    const ref = new Set([expression.ref]);
    return [negated ? { yes: new Set(), no: ref } : { yes: ref, no: new Set() }];
  }
  if (expression.kind === 'not') return choose(expression.child, !negated);
  const [first, ...rest] = expression.children;
  if (first === undefined) return [];
  const own = choose(first, negated);
  if (rest.length === 0) return own;
  const others = choose({ kind: expression.kind, children: rest }, negated);
  if ((expression.kind === 'or') !== negated) return [...own, ...others];
  return own.flatMap((a) => others.map((b) => ({ yes: new Set([...a.yes, ...b.yes]), no: new Set([...a.no, ...b.no]) })));
}

/** Of all choices of one event for each part, with the last of them at this moment, the one that begins latest is looked at. */
function termHolds(correlation: Correlation, { yes, no }: Term, items: readonly Item[], at: number): boolean {
  const { timespanMs, type } = correlation;
  const ordered = type === 'temporal_ordered';
  const window = items.filter((item) => inWindow(item, at, correlation));
  const choices = choicesOf([...yes].sort((a, b) => a - b).map((ref) => window.filter((item) => item.ref === ref))).filter((choice) =>
    ordered
      ? choice.at(-1)?.at === at && choice.every((item, i) => item.at >= (choice[i - 1]?.at ?? item.at))
      : choice.some((item) => item.at === at),
  );
  if (choices.length === 0) return false;
  const start = Math.max(...choices.map((choice) => Math.min(...choice.map((item) => item.at))));
  return !items.some(
    (item) => no.has(item.ref) && item.at <= start + timespanMs && (ordered ? item.at > start : item.at >= at - timespanMs),
  );
}

function choicesOf(parts: readonly (readonly Item[])[]): Item[][] {
  const [first, ...rest] = parts;
  if (first === undefined) return [[]];
  const others = choicesOf(rest);
  return first.flatMap((item) => others.map((other) => [item, ...other]));
}

function episodesOf({ id, timespanMs }: Correlation, group: string, moments: readonly Moment[]): OracleEpisode[] {
  const runs: Moment[][] = [];
  for (const moment of moments) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run !== undefined && before !== undefined && moment.at - before.at <= timespanMs) run.push(moment);
    else runs.push([moment]);
  }
  return runs.map((run) => {
    const events = new Map(run.flatMap((moment) => [...moment.events]));
    const times = [...events.values()];
    return {
      correlation: id,
      group,
      first: Math.min(...times),
      last: Math.max(...times),
      events: [...events.keys()].sort((a, b) => a - b),
    };
  });
}
