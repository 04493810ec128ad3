import { storable } from '../lib/storable-text.ts';
import type { Evidence } from '../model/alert.ts';
import type { DetectedHit } from '../model/detected.ts';
import type { RuleInfo } from '../model/detection.ts';
import { type Event, eventId } from '../model/event.ts';
import type { Described, Finding } from '../model/found.ts';
import type { AlertEventRow, AlertRow, AlertSubjectRow } from '../store/state/state.ts';
import type { EpisodeChanges } from './episodes.ts';
import { evidenceOf, namesOf } from './evidence.ts';
import type { Merged } from './found-plan.ts';
import { alertId, findingKey } from './identity.ts';
import { hasGrownTenfold, liveCount } from './life.ts';
import { newAlert } from './new-alert.ts';
import { KnownNames, type Newcomers } from './newcomers.ts';
import type { Router } from './routing.ts';
import { subjectsOf } from './subjects.ts';
import { Telling, toldOf } from './telling.ts';

/** One alert's moments together, with those of `eventIds` that the store still has. */
export type Found = Described & { readonly events: readonly Event[] };

/** What the state database knows of the alerts that findings change. */
export interface KnownFound {
  readonly events: readonly AlertEventRow[];
  readonly subjects: readonly AlertSubjectRow[];
  /** Whether an alert has this id. */
  isTaken(id: string): boolean;
}

export interface FoundChanges extends EpisodeChanges {
  /** Alerts whose evidence is written anew: `events` has all of it. */
  readonly rewritten: readonly string[];
}

/** Makes alerts of what was found. The alerts' rows are changed: they are those of the transaction that writes them. */
export class FoundEpisodes {
  readonly #known: KnownFound;
  readonly #router: Router;
  readonly #now: number;
  readonly #telling: Telling;
  readonly #names: KnownNames;
  readonly #alerts = new Map<string, AlertRow>();
  readonly #opened: AlertRow[] = [];
  readonly #events: AlertEventRow[] = [];
  readonly #subjects = new Map<string, AlertSubjectRow>();
  readonly #rewritten: string[] = [];

  constructor(known: KnownFound, router: Router, now: number) {
    this.#known = known;
    this.#router = router;
    this.#now = now;
    this.#telling = new Telling(router, now);
    this.#names = new KnownNames(known.subjects);
  }

  take(merged: Merged, found: Found, rule: RuleInfo): void {
    const { finding, into, joins } = merged;
    const changesHands = into !== undefined && into.episode_key !== findingKey(finding);
    if (into !== undefined && joins.length === 0 && !changesHands && isSame(into, finding, found)) return;
    const alert = into ?? this.#begin(finding, found, rule);
    const before = beforeOf(alert);
    if (changesHands) this.#takeOver(alert, finding, found, rule);
    Object.assign(alert, {
      found_by: finding.identity,
      former_first: merged.former?.first ?? null,
      former_last: merged.former?.last ?? null,
      count: found.count,
      first_at: found.firstAt,
      last_at: found.lastAt,
      first_trigger: finding.firstTrigger,
      last_trigger: finding.lastTrigger,
      details: JSON.stringify(found.details),
      changed_at: this.#now,
    });
    this.#alerts.set(alert.id, alert);
    const joinedLate = joins.reduce((sum, { late_count }) => sum + late_count, 0);
    const lateNow = finding.late ? Math.max(0, found.count - before.count) : 0;
    alert.late_count = Math.min(found.count, alert.late_count + Math.max(joinedLate, lateNow));
    if (into === undefined)
      this.#telling.record(alert, 'opened', finding.late ? 'it came late, or was there before the rule: nobody is told' : '');
    const hits = found.events.map((event) => hitOf(event, finding, found, rule));
    const asked = hits.length > 0 ? hits : [hitOf(eventOf(finding), finding, found, rule)];
    const newcomers = this.#keep(alert, joins, asked, found.eventIds);
    for (const other of joins) this.#join(alert, other);
    if (!changesHands && (merged.shrunk || found.count < before.count))
      this.#telling.record(alert, 'revised', revisedText(found, before.count));
    if (alert.state === 'resolved') this.#growSilently(alert, before);
    else if (!finding.late) this.#tell(alert, into === undefined ? undefined : newcomers, before.live, asked, rule);
  }

  /** From now on it is an alert of the rule as it is. What it was before is in this line of its history. */
  #takeOver(alert: AlertRow, finding: Finding, found: Found, rule: RuleInfo): void {
    this.#telling.record(
      alert,
      'rule_changed',
      `before, it found ${textOf(alert.count, alert.first_at, alert.last_at)}; as it is now, ${textOf(found.count, found.firstAt, found.lastAt)}`,
      { version: rule.version },
    );
    alert.episode_key = findingKey(finding);
    alert.rule_version = rule.version;
  }

  /** A former version of its rule found it, and the present one does not. It stays as it is, with a line that says so. */
  leave(alert: AlertRow): void {
    Object.assign(alert, { found_by: null, changed_at: this.#now });
    this.#alerts.set(alert.id, alert);
    this.#telling.record(alert, 'rule_changed', 'found by the rule as it was before; as it is now, it does not find this');
  }

  /** What was announced does not hold any more. It stays, with a line that says so; found anew, it is another alert. */
  withdraw(alert: AlertRow): void {
    Object.assign(alert, { first_trigger: null, last_trigger: null, changed_at: this.#now });
    this.#alerts.set(alert.id, alert);
    this.#telling.record(alert, 'revised', 'with the events that came late, it does not hold');
  }

  /** It has ended by itself. */
  resolve(alert: AlertRow, note: string): void {
    this.#close(alert);
    this.#telling.record(alert, 'resolved', storable(note));
  }

  result(): FoundChanges {
    return {
      alerts: [...this.#alerts.values()],
      opened: this.#opened,
      events: this.#events,
      subjects: [...this.#subjects.values()],
      changes: this.#telling.changes,
      outbox: this.#telling.outbox,
      rewritten: this.#rewritten,
    };
  }

  #begin(finding: Finding, found: Found, rule: RuleInfo): AlertRow {
    const key = findingKey(finding);
    const alert = newAlert({
      id: this.#freeId(key, `${finding.firstTrigger}`),
      kind: finding.kind,
      rule,
      group: finding.group,
      episode_key: key,
      first_at: found.firstAt,
      last_at: found.lastAt,
      opened_at: this.#now,
    });
    this.#opened.push(alert);
    return alert;
  }

  /** An alert that has begun at that moment may have lost it since. */
  #freeId(key: string, beginning: string): string {
    const id = alertId(key, beginning);
    return this.#known.isTaken(id) || this.#alerts.has(id) ? this.#freeId(key, `${beginning} again`) : id;
  }

  /** Keeps what the alert shows of its events; what the store no longer has stays as it was kept. Gives who is new in it. */
  #keep(alert: AlertRow, joins: readonly AlertRow[], hits: readonly DetectedHit[], eventIds: readonly string[]): Newcomers | undefined {
    const own = new Set([alert.id, ...joins.map(({ id }) => id)]);
    const texts = new Map(this.#known.events.filter(({ alert_id }) => own.has(alert_id)).map((row) => [row.event_id, row.evidence]));
    const users: string[] = [];
    const hosts: string[] = [];
    for (const hit of hits) {
      const evidence: Evidence = evidenceOf(hit);
      texts.set(hit.eventId, JSON.stringify(evidence));
      const newcomers = this.#names.meet(alert.id, namesOf(hit.fields));
      users.push(...(newcomers?.users ?? []));
      hosts.push(...(newcomers?.hosts ?? []));
    }
    const kept = eventIds.flatMap((id) => {
      const evidence = texts.get(id);
      return evidence === undefined ? [] : [{ event_id: id, evidence }];
    });
    this.#events.push(...kept.map((row, i) => ({ ...row, alert_id: alert.id, position: i + 1 })));
    for (const evidence of [...kept.map((row) => JSON.parse(row.evidence) as Evidence), ...hits.map(evidenceOf)])
      for (const subject of subjectsOf(alert.id, evidence)) this.#subjects.set(`${alert.id} ${subject.kind} ${subject.value}`, subject);
    this.#rewritten.push(alert.id);
    return users.length + hosts.length === 0 ? undefined : { users, hosts };
  }

  /** Whoever has heard of the other has heard of this. */
  #join(alert: AlertRow, other: AlertRow): void {
    alert.told = JSON.stringify([...new Set([...toldOf(alert), ...toldOf(other)])]);
    this.#telling.record(alert, 'grew', `with the alert ${other.id}, which is part of it`);
    this.#close(other);
    other.part_of = alert.id;
    this.#telling.record(other, 'merged', `part of ${alert.id}`, { alert: alert.id });
  }

  #close(alert: AlertRow): void {
    const resolvedAt = alert.resolved_at ?? this.#now;
    Object.assign(alert, { state: 'resolved', resolved_at: resolvedAt, snoozed_until: null, snoozed_count: null, changed_at: this.#now });
    this.#alerts.set(alert.id, alert);
  }

  /** Whoever has closed it finds a line that it went on, and one for each power of ten. */
  #growSilently(alert: AlertRow, before: Before): void {
    const more = alert.count > before.count && before.justResolved;
    if (more || tens(liveCount(alert)) > tens(before.live)) this.#telling.record(alert, 'grew', 'after it was resolved: nobody is told');
  }

  #tell(alert: AlertRow, newcomers: Newcomers | undefined, liveBefore: number, hits: readonly DetectedHit[], rule: RuleInfo): void {
    this.#telling.raise(alert, rule.level, true);
    if (alert.state === 'snoozed' && hasGrownTenfold(alert)) this.#telling.wake(alert, 'it has grown tenfold');
    if (newcomers !== undefined) this.#telling.joined(alert, newcomers);
    const reached = tens(liveCount(alert));
    if (liveBefore > 0 && reached > tens(liveBefore)) this.#telling.grew(alert, 10 ** reached);
    this.#telling.opened(alert, () => this.#targets(hits, rule));
  }

  /** A route that wants one of the events wants the alert. */
  #targets(hits: readonly DetectedHit[], rule: RuleInfo): string[] {
    const named = new Set(hits.flatMap((hit) => this.#router.targets(hit, rule)));
    return this.#router.notifiers.filter((name) => named.has(name));
  }
}

interface Before {
  readonly count: number;
  readonly live: number;
  /** Nothing has happened to it since it was resolved. */
  readonly justResolved: boolean;
}

const beforeOf = (alert: AlertRow): Before => ({
  count: alert.count,
  live: liveCount(alert),
  justResolved: alert.resolved_at === alert.changed_at,
});

/** 0 for 1 to 9, 1 for 10 to 99, … */
const tens = (count: number): number => `${count}`.length - 1;

const isSame = (alert: AlertRow, { firstTrigger, lastTrigger }: Finding, found: Found): boolean =>
  alert.first_trigger === firstTrigger &&
  alert.last_trigger === lastTrigger &&
  alert.count === found.count &&
  alert.first_at === found.firstAt &&
  alert.last_at === found.lastAt &&
  alert.details === JSON.stringify(found.details);

const revisedText = ({ count, firstAt, lastAt }: Found, before: number): string => `${textOf(count, firstAt, lastAt)}, before ${before}`;

const textOf = (count: number, from: number, to: number): string =>
  `${count} events from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;

/** The event as alerting reads it: with what the rules found in it that the alert is made of. */
function hitOf(event: Event, { late }: Finding, { details }: Found, rule: RuleInfo): DetectedHit {
  const legs =
    details.kind === 'correlation' ? details.legs.flatMap(({ ruleId, countedRuleIds }) => countedRuleIds ?? [ruleId]) : undefined;
  const named = event.hits.filter(({ id }) => legs?.includes(id));
  // What counts other correlations names none of the event's own rules.
  const behind = named.length > 0 ? named : event.hits;
  const hit = {
    id: rule.id,
    version: rule.version,
    title: rule.title,
    level: rule.level,
    matches: behind.flatMap(({ matches }) => matches),
  };
  return { ...event, eventId: eventId(event.node, event.seq), hit, late };
}

/** Where there is no event, as in silence, the group says what it is about. */
const eventOf = ({ group, lastTrigger }: Finding): Event => ({
  node: 0,
  seq: 0,
  receivedAt: lastTrigger,
  timestamp: lastTrigger,
  source: '',
  fields: { ...group },
  raw: Buffer.alloc(0),
  hits: [],
});
