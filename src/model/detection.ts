import type { Maturity } from './rule-care.ts';
import type { Level } from './severity.ts';

/** One leaf of a rule that was true, with what made it true: the explanation of a hit. */
export interface LeafMatch {
  /** Field path, or `keyword` for a search in the whole event. */
  readonly field: string;
  /** The value in the event, shortened to 256 characters. */
  readonly value: string;
  /** The leaf as the rule has it, such as `selection: event.action|startswith: file_`. */
  readonly leaf: string;
}

/** A rule that matched one event. */
export interface RuleHit {
  /** The rule's UUID. */
  readonly id: string;
  /** Hash of the rule's definition: another text is another version. */
  readonly version: string;
  readonly title: string;
  readonly level: Level;
  readonly matches: readonly LeafMatch[];
}

/** What narrows a rule from outside its own document. */
export interface RuleFilter {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly reason: string | undefined;
  readonly author: string | undefined;
  /** Milliseconds since the epoch: events received from then on are not filtered any more. */
  readonly expiresAt: number | undefined;
}

/** What people need to know of a rule, beside its logic. */
export interface RuleInfo {
  readonly id: string;
  readonly version: string;
  /** File name without `.yml`: unique, stable, used in routing. */
  readonly name: string;
  readonly title: string;
  readonly level: Level;
  readonly description: string;
  /** Such as `attack.t1078`. */
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
  /** What to do next; from the Earshot form `earshot.next_steps`. */
  readonly nextSteps: readonly string[];
  /** Fields whose values group hits into one alert; from `earshot.group_by`, else `user.name`, `host.name`. */
  readonly groupBy: readonly string[];
  /** The rule says of itself that it is on trial; from `earshot.maturity`. */
  readonly staged?: true;
}

/**
 * Whether a rule is on trial: its hits are kept with the events, no alert opens, and nobody is told. `staged`: names as in the settings.
 * `said`: what people have said of it since; it counts before the settings, and these before the rule.
 */
export const isOnTrial = (rule: Pick<RuleInfo, 'id' | 'name' | 'staged'>, staged: readonly string[], said?: Maturity): boolean =>
  said === undefined ? rule.staged === true || staged.some((pattern) => namesRule(pattern, rule)) : said === 'staged';

/** Whether a setting's word stands for the rule: its name, its id, or the beginning of its name with `*` behind it. */
export function namesRule(pattern: string, rule: Pick<RuleInfo, 'id' | 'name'>): boolean {
  if (pattern.endsWith('*')) return rule.name.startsWith(pattern.slice(0, -1));
  return pattern === rule.name || pattern === rule.id;
}
