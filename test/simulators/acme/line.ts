/** The doors of the hub through which Acme's systems send. */
export const DOORS = ['segura', 'osirium', 'linux', 'crm', 'doors'] as const;
export type Door = (typeof DOORS)[number];

/** One message, as a system sends it at `at` (milliseconds since the epoch). */
export interface Line {
  readonly at: number;
  readonly door: Door;
  readonly text: string;
}

/** From `from`, before `to`; milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const within = (at: number, { from, to }: Span): boolean => at >= from && at < to;
