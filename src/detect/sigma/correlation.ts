import type { RuleInfo } from '../../model/detection.ts';

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'temporal'
  | 'temporal_ordered'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median';

export type Bound = { readonly op: 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq'; readonly number: number };

/** A boolean condition of temporal types; a leaf is an index into `refs`. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly children: readonly Expression[] }
  | { readonly kind: 'not'; readonly child: Expression }
  | { readonly kind: 'ref'; readonly ref: number };

/** What counts hits of rules: one Sigma correlation, read and checked. */
export interface Correlation extends RuleInfo {
  readonly file: string;
  readonly line: number;
  readonly status: string | undefined;
  readonly author: string | undefined;
  readonly type: CorrelationType;
  /** What it counts, in the order of the file: ids of rules or of other correlations. */
  readonly refs: readonly { readonly id: string; readonly kind: 'rule' | 'correlation' }[];
  /** Names as in `group-by`; for each ref, for each name, the paths to try (aliases and the ref's taxonomy applied). */
  readonly groupNames: readonly string[];
  readonly groupPaths: readonly (readonly (readonly string[])[])[];
  readonly timespanMs: number;
  /** All must hold. Empty for temporal types without a number. */
  readonly bounds: readonly Bound[];
  /** Value types: what is counted or summed; for each ref, for each field, the paths. */
  readonly fieldPaths: readonly (readonly (readonly string[])[])[];
  /** 0 to 100; 50 unless said. */
  readonly percentile: number;
  /** Temporal types with a written condition. */
  readonly expression: Expression | undefined;
  /** Whether the rules it counts also alert alone. */
  readonly generate: boolean;
}
