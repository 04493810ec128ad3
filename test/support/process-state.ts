import { readFileSync } from 'node:fs';

/** `R`, `S`, `T` for stopped, `Z` for ended and not yet collected; undefined when there is no such process. */
export function stateOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
  } catch {
    return undefined;
  }
}
