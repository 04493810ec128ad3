import type { DetectedHit } from '../model/detected.ts';
import type { RuleInfo } from '../model/detection.ts';
import type { AlertChangeRow, AlertEventRow, AlertRow, AlertSubjectRow, OutboxRow } from '../store/state/state.ts';
import { evidenceOf, namesOf } from './evidence.ts';
import { alertId, episodeKey, groupOf } from './identity.ts';
import { hasGrownTenfold, liveCount } from './life.ts';
import { newAlert } from './new-alert.ts';
import { KnownNames } from './newcomers.ts';
import { type EpisodeBounds, OpenEpisodes } from './open-episodes.ts';
import type { Router } from './routing.ts';
import { subjectsOf } from './subjects.ts';
import { Telling } from './telling.ts';

/** The first events, which an alert keeps, and beside them those that bring somebody new; `count` says how many there are. */
const EVIDENCE = 10;

/** What a block's hits change, to be written in one transaction. */
export interface EpisodeChanges {
  readonly alerts: readonly AlertRow[];
  /** Those of `alerts` that are new. */
  readonly opened: readonly AlertRow[];
  readonly events: readonly AlertEventRow[];
  readonly subjects: readonly AlertSubjectRow[];
  readonly changes: readonly AlertChangeRow[];
  readonly outbox: readonly OutboxRow[];
}

export interface KnownEpisodes {
  readonly alerts: readonly AlertRow[];
  /** Their people and hosts. */
  readonly subjects: readonly AlertSubjectRow[];
}

/** A hit with its rule and the key of the alerts that it may join. */
export interface KeyedHit {
  readonly hit: DetectedHit;
  readonly rule: RuleInfo;
  readonly group: Readonly<Record<string, string>>;
  readonly key: string;
}

export function keyed(hit: DetectedHit, rule: RuleInfo): KeyedHit {
  const group = groupOf(hit.fields, rule.groupBy);
  return { hit, rule, group, key: episodeKey(hit.hit.id, hit.hit.version, group) };
}

/**
 * Folds hits into alerts, one after the other in the order of `seq`: the outcome is the same however the hits are cut into blocks.
 * A hit joins the alert of its key that is not resolved, is no further away than the gap, and does not grow over its bound; of several,
 * the latest. Otherwise it opens one.
 */
export class Episodes {
  readonly #router: Router;
  readonly #now: number;
  readonly #names: KnownNames;
  readonly #open: OpenEpisodes<AlertRow>;
  readonly #touched = new Set<AlertRow>();
  readonly #opened: AlertRow[] = [];
  readonly #events: AlertEventRow[] = [];
  readonly #subjects = new Map<string, AlertSubjectRow>();
  readonly #telling: Telling;

  /** `known`: the alerts, not resolved, that these hits could join, and whom they name. */
  constructor(known: KnownEpisodes, bounds: EpisodeBounds, router: Router, now: number) {
    this.#open = new OpenEpisodes(bounds);
    this.#router = router;
    this.#telling = new Telling(router, now);
    this.#now = now;
    this.#names = new KnownNames(known.subjects);
    for (const row of known.alerts) this.#open.file(row.episode_key, { ...row });
  }

  take(keyedHit: KeyedHit): void {
    const { hit, rule, key } = keyedHit;
    const known = this.#open.join(key, hit.timestamp);
    const alert = known ?? this.#begin(keyedHit);
    alert.count++;
    if (hit.late) alert.late_count++;
    if (known === undefined) this.#telling.record(alert, 'opened', hit.late ? 'the event came late: nobody is told' : '');
    this.#open.extend(key, alert, hit.timestamp);
    alert.changed_at = this.#now;
    this.#touched.add(alert);
    const newcomers = this.#names.meet(alert.id, namesOf(hit.fields));
    if (alert.count <= EVIDENCE || newcomers !== undefined) this.#keep(alert, hit);
    this.#telling.raise(alert, hit.hit.level, !hit.late);
    if (alert.state === 'snoozed' && !hit.late && hasGrownTenfold(alert)) this.#telling.wake(alert, 'it has grown tenfold');
    if (newcomers !== undefined && alert.count > 1 && !hit.late) this.#telling.joined(alert, newcomers);
    if (!hit.late) this.#tell(alert, hit, rule);
  }

  result(): EpisodeChanges {
    return {
      alerts: [...this.#touched],
      opened: this.#opened,
      events: this.#events,
      subjects: [...this.#subjects.values()],
      changes: this.#telling.changes,
      outbox: this.#telling.outbox,
    };
  }

  #keep(alert: AlertRow, hit: DetectedHit): void {
    const evidence = evidenceOf(hit);
    this.#events.push({ alert_id: alert.id, position: alert.count, event_id: hit.eventId, evidence: JSON.stringify(evidence) });
    for (const subject of subjectsOf(alert.id, evidence)) this.#subjects.set(`${alert.id} ${subject.kind} ${subject.value}`, subject);
  }

  #begin({ hit, rule, group, key }: KeyedHit): AlertRow {
    const alert = newAlert({
      id: alertId(key, hit.eventId),
      kind: 'rule',
      // The hit says what the rule was then.
      rule: { ...rule, ...hit.hit },
      group,
      episode_key: key,
      first_at: hit.timestamp,
      last_at: hit.timestamp,
      opened_at: this.#now,
    });
    this.#open.file(key, alert);
    this.#opened.push(alert);
    return alert;
  }

  /** Tells of the opening at once, to each notifier that a route names, and of growth at 10, 100, 1,000 … events that were not late. */
  #tell(alert: AlertRow, hit: DetectedHit, rule: RuleInfo): void {
    const live = liveCount(alert);
    if (live >= 10 && isPowerOfTen(live)) this.#telling.grew(alert, live);
    this.#telling.opened(alert, () => this.#router.targets(hit, rule));
  }
}

const isPowerOfTen = (count: number): boolean => /^10*$/.test(`${count}`);
