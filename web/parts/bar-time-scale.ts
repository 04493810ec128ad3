/** A bar as the histogram's endpoint gives it. */
export interface TimeBar {
  /** ISO 8601. */
  readonly start: string;
  readonly count: number;
  /** By value of the field that was counted by; the empty text is "no value". */
  readonly values?: Readonly<Record<string, number>> | undefined;
  readonly others?: number | undefined;
}

/** Bars, their parts from the bottom, and where they stand on the time axis. */
export interface StackedBar {
  readonly at: number;
  readonly count: number;
  /** In the order of the series; zero where the bar has none. */
  readonly parts: readonly number[];
}

/** Series of bars, the greatest first; what has no value and what is not shown by itself come last. */
export function seriesOf(bars: readonly TimeBar[], order: readonly string[] = []): string[] {
  const sums = new Map<string, number>();
  let others = 0;
  for (const { values, others: more } of bars) {
    for (const [value, count] of Object.entries(values ?? {})) sums.set(value, (sums.get(value) ?? 0) + count);
    others += more ?? 0;
  }
  const place = (value: string) => (value === '' ? Number.MAX_SAFE_INTEGER : order.indexOf(value) + 1 || order.length + 1);
  const found = [...sums].sort(([a, x], [b, y]) => place(a) - place(b) || y - x).map(([value]) => value);
  return others > 0 ? [...found, OTHERS] : found;
}

/** Key of the series of all that is not shown by itself: nothing that a person would name so. */
export const OTHERS = '\u0000others';

export const stacked = (bars: readonly TimeBar[], series: readonly string[]): StackedBar[] =>
  bars.map(({ start, count, values, others }) => ({
    at: Date.parse(start),
    count,
    parts: series.length === 0 ? [count] : series.map((name) => (name === OTHERS ? (others ?? 0) : countOf(values, name))),
  }));

/** A value may be named as something that every object has, such as `constructor`. */
const countOf = (values: TimeBar['values'], name: string): number =>
  values !== undefined && Object.hasOwn(values, name) ? (values[name] ?? 0) : 0;

/** Round numbers from 0 to at least `most`, for the lines of an axis. */
export function axisSteps(most: number, lines = 3): number[] {
  const rough = Math.max(most, 1) / lines;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 2.5, 5, 10].find((each) => each * power >= rough && (each * power) % 1 === 0) ?? 10) * power);
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, i) => i * step);
}

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const TICKS = [
  ...[1, 2, 5, 10, 30].map((n) => n * 1000),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((n) => n * DAY),
];

/** Places of the bars that have their time below them: at round times of the reader's clock, with room between. */
export function tickPlaces(at: readonly number[], intervalMs: number, barPx: number, room = 76): number[] {
  // Over more than four days a time of day says nothing.
  const least = at.length * intervalMs > 4 * DAY ? DAY : intervalMs;
  const step =
    TICKS.find((each) => each >= least && (each / intervalMs) * barPx >= room) ?? intervalMs * Math.max(1, Math.ceil(room / barPx));
  const stretch = (time: number) => Math.floor((time - new Date(time).getTimezoneOffset() * MINUTE) / step);
  return at.flatMap((time, place) => {
    const before = at[place - 1] ?? time - intervalMs;
    return stretch(before) === stretch(time) ? [] : [place];
  });
}
