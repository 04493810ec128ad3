import { deserialize, serialize } from 'node:v8';
import type { LoadedRules } from './detect/sigma/load.ts';

/** Rules as bytes that threads share: who judges and who tells have the same rules, whatever happens to the files meanwhile. */
export type PackedRules = Uint8Array<SharedArrayBuffer>;

export function packRules(loaded: LoadedRules): PackedRules {
  const bytes = serialize(loaded);
  const packed = new Uint8Array(new SharedArrayBuffer(bytes.length));
  packed.set(bytes);
  return packed;
}

export const unpackRules = (packed: PackedRules): LoadedRules => deserialize(Buffer.from(packed)) as LoadedRules;
