import type { RuleInfo } from '../model/detection.ts';
import type { Finding } from '../model/found.ts';
import type { AlertRow, Lease, State, StateDb, StateTransaction } from '../store/state/state.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { lockAlerts } from './alert-rows.ts';
import { filledTo, leftBehind } from './former-versions.ts';
import { type Found, type FoundChanges, FoundEpisodes } from './found-episodes.ts';
import type { Reviewed } from './found-plan.ts';
import { type Plans, planAll, signature, stretchOf } from './found-plans.ts';
import { alertsNear, loadFound, writeFound } from './found-rows.ts';
import { findingKey } from './identity.ts';
import type { Router } from './routing.ts';

/** All about each of these, in their order. Asked outside of a transaction: it may take its time. */
export type Describe = (merged: readonly Finding[]) => Promise<readonly Found[]>;

/** Written in the same transaction, such as a cursor. */
export type Within = (tx: StateTransaction) => Promise<void>;

/** What has ended by itself. */
export interface Ended extends Pick<Finding, 'identity' | 'groupKey'> {
  readonly note: string;
}

/** A correlation of which all that is in the store was looked at. */
export interface LookedAt extends Pick<Finding, 'identity'> {
  /** How long before a moment its window may begin, in milliseconds. */
  readonly timespanMs: number;
  /** Up to when it is known whether it holds; milliseconds since the epoch. */
  readonly upTo: number;
}

/** Alerts of what no single event tells. Who writes holds a lease; who has lost it changes nothing, and gets false. */
export interface FoundAlerts {
  /** Findings become alerts, or extend or join those there are. The same again changes nothing. */
  commit(findings: readonly Finding[], describe: Describe, within: Within, lease: Lease): Promise<boolean>;
  /** The same, where in some stretches nothing holds but the findings: alerts that told of more are revised. */
  revise(reviewed: readonly Reviewed[], findings: readonly Finding[], describe: Describe, within: Within, lease: Lease): Promise<boolean>;
  /** A new version has been looked at as a whole: what its former versions found, and it does not, gets a line that says so. */
  leave(looked: LookedAt, within: Within, lease: Lease): Promise<boolean>;
  /** Resolves the alerts of what has ended by itself. */
  resolve(ended: readonly Ended[], within: Within, lease: Lease): Promise<boolean>;
  /** When what was announced in these stretches held; milliseconds since the epoch. */
  announced(stretches: readonly Reviewed[]): Promise<Reviewed[]>;
}

export interface FoundAlertsDeps {
  readonly state: State;
  /** What people need to know of what has found it; undefined when it is no longer there. */
  ruleInfo(id: string): RuleInfo | undefined;
  /** Whether it is on trial, or only counted by others: what it finds is counted, and leads to nothing. */
  isQuiet(rule: RuleInfo): boolean;
  router(): Router;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  /** Keeps alerts that are opened and have words that somebody listens for, in the same transaction. */
  keepOpened?(tx: StateTransaction, changes: FoundChanges): Promise<void>;
  /** Something waits in the outbox, after the commit. */
  onQueued?(): void;
}

/** How often findings are planned anew because somebody has changed the alerts meanwhile. */
const ATTEMPTS = 10;

export function createFoundAlerts(deps: FoundAlertsDeps): FoundAlerts {
  const revise: FoundAlerts['revise'] = async (reviewed, findings, describe, within, lease) => {
    const told = findings.filter((finding) => isTold(finding, deps));
    const found =
      told.length + reviewed.length === 0 ? await empty(deps, within, lease) : await apply(deps, reviewed, told, describe, within, lease);
    if (found === undefined) return false;
    for (const { kind } of findings.filter((finding) => !told.includes(finding)))
      deps.telemetry.count('earshot_quiet_findings_total', { kind });
    announce(deps, found);
    return true;
  };
  return {
    revise,
    commit: (findings, describe, within, lease) => revise([], findings, describe, within, lease),
    leave: async (looked, within, lease) => (await deps.state.fenced(lease, (tx) => leave(tx, looked, within, deps))) !== undefined,
    resolve: async (ended, within, lease) => {
      const changes = await deps.state.fenced(lease, (tx) => resolve(tx, ended, within, deps));
      return changes !== undefined;
    },
    announced: (stretches) => deps.state.read((db) => announced(db, stretches)),
  };
}

/** What is quiet leads to nothing; what has lost its rule leads to nothing either. */
function isTold({ ruleId }: Finding, { ruleInfo, isQuiet }: FoundAlertsDeps): boolean {
  const rule = ruleInfo(ruleId);
  return rule !== undefined && !isQuiet(rule);
}

function announce({ telemetry, onQueued }: FoundAlertsDeps, { opened, outbox }: FoundChanges): void {
  // After the commit: a transaction may run twice, and what it counts would be counted twice.
  for (const { level } of opened) telemetry.count('earshot_alerts_total', { level });
  if (outbox.length > 0) onQueued?.();
}

/**
 * Plans, asks the engine, and writes only if the plan is the same under the lock: the state database is not held while the engine
 * answers, and somebody who resolves an alert meanwhile, or another that finds something, is not overwritten.
 */
async function apply(
  deps: FoundAlertsDeps,
  reviewed: readonly Reviewed[],
  findings: readonly Finding[],
  describe: Describe,
  within: Within,
  lease: Lease,
): Promise<FoundChanges | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const plans = await deps.state.read((db) => planAll(db, reviewed, findings));
    const merged = plans.flatMap((each) => each.merged);
    const found = merged.length === 0 ? [] : await describe(merged.map(({ finding }) => finding));
    const written = await deps.state.fenced(lease, async (tx) => {
      await lockAlerts(tx);
      const now = await planAll(tx, reviewed, findings);
      if (signature(now) !== signature(plans)) return 'changed';
      const changes = await fold(tx, now, found, deps);
      await writeFound(tx, changes);
      await deps.keepOpened?.(tx, changes);
      await within(tx);
      return changes;
    });
    if (written !== 'changed') return written;
  }
  throw new Error('alerts changed each time that findings were to join them');
}

async function empty({ state, router, now }: FoundAlertsDeps, within: Within, lease: Lease): Promise<FoundChanges | undefined> {
  const nothing = new FoundEpisodes({ events: [], subjects: [], isTaken: () => false }, router(), now()).result();
  return state.fenced(lease, async (tx) => {
    await within(tx);
    return nothing;
  });
}

async function fold(tx: StateTransaction, plans: Plans, found: readonly Found[], deps: FoundAlertsDeps): Promise<FoundChanges> {
  const touched = plans.flatMap(({ merged }) => merged.flatMap(({ into, joins }) => [...(into === undefined ? [] : [into]), ...joins]));
  // Ids are made of the first key that an alert had, and it keeps its id under another.
  const opening = plans
    .filter(({ merged }) => merged.some(({ into }) => into === undefined))
    .flatMap(({ key, formerKeys }) => [key, ...formerKeys]);
  const episodes = new FoundEpisodes(await loadFound(tx, touched, opening), deps.router(), deps.now());
  plans
    .flatMap(({ merged }) => merged)
    .forEach((each, i) => {
      const [described, rule] = [found[i], deps.ruleInfo(each.finding.ruleId)];
      if (described !== undefined && rule !== undefined) episodes.take(each, described, rule);
    });
  for (const alert of plans.flatMap(({ withdrawn }) => withdrawn)) episodes.withdraw(alert);
  return episodes.result();
}

async function leave(
  tx: StateTransaction,
  { identity, timespanMs, upTo }: LookedAt,
  within: Within,
  deps: FoundAlertsDeps,
): Promise<FoundChanges> {
  await lockAlerts(tx);
  const episodes = new FoundEpisodes({ events: [], subjects: [], isTaken: () => false }, deps.router(), deps.now());
  const since = await filledTo(tx, identity);
  // Of what is older than its rows it knows nothing.
  if (since !== undefined) for (const alert of await leftBehind(tx, identity, since + timespanMs, upTo)) episodes.leave(alert);
  const changes = episodes.result();
  await writeFound(tx, changes);
  await within(tx);
  return changes;
}

async function resolve(tx: StateTransaction, ended: readonly Ended[], within: Within, deps: FoundAlertsDeps): Promise<FoundChanges> {
  await lockAlerts(tx);
  const episodes = new FoundEpisodes({ events: [], subjects: [], isTaken: () => false }, deps.router(), deps.now());
  for (const each of ended) for (const alert of await unresolved(tx, findingKey(each))) episodes.resolve(alert, each.note);
  const changes = episodes.result();
  await writeFound(tx, changes);
  await within(tx);
  return changes;
}

const unresolved = (tx: StateTransaction, key: string): Promise<AlertRow[]> =>
  tx.selectFrom('alerts').selectAll().where('episode_key', '=', key).where('state', '!=', 'resolved').execute();

async function announced(db: StateDb, stretches: readonly Reviewed[]): Promise<Reviewed[]> {
  const near = await alertsNear(db, stretches.map(stretchOf));
  return stretches.flatMap(({ identity, groupKey }, i) => {
    const own = near.get(findingKey({ identity, groupKey })) ?? [];
    const wanted = stretches[i];
    return own.flatMap(({ first_trigger: from, last_trigger: to }) =>
      from === null || to === null || wanted === undefined || to < wanted.from || from > wanted.to
        ? []
        : [{ identity, groupKey, from, to }],
    );
  });
}
