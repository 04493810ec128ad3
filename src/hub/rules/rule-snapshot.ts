import { deserialize, serialize } from 'node:v8';
import type { LoadedRules } from '../../detect/sigma/load.ts';
import { atOnce, type Steps } from '../../lib/steps.ts';

/**
 * Rules as bytes that threads share: who judges and who tells have the same rules, whatever happens to the files meanwhile. First how many
 * parts there are and the length of each, as 32-bit numbers; then the parts: everything but the rules, and the rules, some at a time.
 */
export type PackedRules = Uint8Array<SharedArrayBuffer>;

/** So many rules are unpacked in some milliseconds. */
const PER_PART = 100;
const NUMBER_BYTES = 4;

/** A rule that is among the packed ones is written once, and else referred to by its place. */
type Silent = { readonly rule: number | LoadedRules['silent'][number]['rule']; readonly reason: string };

export function packRules(loaded: LoadedRules): PackedRules {
  const places = new Map<unknown, number>(loaded.rules.map((rule, i) => [rule, i]));
  const silent: Silent[] = loaded.silent.map(({ rule, reason }) => ({ rule: places.get(rule) ?? rule, reason }));
  const parts = [serialize({ ...loaded, rules: [], silent })];
  for (let at = 0; at < loaded.rules.length; at += PER_PART) parts.push(serialize(loaded.rules.slice(at, at + PER_PART)));
  const lengths = Buffer.alloc((1 + parts.length) * NUMBER_BYTES);
  lengths.writeUInt32LE(parts.length);
  for (const [i, { length }] of parts.entries()) lengths.writeUInt32LE(length, (1 + i) * NUMBER_BYTES);
  const bytes = Buffer.concat([lengths, ...parts]);
  const packed = new Uint8Array(new SharedArrayBuffer(bytes.length));
  packed.set(bytes);
  return packed;
}

export const unpackRules = (packed: PackedRules): LoadedRules => atOnce(unpackInSteps(packed));

export function* unpackInSteps(packed: PackedRules): Steps<LoadedRules> {
  const numbers = new DataView(packed.buffer);
  const count = numbers.getUint32(0, true);
  let at = (1 + count) * NUMBER_BYTES;
  const part = (i: number): unknown => {
    const from = at;
    at += numbers.getUint32((1 + i) * NUMBER_BYTES, true);
    return deserialize(Buffer.from(packed.subarray(from, at)));
  };
  const { silent, ...rest } = part(0) as Omit<LoadedRules, 'silent'> & { readonly silent: readonly Silent[] };
  const rules: LoadedRules['rules'][number][] = [];
  for (let i = 1; i < count; i++) {
    yield;
    rules.push(...(part(i) as LoadedRules['rules']));
  }
  const ruleAt = (place: number) => {
    const rule = rules[place];
    if (rule === undefined) throw new Error(`there is no rule ${place} among the packed ones`);
    return rule;
  };
  return {
    ...rest,
    rules,
    silent: silent.map(({ rule, reason }) => ({ rule: typeof rule === 'number' ? ruleAt(rule) : rule, reason })),
  };
}
