import type { Level } from './severity.ts';

/** Alerts with an event in a time, of datasets that somebody may see. Milliseconds since the epoch; `to` is exclusive. */
export interface AlertFiguresQuery {
  readonly from: number;
  readonly to: number;
  /** With `*` as a wildcard. */
  readonly datasets: readonly string[];
  /** Absent: all. */
  readonly levels?: readonly Level[] | undefined;
}

export interface AlertFigures {
  readonly byLevel: Readonly<Record<Level, number>>;
  /** The rules and the people with the most alerts. Names of people are in lower case. */
  readonly rules: readonly {
    readonly ruleId: string;
    readonly ruleName: string;
    readonly title: string;
    readonly level: Level;
    readonly count: number;
  }[];
  readonly people: readonly { readonly name: string; readonly count: number }[];
}
