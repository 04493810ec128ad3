import type { DetectedHit } from '../model/detected.ts';
import type { Mute } from '../model/mute.ts';
import type { AlertRow } from '../store/state/state.ts';
import { evidenceOf } from './evidence.ts';
import type { Router } from './routing.ts';
import { subjectsOf, subjectValue } from './subjects.ts';

const NONE: ReadonlySet<string> = new Set();

/**
 * The router, but for what is muted: an alert opens all the same and is told everywhere else. What still goes on when a mute is over is told
 * then, with its next event.
 */
export function mutedRouter(router: Router, mutes: readonly Mute[], now: number): Router {
  const live = mutes.filter(({ isAlertPlace, until }) => isAlertPlace && until > now);
  if (live.length === 0) return router;
  const ofSubjects = live.some(({ kind }) => kind === 'subject');
  const muted = (rule: string, names: () => readonly string[]): ReadonlySet<string> => {
    const named = new Set(ofSubjects ? names().map(subjectValue) : []);
    const found = live.filter(({ kind, what }) => (kind === 'rule' ? what === rule : named.has(what)));
    return found.length === 0 ? NONE : new Set(found.map(({ notifier }) => notifier));
  };
  return {
    ...router,
    muted: ({ rule_id: rule, group_values: group }: Pick<AlertRow, 'rule_id' | 'group_values'>) =>
      // Written by alerting alone.
      muted(rule, () => Object.values(JSON.parse(group) as Record<string, string>)),
    targets: (hit, rule) => {
      const silent = muted(rule.id, () => namesIn(hit));
      const targets = router.targets(hit, rule);
      return silent.size === 0 ? targets : targets.filter((name) => !silent.has(name));
    },
  };
}

/** Whom and what the event names. */
const namesIn = (hit: DetectedHit): string[] =>
  subjectsOf('', evidenceOf(hit)).flatMap(({ kind, value }) => (kind === 'dataset' || kind === 'product' ? [] : [value]));
