import type { Finding } from '../model/found.ts';
import type { AlertRow, StateDb } from '../store/state/state.ts';
import { isOfGroup, type Versions, versionsOf } from './former-versions.ts';
import { type Plan, planFindings, type Reviewed } from './found-plan.ts';
import { alertsNear, type KeyedStretch } from './found-rows.ts';
import { findingKey } from './identity.ts';

/** What a key's findings make of its alerts. `formerKeys`: those of its former versions. */
export type Plans = readonly (Plan & { readonly key: string; readonly formerKeys: readonly string[] })[];

type Db = Pick<StateDb, 'selectFrom'>;

/** What findings make of the alerts that there are. Those of a version that another has followed make nothing: that one finds what still holds. */
export async function planAll(db: Db, reviewed: readonly Reviewed[], findings: readonly Finding[]): Promise<Plans> {
  const versions = await versionsOf(
    db,
    [...findings, ...reviewed].map(({ identity }) => identity),
  );
  const isPresent = ({ identity }: Pick<Finding, 'identity'>) => !versions.followed.has(identity);
  const [present, looked] = [findings.filter(isPresent), reviewed.filter(isPresent)];
  const findingsOf = Map.groupBy(present, findingKey);
  const reviewedOf = Map.groupBy(looked, findingKey);
  const near = await alertsNear(db, [...present.map(reachOf), ...looked.map(stretchOf)]);
  const former = await formerNear(db, findingsOf, versions);
  const keys = [...new Set([...findingsOf.keys(), ...reviewedOf.keys()])];
  return keys.map((key) => ({
    key,
    formerKeys: (findingsOf.get(key) ?? []).slice(0, 1).flatMap((finding) => formerKeysOf(finding, versions)),
    ...planFindings(findingsOf.get(key) ?? [], near.get(key) ?? [], reviewedOf.get(key) ?? [], former.get(key)),
  }));
}

const formerKeysOf = ({ kind, identity, groupKey }: Finding, { former }: Versions): string[] =>
  kind !== 'correlation' ? [] : (former.get(identity) ?? []).map((each) => findingKey({ identity: each, groupKey }));

/**
 * By key, alerts of former versions that are near its findings, and others that are near those: the gap may be longer than it was, and
 * what takes one over takes all.
 */
async function formerNear(
  db: Db,
  findingsOf: ReadonlyMap<string, readonly Finding[]>,
  versions: Versions,
): Promise<Map<string, AlertRow[]>> {
  const found = new Map<string, AlertRow[]>();
  let open = [...findingsOf.values()].flatMap((findings) => openOf(findings, versions) ?? []);
  while (open.length > 0) {
    const near = await alertsNear(
      db,
      open.flatMap(({ keys, reaches }) => keys.flatMap((key) => reaches.map((reach) => ({ ...reach, key })))),
    );
    open = open.flatMap(({ one, keys, reaches }) => {
      const rows = keys.flatMap((key) => near.get(key) ?? []).filter((row) => isOfGroup(row, one));
      const known = found.get(findingKey(one))?.length ?? 0;
      found.set(findingKey(one), rows);
      return rows.length > known ? [{ one, keys, reaches: [...reaches, ...rows.map((row) => reachOfAlert(row, one.gapMs))] }] : [];
    });
  }
  return found;
}

/** Where alerts of former versions are to be looked for; undefined where there were none. */
function openOf(findings: readonly Finding[], versions: Versions) {
  const [one] = findings;
  const keys = one === undefined ? [] : formerKeysOf(one, versions);
  return one === undefined || keys.length === 0 ? undefined : { one, keys, reaches: findings.map(reachOf) };
}

const reachOfAlert = ({ episode_key: key, first_trigger: first, last_trigger: last }: AlertRow, gapMs: number): KeyedStretch => ({
  key,
  from: (first ?? 0) - gapMs,
  to: (last ?? 0) + gapMs,
});

const reachOf = (finding: Finding): KeyedStretch => ({
  key: findingKey(finding),
  from: finding.firstTrigger - finding.gapMs,
  to: finding.lastTrigger + finding.gapMs,
});

export const stretchOf = (reviewed: Reviewed): KeyedStretch => ({ key: findingKey(reviewed), from: reviewed.from, to: reviewed.to });

/** Two plans with the same signature are described alike. */
export const signature = (plans: Plans): string =>
  JSON.stringify(
    plans.map(({ key, merged, withdrawn }) => [
      key,
      merged.map(({ finding, into, joins }) => [finding.firstTrigger, finding.lastTrigger, into?.id, joins.map(({ id }) => id)]),
      withdrawn.map(({ id }) => id),
    ]),
  );
