import type { RuleHit } from '../model/detection.ts';
import type { Evaluate, TimelineCase } from './rule-test.ts';
import type { Rule } from './sigma/rule.ts';
import type { Judged } from './stream/judged.ts';
import { compileRules } from './stream/rule-set.ts';
import { eventsOfTimeline } from './timeline.ts';

/** One event of a timeline, and what it hits. */
export interface Played {
  readonly event: Judged;
  readonly hits: readonly RuleHit[];
}

/** Timelines with what rules say of their events: these are put to what counts many times, once for each change to it. */
export class PlayedTimelines {
  readonly #cases: readonly { readonly expect: TimelineCase['expect']; readonly events: readonly Played[] }[];

  constructor(cases: readonly TimelineCase[], rules: readonly Rule[], evaluate: Evaluate) {
    const errors: unknown[] = [];
    const set = compileRules(rules, { onError: (_, error) => errors.push(error) });
    this.#cases = cases.map((each) => ({
      expect: each.expect,
      events: eventsOfTimeline(each, evaluate).map((event) => ({ event, hits: set.match(event) })),
    }));
    if (errors.length > 0) throw errors[0];
  }

  /** What is wrong with each case, in their order; undefined where there is an alert as the case says. */
  run(alerts: (events: readonly Played[]) => boolean): (string | undefined)[] {
    return this.#cases.map(({ expect, events }) => {
      const raised = alerts(events);
      if (raised === (expect === 'alert')) return undefined;
      return raised ? 'raised an alert' : 'raised no alert';
    });
  }
}
