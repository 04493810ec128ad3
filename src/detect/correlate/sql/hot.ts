import type { EventEngine } from '../../../store/store.ts';
import type { Lane } from './lane.ts';

/** A group that nobody has asked about for so long is counted again. */
const KEPT_MS = 600_000;
const MOST = 1_000;

type Group = Pick<Lane, 'identity' | 'groupKey'>;

const hot = new WeakMap<EventEngine, Map<string, { readonly rows: number; until: number }>>();
const nameOf = ({ identity, groupKey }: Group): string => `${identity} ${groupKey}`;

/** How many rows a group had in its windows when it was last counted, if these were very many. Only ever a reason to ask in another way. */
export function hotRows(engine: EventEngine, group: Group): number | undefined {
  const known = hot.get(engine)?.get(nameOf(group));
  if (known === undefined || known.until <= performance.now()) return undefined;
  known.until = performance.now() + KEPT_MS;
  return known.rows;
}

export function rememberRows(engine: EventEngine, group: Group, rows: number, large: number): void {
  const groups = hot.get(engine) ?? new Map();
  hot.set(engine, groups);
  if (rows <= large) groups.delete(nameOf(group));
  else if (groups.size < MOST || groups.has(nameOf(group))) groups.set(nameOf(group), { rows, until: performance.now() + KEPT_MS });
  else hot.delete(engine);
}
