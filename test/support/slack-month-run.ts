import { groupOf } from '../../src/alert/identity.ts';
import { OpenEpisodes, type Stretch } from '../../src/alert/open-episodes.ts';
import { alertSettings } from '../../src/alert/settings.ts';
import { evaluateBaselines } from '../../src/detect/baseline/evaluate.ts';
import { CountedHits } from '../../src/detect/correlate/collect.ts';
import type { Group } from '../../src/detect/correlate/counted.ts';
import { episodesOf } from '../../src/detect/correlate/episodes.ts';
import { groupsFound } from '../../src/detect/correlate/evaluate.ts';
import type { Correlation } from '../../src/detect/sigma/correlation.ts';
import type { LoadedRules } from '../../src/detect/sigma/load.ts';
import { createEnrich } from '../../src/enrich/enrich.ts';
import { quietedBy } from '../../src/hub/rules/running-rules.ts';
import { listValue } from '../../src/lists/list-value.ts';
import { type EnrichmentTables, NO_TABLES } from '../../src/model/enrichment.ts';
import type { NamedList } from '../../src/model/named-list.ts';
import type { Person } from '../../src/model/person.ts';
import { atLeast } from '../../src/model/severity.ts';
import { evaluate } from '../../src/pipeline/evaluator.ts';
import { settingsSchema } from '../../src/settings.ts';
import { buildStages } from '../../src/stages.ts';
import type { Scenario } from '../simulators/slack-month/attacks.ts';
import { LISTS, type Member } from '../simulators/slack-month/people.ts';
import type { SlackMonth } from '../simulators/slack-month.ts';

/** An alert that people are told of. */
export interface Told {
  readonly rule: string;
  /** By when it was there, milliseconds since the epoch: of a baseline the last event of its day, as it says no sooner one. */
  readonly known: number;
  /** The attack that at least half of its events are of; absent for a false one. */
  readonly attack?: string | undefined;
}

export interface FoundAttack {
  readonly scenario: Scenario;
  readonly name: string;
  /** Its first event. */
  readonly began: number;
  /** Alerts that are about it. */
  readonly told: readonly Told[];
}

export interface MonthFound {
  /** Anomalies of the month, and how many are left when those of one person within an hour are one. */
  readonly anomalies: number;
  readonly anomaliesGrouped: number;
  readonly told: readonly Told[];
  readonly attacks: readonly FoundAttack[];
}

const HOUR = 3_600_000;

/**
 * The month through the detection as it is: decoder, mapping, people and lists, all shipped rules, correlations and baselines, and alerts
 * folded by the shipped settings. Told is what the route tells that counts where none is configured: medium and above.
 */
export function runMonth(month: SlackMonth, loaded: LoadedRules): MonthFound {
  const { entries, from } = month;
  const counted = new CountedHits(loaded.correlations, loaded.baselines);
  const hits = judged(month, loaded, counted);
  const quiet = quietedBy(loaded, () => false);
  const isTold = ({ id, level }: { readonly id: string; readonly level: LoadedRules['rules'][number]['level'] }) =>
    atLeast(level, 'medium') && !quiet.has(id);
  const made: readonly Made[] = [
    ...loaded.rules.filter(isTold).flatMap((rule) => alertsOf(hits.get(rule.id) ?? [], entries, rule)),
    ...groupsFound(loaded.correlations, counted.found).flatMap(({ correlation, groups }) =>
      isTold(correlation) ? groups.flatMap((group) => alertsOfGroup(correlation, group)) : [],
    ),
    ...evaluateBaselines(loaded.baselines, counted.found)
      .filter(({ baseline }) => isTold(baseline))
      .map(({ baseline, last, events }) => ({ rule: baseline.name, known: last, events })),
  ];
  const told = made
    .filter(({ known }) => known >= from)
    .map(({ rule, known, events }): Told => ({ rule, known, attack: attackIn(events, entries) }));
  const anomalies = entries.filter(({ at, action }) => at >= from && action === 'anomaly');
  return {
    anomalies: anomalies.length,
    anomaliesGrouped: grouped(anomalies),
    told,
    attacks: month.attacks.map(({ name, scenario, entries: own }) => ({
      name,
      scenario,
      began: Math.min(...own.map(({ at }) => at)),
      told: told.filter(({ attack }) => attack === name),
    })),
  };
}

/** What people would say that an alert is about: one of many events does not make it an alert of an attack. */
function attackIn(events: readonly number[], entries: SlackMonth['entries']): string | undefined {
  const counts = new Map<string, number>();
  for (const number of events) {
    const name = entries[number]?.attack;
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].find(([, count]) => count * 2 >= events.length)?.[0];
}

/** An event that a rule hit, by its number among the entries, with the group that its alert is of. */
interface Hit {
  readonly number: number;
  readonly group: string;
}

/** Judges all entries; gives the hits by rule, and puts into `counted` what correlations and baselines count. */
function judged({ entries, people, leavers, leaversKnownAt }: SlackMonth, loaded: LoadedRules, counted: CountedHits): Map<string, Hit[]> {
  const faults: unknown[] = [];
  const before = createEnrich(tables(people, []));
  const after = createEnrich(tables(people, leavers));
  const { stages } = buildStages(
    settingsSchema.parse({}),
    loaded.rules,
    (_, error) => faults.push(error),
    // Who leaves is known from a day on.
    (event) => (event.timestamp < leaversKnownAt ? before : after)(event),
  );
  const rules = new Map(loaded.rules.map((rule) => [rule.id, rule]));
  const found = new Map<string, Hit[]>();
  for (const [number, { at, text }] of entries.entries()) {
    const record = { seq: number, receivedAt: at, source: 'http', origin: { transport: 'http' as const }, bytes: Buffer.from(text) };
    const { event, decoded, fault } = evaluate(stages, 1, record);
    if (fault !== undefined) throw new Error(fault);
    if (event.hits.length === 0) continue;
    const { fields, timestamp, source } = event;
    counted.add({ fields, timestamp, source, text: decoded?.text ?? '' }, event.hits, number, timestamp);
    for (const { id } of event.hits) {
      const group = JSON.stringify(groupOf(fields.toFields(), rules.get(id)?.groupBy ?? []));
      const own = found.get(id);
      if (own === undefined) found.set(id, [{ number, group }]);
      else own.push({ number, group });
    }
  }
  if (faults.length > 0) throw faults[0];
  return found;
}

interface Made {
  readonly rule: string;
  readonly known: number;
  readonly events: readonly number[];
}

interface Alert extends Stretch {
  readonly events: number[];
}

/** Hits as alerting folds them. */
function alertsOf(hits: readonly Hit[], entries: SlackMonth['entries'], rule: { readonly name: string }): Made[] {
  const { group_gap_secs: gap, group_max_secs: most } = alertSettings.parse(undefined);
  const open = new OpenEpisodes<Alert>({ gapMs: gap * 1_000, maxMs: most * 1_000 });
  const made: Alert[] = [];
  for (const { number, group } of hits) {
    const at = entries[number]?.at ?? 0;
    const known = open.join(group, at);
    if (known === undefined) {
      const alert = { id: `${made.length}`, first_at: at, last_at: at, events: [number] };
      open.file(group, alert);
      made.push(alert);
    } else {
      open.extend(group, known, at);
      known.events.push(number);
    }
  }
  return made.map(({ first_at: known, events }) => ({ rule: rule.name, known, events }));
}

/** Each is there with the first moment at which its correlation holds. */
const alertsOfGroup = (correlation: Correlation, group: Group): Made[] =>
  episodesOf(correlation, group).map(({ first, last, events }) => ({
    rule: correlation.name,
    known: group.triggers.find(({ at }) => at >= first && at <= last)?.at ?? last,
    events,
  }));

/** Anomalies of one person that follow one another within an hour are one. */
function grouped(anomalies: SlackMonth['entries']): number {
  const last = new Map<string, number>();
  let count = 0;
  for (const { at, text } of anomalies) {
    const who = /"actor":\{"type":"user","user":\{"id":"([^"]*)"/.exec(text)?.[1] ?? '';
    const before = last.get(who);
    if (before === undefined || at - before > HOUR) count++;
    last.set(who, at);
  }
  return count;
}

function tables(people: readonly Member[], leavers: readonly Member[]): EnrichmentTables {
  const leaving = new Set(leavers.map(({ id }) => id));
  const persons = people.map(
    ({ id, name, email }): Person => ({
      id: name,
      displayName: name,
      names: [id],
      emails: [email],
      groups: [],
      active: true,
      privileged: false,
      sources: [],
      ...(leaving.has(id) && { leavingDate: '2026-12-31' }),
    }),
  );
  return { ...NO_TABLES, people: persons, lists: Object.entries(LISTS).map(([name, list]) => listOf(name, list)) };
}

function listOf(name: string, { kind, values }: (typeof LISTS)[keyof typeof LISTS]): NamedList {
  const about = { reason: 'simulated', author: 'simulator', createdAt: 0 };
  const entries = values.map((text) => {
    const value = listValue(kind, text);
    if (!value.ok) throw new Error(`${name}: ${text}: ${value.error}`);
    return { value: value.value, ...about };
  });
  return { name, kind, fields: [], entries, ...about };
}
