import { z } from 'zod';
import type { Silence, SilenceTerms } from '../../detect/sigma/silence-document.ts';
import { begun, type Clocks, forgottenAt, heardAgain, type Rhythm, stepOf, tooLong, type Watched } from '../../detect/silence/rhythm.ts';
import { MOST_KEYS } from '../../detect/silence/silence-tap.ts';
import { storable } from '../../lib/storable-text.ts';
import type { Heard } from '../../model/heard.ts';
import { countKeys, knownKeys, type SilenceKeyRow, writeKeys } from '../../store/state/silence-keys.ts';
import type { StateTransaction } from '../../store/state/state.ts';

const rhythm: z.ZodType<Rhythm> = z.object({
  hour: z.number(),
  days: z.array(
    z.object({
      day: z.number(),
      hours: z.number(),
      whole: z.number(),
      work: z.number(),
      night: z.number(),
      weekend: z.number(),
    }),
  ),
});

/** What is kept of something that is watched. */
export const watchedOf = (row: SilenceKeyRow): Watched => ({
  firstAt: row.first_at,
  lastAt: row.last_at,
  rhythm: rhythm.parse(JSON.parse(row.rhythm)),
});

/** When something is to be done about it, if nothing is heard before: its silence is too long, or it is given up. */
export function dueOf(watched: Watched, terms: SilenceTerms, clocks: Clocks): number {
  const end = forgottenAt(watched, terms, clocks);
  return tooLong(watched, terms, clocks, end)?.at ?? end;
}

/** Keeps what spoke of what one rule watches. Gives how many keys were too many. */
export async function keepHeard(tx: StateTransaction, silence: Silence, heard: readonly Heard[], clocks: Clocks): Promise<number> {
  const all = heard.map((each) => ({ ...each, key: storable(each.key) }));
  const rows = await knownKeys(tx, silence.identity, [...new Set(all.map(({ key }) => key))]);
  const known = new Map(rows.map((row) => [row.key, row]));
  const strangers = all.filter(({ key }) => !known.has(key)).length;
  let room = strangers === 0 ? 0 : MOST_KEYS - (await countKeys(tx, silence.identity));
  let refused = 0;
  const changed = new Map<string, SilenceKeyRow>();
  for (const each of all) {
    const row = changed.get(each.key) ?? known.get(each.key);
    if (row === undefined && room-- <= 0) refused++;
    else changed.set(each.key, rowAfter(each, row, silence, clocks));
  }
  await writeKeys(tx, [...changed.values()]);
  return refused;
}

function rowAfter({ key, group, at }: Heard, row: SilenceKeyRow | undefined, silence: Silence, clocks: Clocks): SilenceKeyRow {
  const [first = 0, ...more] = at;
  const told = row?.told_at ?? null;
  const again = (watched: Watched, moment: number) => heardAgain(watched, moment, told !== null, silence, clocks);
  const { firstAt, lastAt, rhythm: spoken } = more.reduce(again, row === undefined ? begun(first, clocks) : again(watchedOf(row), first));
  // The last word before the silence may be noted after it was told of: then the silence goes on.
  const goesOn = told !== null && Math.abs(lastAt - told) <= stepOf(silence);
  return {
    identity: silence.identity,
    key,
    group_values: row?.group_values ?? storable(JSON.stringify(group)),
    first_at: firstAt,
    last_at: lastAt,
    rhythm: JSON.stringify(spoken),
    // What was told of has to be taken back at once.
    due_at: told === null ? dueOf({ firstAt, lastAt, rhythm: spoken }, silence, clocks) : 0,
    told_at: goesOn ? lastAt : told,
  };
}
