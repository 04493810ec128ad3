import { storable } from '../lib/storable-text.ts';
import type { DetectedHit } from '../model/detected.ts';
import type { RuleInfo } from '../model/detection.ts';
import { LEVELS } from '../model/severity.ts';
import type { AlertChangeRow, AlertEventRow, AlertRow, AlertSubjectRow, OutboxRow } from '../store/state/state.ts';
import { evidenceOf, namesOf } from './evidence.ts';
import { alertId, episodeKey, groupOf } from './identity.ts';
import { hasGrownTenfold, liveCount } from './life.ts';
import { KnownNames, type Newcomers, newcomersText } from './newcomers.ts';
import { type EpisodeBounds, OpenEpisodes } from './open-episodes.ts';
import type { Router } from './routing.ts';
import { subjectsOf } from './subjects.ts';

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
  readonly #changes: AlertChangeRow[] = [];
  readonly #outbox: OutboxRow[] = [];

  /** `known`: the alerts, not resolved, that these hits could join, and whom they name. */
  constructor(known: KnownEpisodes, bounds: EpisodeBounds, router: Router, now: number) {
    this.#open = new OpenEpisodes(bounds);
    this.#router = router;
    this.#now = now;
    this.#names = new KnownNames(known.subjects);
    for (const row of known.alerts) this.#open.file(row.episode_key, { ...row });
  }

  take(keyedHit: KeyedHit): void {
    const { hit, rule, key } = keyedHit;
    const alert = this.#open.join(key, hit.timestamp) ?? this.#begin(keyedHit);
    alert.count++;
    if (hit.late) alert.late_count++;
    this.#open.extend(key, alert, hit.timestamp);
    alert.changed_at = this.#now;
    this.#touched.add(alert);
    const newcomers = this.#names.meet(alert.id, namesOf(hit.fields));
    if (alert.count <= EVIDENCE || newcomers !== undefined) this.#keep(alert, hit);
    this.#raise(alert, hit);
    if (alert.state === 'snoozed' && !hit.late && hasGrownTenfold(alert)) this.#wake(alert, 'it has grown tenfold');
    if (newcomers !== undefined && alert.count > 1 && !hit.late) this.#tellOf(newcomers, alert);
    if (!hit.late) this.#tell(alert, hit, rule);
  }

  result(): EpisodeChanges {
    return {
      alerts: [...this.#touched],
      opened: this.#opened,
      events: this.#events,
      subjects: [...this.#subjects.values()],
      changes: this.#changes,
      outbox: this.#outbox,
    };
  }

  #keep(alert: AlertRow, hit: DetectedHit): void {
    const evidence = evidenceOf(hit);
    this.#events.push({ alert_id: alert.id, position: alert.count, event_id: hit.eventId, evidence: JSON.stringify(evidence) });
    for (const subject of subjectsOf(alert.id, evidence)) this.#subjects.set(`${alert.id} ${subject.kind} ${subject.value}`, subject);
  }

  /** An alert is as bad as the worst of its hits. */
  #raise(alert: AlertRow, { hit, late }: DetectedHit): void {
    if (LEVELS.indexOf(hit.level) <= LEVELS.indexOf(alert.level)) return;
    alert.level = hit.level;
    this.#record(alert, 'raised', alert.count, '', { level: hit.level });
    if (alert.state === 'snoozed' && !late) this.#wake(alert, 'its level rose');
  }

  #wake(alert: AlertRow, why: string): void {
    alert.state = 'open';
    alert.snoozed_until = null;
    alert.snoozed_count = null;
    this.#record(alert, 'woke', alert.count, why);
  }

  #begin({ hit, rule, group, key }: KeyedHit): AlertRow {
    const alert: AlertRow = {
      id: alertId(key, hit.eventId),
      rule_id: hit.hit.id,
      rule_version: hit.hit.version,
      rule_name: storable(rule.name),
      title: storable(hit.hit.title),
      level: hit.hit.level,
      episode_key: key,
      group_values: JSON.stringify(group),
      count: 0,
      late_count: 0,
      first_at: hit.timestamp,
      last_at: hit.timestamp,
      told: '[]',
      tags: JSON.stringify(rule.tags),
      next_steps: JSON.stringify(rule.nextSteps),
      state: 'open',
      assignee: null,
      snoozed_until: null,
      snoozed_count: null,
      resolution: null,
      opened_at: this.#now,
      acknowledged_at: null,
      resolved_at: null,
      changed_at: this.#now,
      changes: 0,
      kind: 'rule',
      details: null,
      first_trigger: null,
      last_trigger: null,
      part_of: null,
    };
    this.#open.file(key, alert);
    this.#opened.push(alert);
    this.#record(alert, 'opened', 1, hit.late ? 'the event came late: nobody is told' : '');
    return alert;
  }

  /**
   * Tells of the opening at once, to each notifier that a route names, and of growth at 10, 100, 1,000 … events that were not late.
   * Of an alert that sleeps nobody hears: what is worth waking for has woken it before.
   */
  #tell(alert: AlertRow, hit: DetectedHit, rule: RuleInfo): void {
    // Written by #tell alone.
    const told = JSON.parse(alert.told) as string[];
    const live = liveCount(alert);
    const grew = live >= 10 && isPowerOfTen(live);
    if (grew) this.#record(alert, 'grew', alert.count, '');
    if (alert.state === 'snoozed') return;
    if (grew) {
      for (const notifier of told) if (this.#router.notifiers.includes(notifier)) this.#queue(alert, notifier, 'grew', `grew-${live}`);
    }
    if (this.#router.notifiers.every((notifier) => told.includes(notifier))) return;
    const added = this.#router.targets(hit, rule).filter((notifier) => !told.includes(notifier));
    for (const notifier of added) this.#queue(alert, notifier, 'opened', 'opened');
    if (added.length > 0) alert.told = JSON.stringify([...told, ...added]);
  }

  /** Tells of newcomers where it disturbs nobody else: in the threads of messages that are there already. */
  #tellOf(newcomers: Newcomers, alert: AlertRow): void {
    this.#record(alert, 'grew', alert.count, storable(newcomersText(newcomers)));
    if (alert.state === 'snoozed') return;
    const told = JSON.parse(alert.told) as string[];
    for (const notifier of this.#router.following.filter((name) => told.includes(name))) {
      this.#queue(alert, notifier, 'grew', `joined-${alert.count}`, newcomers);
    }
  }

  #record(alert: AlertRow, change: AlertChangeRow['change'], count: number, note: string, about: Record<string, string> = {}): void {
    const line = { alert_id: alert.id, position: alert.changes, at: this.#now, change, actor: 'earshot', note, count };
    this.#changes.push({ ...line, about: JSON.stringify(about) });
    alert.changes++;
  }

  #queue(alert: AlertRow, notifier: string, kind: OutboxRow['kind'], step: string, joined?: Newcomers): void {
    this.#outbox.push({
      key: `${alert.id}.${step}.${notifier}`,
      notifier,
      alert_id: alert.id,
      kind,
      state: 'pending',
      batch: null,
      alone: 0,
      attempts: 0,
      possible_repeat: 0,
      due_at: this.#now,
      created_at: this.#now,
      changed_at: this.#now,
      why: null,
      ref: null,
      tried_at: null,
      joined: joined === undefined ? null : JSON.stringify(joined),
    });
  }
}

const isPowerOfTen = (count: number): boolean => /^10*$/.test(`${count}`);
