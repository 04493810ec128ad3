import type { StateDb } from '../store/state/state.ts';

/** What was given up of what is for one place alone: of one target, one kind, for one reason. */
export interface Unsaid {
  readonly notifier: string;
  /** `heard`: what somebody listens for; `mute`: that one began or ended. */
  readonly kind: 'digest' | 'heard' | 'mute';
  /** Name of the digest. */
  readonly digest?: string;
  readonly why: string;
  readonly count: number;
  /** When the last was given up; milliseconds since the epoch. */
  readonly lastAt: number;
}

const MOST = 100;

/** The newest first. Who was to hear it is not said: who listens to what is not for everybody. */
export async function unsaid(db: StateDb): Promise<Unsaid[]> {
  const rows = await db
    .selectFrom('whispers')
    .select(['notifier', 'listener', 'why'])
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('changed_at').as('last_at')])
    .where('state', '=', 'dead')
    .groupBy(['notifier', 'listener', 'why'])
    .execute();
  const found = new Map<string, Unsaid>();
  for (const { notifier, listener, why, count, last_at: lastAt } of rows) {
    const about = { notifier, ...kindOf(listener), why: why ?? 'no reason is known' };
    const key = JSON.stringify(about);
    const other = found.get(key);
    found.set(key, { ...about, count: (other?.count ?? 0) + Number(count), lastAt: Math.max(other?.lastAt ?? 0, Number(lastAt)) });
  }
  return [...found.values()].sort((a, b) => b.lastAt - a.lastAt).slice(0, MOST);
}

function kindOf(listener: string): Pick<Unsaid, 'kind' | 'digest'> {
  if (listener.startsWith('digest/')) return { kind: 'digest', digest: listener.slice('digest/'.length) };
  return { kind: listener.startsWith('mute/') ? 'mute' : 'heard' };
}
