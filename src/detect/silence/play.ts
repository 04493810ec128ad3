import { FieldSet } from '../../model/field-set.ts';
import type { Silence } from '../sigma/silence-document.ts';
import type { Judged } from '../stream/judged.ts';
import { begun, type Clocks, heardAgain, stepOf, type TooLong, tooLong, type Watched } from './rhythm.ts';
import { SilenceTap } from './silence-tap.ts';

/** A silence that was told of. */
export interface ToldSilence extends TooLong {
  readonly key: string;
  readonly lastAt: number;
}

/** What a silence document tells of while events come in at their own times, up to `until`; in the order of what is found first. */
export function playSilence(silence: Silence, events: readonly Judged[], until: number, clocks: Clocks): ToldSilence[] {
  const tap = new SilenceTap([silence]);
  const found: ToldSilence[] = [];
  const watched = new Map<string, Watched>();
  /** Looks whether a key's silence became too long before `at`. */
  const look = (key: string, known: Watched, at: number): boolean => {
    const silent = tooLong(known, silence, clocks, at);
    if (silent !== undefined) found.push({ ...silent, key, lastAt: known.lastAt });
    return silent !== undefined;
  };
  for (const event of events.toSorted((a, b) => a.timestamp - b.timestamp)) {
    const { timestamp, source, text } = event;
    if (timestamp > until) break;
    const fields = event.fields instanceof FieldSet ? event.fields : new FieldSet();
    tap.hear({ node: 0, seq: 0, receivedAt: timestamp, timestamp, source, fields, raw: Buffer.from(text), hits: [] });
    for (const { key, at } of tap.take(timestamp))
      for (const moment of at) {
        const known = watched.get(key);
        // Where several events are expected, what is heard now is a moment before now.
        const isNew = known !== undefined && moment - known.lastAt >= stepOf(silence);
        const told = known !== undefined && look(key, known, isNew ? timestamp : moment);
        watched.set(key, known === undefined ? begun(moment, clocks) : heardAgain(known, moment, told, silence, clocks));
      }
  }
  for (const [key, known] of watched) look(key, known, until);
  return found.toSorted((a, b) => a.at - b.at);
}
