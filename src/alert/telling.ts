import { storable } from '../lib/storable-text.ts';
import { LEVELS, type Level } from '../model/severity.ts';
import type { AlertChangeRow, AlertRow, OutboxRow } from '../store/state/state.ts';
import { type Newcomers, newcomersText } from './newcomers.ts';
import type { Router } from './routing.ts';

const NONE: ReadonlySet<string> = new Set();

/** What is new of an alert, as the outbox keeps it. */
interface News extends Newcomers {
  /** Why it does not sleep any more. */
  readonly woke?: string;
}

/** Collects what happens to alerts: the lines of their history, and what is to be told of it. */
export class Telling {
  readonly changes: AlertChangeRow[] = [];
  readonly outbox: OutboxRow[] = [];
  readonly #router: Router;
  readonly #now: number;

  constructor(router: Router, now: number) {
    this.#router = router;
    this.#now = now;
  }

  record(alert: AlertRow, change: AlertChangeRow['change'], note = '', about: Record<string, string> = {}): void {
    const line = { alert_id: alert.id, position: alert.changes, at: this.#now, change, actor: 'earshot', note, count: alert.count };
    this.changes.push({ ...line, about: JSON.stringify(about) });
    alert.changes++;
  }

  /** Ends its sleep, and tells those who know of the alert: nobody looks again at what they have put to sleep. */
  wake(alert: AlertRow, why: string): void {
    alert.state = 'open';
    alert.snoozed_until = null;
    alert.snoozed_count = null;
    this.record(alert, 'woke', why);
    this.#tellAgain(alert, `woke-${alert.changes}`, { users: [], hosts: [], woke: why });
  }

  /** An alert is as bad as the worst of what it tells. `wakes`: it may end the alert's sleep. */
  raise(alert: AlertRow, level: Level, wakes: boolean): void {
    if (LEVELS.indexOf(level) <= LEVELS.indexOf(alert.level)) return;
    alert.level = level;
    this.record(alert, 'raised', '', { level });
    if (alert.state === 'snoozed' && wakes) this.wake(alert, 'its level rose');
  }

  /** Tells of growth to those who know of the alert. Of an alert that sleeps nobody hears. */
  grew(alert: AlertRow, live: number): void {
    this.record(alert, 'grew');
    if (alert.state !== 'snoozed') this.#tellAgain(alert, `grew-${live}`);
  }

  #tellAgain(alert: AlertRow, step: string, news?: News): void {
    const muted = this.#muted(alert);
    for (const notifier of toldOf(alert))
      if (this.#router.notifiers.includes(notifier) && !muted.has(notifier)) this.#queue(alert, notifier, 'grew', step, news);
  }

  /**
   * Tells of the opening those who have not heard of the alert, once. `targets` is asked only while somebody has not. Of an alert that
   * sleeps nobody hears: what is worth waking for has woken it before.
   */
  opened(alert: AlertRow, targets: () => readonly string[]): void {
    const told = toldOf(alert);
    if (alert.state === 'snoozed' || this.#router.notifiers.every((notifier) => told.includes(notifier))) return;
    const muted = this.#muted(alert);
    const added = targets().filter((notifier) => !told.includes(notifier) && !muted.has(notifier));
    for (const notifier of added) this.#queue(alert, notifier, 'opened', 'opened');
    if (added.length > 0) alert.told = JSON.stringify([...told, ...added]);
  }

  /** Tells of newcomers where it disturbs nobody else: in the threads of messages that are there already. */
  joined(alert: AlertRow, newcomers: Newcomers): void {
    this.record(alert, 'grew', storable(newcomersText(newcomers)));
    if (alert.state === 'snoozed') return;
    const told = toldOf(alert);
    const muted = this.#muted(alert);
    for (const notifier of this.#router.following.filter((name) => told.includes(name) && !muted.has(name)))
      this.#queue(alert, notifier, 'grew', `joined-${alert.count}`, newcomers);
  }

  #muted(alert: AlertRow): ReadonlySet<string> {
    return this.#router.muted?.(alert) ?? NONE;
  }

  #queue(alert: AlertRow, notifier: string, kind: OutboxRow['kind'], step: string, joined?: News): void {
    this.outbox.push({
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

/** Notifiers that an alert was routed to. Written by {@link Telling} alone. */
export const toldOf = (alert: AlertRow): string[] => JSON.parse(alert.told) as string[];
