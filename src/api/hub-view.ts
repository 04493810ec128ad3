import type { AlertFigures, AlertFiguresQuery } from '../model/alert-figures.ts';
import type { RuleInfo } from '../model/detection.ts';
import type { Event } from '../model/event.ts';
import type { Explanation } from '../model/explanation.ts';

/** What the hub says of itself, for the pages that show it. Times are milliseconds since the epoch. */
export interface HubView {
  /** Rejects while the ingest thread is being restarted. */
  intake(): Promise<IntakeView>;
  disk(): Promise<{ readonly level: 'ok' | 'warn' | 'stop'; readonly freeBytes: number; readonly totalBytes: number }>;
  outbox(): Promise<{ readonly waiting: number; readonly dead: number }>;
  /** Everything that is counted under these names since the start. */
  counts(names: readonly CountName[]): Promise<readonly Count[]>;
  /** How correlations are doing. */
  correlations(): { readonly lagSecs: number; readonly gapSecs: number } | undefined;
  isStaged(rule: Pick<RuleInfo, 'id' | 'name' | 'staged'>): boolean;
  /** What counts a rule, so that it does not alert alone. */
  quietedBy(id: string): readonly { readonly id: string; readonly title: string }[];
  /** The rule's file as it is now, and its tests. Undefined: no such rule runs. */
  ruleFile(id: string): RuleFile | undefined;
  /** Why a rule, by its id or name, fires on a stored event, or why not. Undefined: no such rule runs. */
  explainRule(id: string, event: Event): (Explanation & { readonly rule: RuleInfo }) | undefined;
  /** How many tests each rule has, by its id. */
  ruleTests(): ReadonlyMap<string, { readonly match: number; readonly noMatch: number; readonly fault?: string }>;
  alertFigures(query: AlertFiguresQuery): Promise<AlertFigures>;
}

export type CountName =
  | 'earshot_received_events_total'
  | 'earshot_received_bytes_total'
  | 'earshot_dropped_events_total'
  | 'earshot_resent_events_total'
  | 'earshot_truncated_events_total'
  | 'earshot_refused_connections_total'
  | 'earshot_connections'
  | 'earshot_rule_seconds_total'
  | 'earshot_deferred_rules_total'
  | 'earshot_rule_aside';

export interface Count {
  readonly name: CountName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface IntakeView {
  readonly open: boolean;
  readonly why?: string;
  readonly rawLogBytes: number;
  readonly rawLogMaxBytes: number;
  /** When the oldest message that cannot be found yet was received. */
  readonly oldestReceivedAt?: number;
  readonly sources: readonly {
    readonly name: string;
    readonly type: string;
    readonly listening: readonly string[];
    readonly fault?: string;
    /** Of a source that asks for its messages; times in seconds. */
    readonly polling?: {
      readonly lagSecs: number;
      readonly intervalSecs: number;
      readonly perMinute: number;
      readonly past: { readonly left: number; readonly of: number };
    };
    /** Peers that were not let in, the latest first. */
    readonly refusals: readonly { readonly address: string; readonly why: string; readonly times: number; readonly lastAt: number }[];
  }[];
}

/** `alert`, `no_alert`: of messages in time. */
export type CaseExpectation = 'match' | 'no_match' | 'alert' | 'no_alert';

export interface RuleFile {
  readonly text: string;
  /** It is another text than the rule was read from. */
  readonly changed: boolean;
  readonly cases: readonly { readonly name: string; readonly raw: string; readonly expect: CaseExpectation }[];
}
