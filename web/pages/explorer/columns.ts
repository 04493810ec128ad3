import { columnText, type EventView, messageOf } from '../../parts/event-facts.ts';
import { SUMMARIES } from '../../parts/event-summary.ts';

/** What happened, who did it, to what, from where, and how it ended; then in the product's own words. */
export const DEFAULT_COLUMNS: readonly string[] = ['what', 'who', 'target', 'from', 'outcome', 'message'];

/** What is read rather than compared has more room. */
export const isLong = (name: string): boolean => name === 'message' || name === 'event.original';

const USUAL_PX = 110;
/** The least width of a column, in pixels: what it usually says can be read, and the usual columns fit a desk's screen. */
const LEAST_PX: ReadonlyMap<string, number> = new Map([
  ['what', 140],
  ['who', 90],
  ['target', 215],
  ['from', 130],
  ['outcome', 95],
  ['message', 150],
  ['event.original', 280],
]);
export const leastWidth = (column: string): number => LEAST_PX.get(column) ?? USUAL_PX;

/** Text of any length is last: what stands right of it would be out of sight. */
export const longLast = (columns: readonly string[]): readonly string[] => [
  ...columns.filter((name) => !isLong(name)),
  ...columns.filter(isLong),
];

export const withColumn = (columns: readonly string[], name: string): readonly string[] =>
  columns.includes(name) ? columns : longLast([...columns, name]);

/** The columns with one of them a place on; undefined where there is no such place for it. */
export function moved(columns: readonly string[], place: number, by: -1 | 1): readonly string[] | undefined {
  const [from, to] = [columns[place], columns[place + by]];
  if (from === undefined || to === undefined || isLong(from) !== isLong(to)) return undefined;
  return columns.with(place, to).with(place + by, from);
}

export const labelOf = (column: string): string => SUMMARIES.get(column)?.label ?? column;

export const cellText = (event: EventView, column: string): string =>
  column === 'message' ? messageOf(event) : (SUMMARIES.get(column)?.textOf(event) ?? columnText(event, column));

/** The field behind a column: of a summary the first that one of these events has. */
export function fieldOf(column: string, events: readonly EventView[]): string {
  const fields = SUMMARIES.get(column)?.fields ?? [column];
  return fields.find((field) => events.some((event) => columnText(event, field) !== '')) ?? fields[0] ?? column;
}

/** For a file, which has fields only: those of a summary each by itself. */
export const fieldsOf = (columns: readonly string[]): readonly string[] => [
  ...new Set(longLast(columns.flatMap((column) => SUMMARIES.get(column)?.fields ?? [column]))),
];
