/** Something that a rule is not to tell: kept by the hub, as a filter is kept in a file. Times are milliseconds since the epoch. */
export interface RuleException extends NewException {
  readonly id: string;
  readonly createdAt: number;
}

export interface NewException {
  /** Ids of rules; `any`: every rule. */
  readonly rules: 'any' | readonly string[];
  /** YAML: search identifiers and a `condition`, as below `filter:` of a Sigma filter. */
  readonly selection: string;
  readonly reason: string;
  readonly author: string;
  /** Events received from then on are not excepted any more. */
  readonly expiresAt?: number;
}

export type Maturity = 'staged' | 'live';

/** How far a rule is trusted here, whatever its file and the settings say. */
export interface SetMaturity {
  readonly ruleId: string;
  readonly maturity: Maturity;
  readonly reason: string;
  readonly actor: string;
  readonly at: number;
}

/** What an exception comes to with the rules there are. */
export interface HeldException {
  readonly exception: RuleException;
  /** Ids of the rules that it narrows. */
  readonly rules: readonly string[];
  /** Why it does not hold; lines and columns are those of its selection. */
  readonly faults: readonly { readonly line: number; readonly column: number; readonly reason: string }[];
}
