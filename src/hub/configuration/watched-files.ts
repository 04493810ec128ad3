import { readFileSync, statSync } from 'node:fs';
import type { FileFault } from '../../config/fault.ts';
import type { Result } from '../../lib/result.ts';

interface Kept<T> {
  readonly stamp: string;
  /** What it held when it was sound last. */
  readonly value?: T;
  readonly faults: readonly FileFault[];
}

/** Files that are read once and again when they change. One that gets faulty counts as it was before: nobody asked for its loss. */
export class WatchedFiles<T> {
  readonly #parse: (file: string, content: string, changedAt: number) => Result<T, readonly FileFault[]>;
  #kept = new Map<string, Kept<T>>();

  constructor(parse: (file: string, content: string, changedAt: number) => Result<T, readonly FileFault[]>) {
    this.#parse = parse;
  }

  /** Looks at these files, and forgets all others. True when something is not as it was. */
  read(files: readonly string[]): boolean {
    const before = this.#kept;
    this.#kept = new Map(files.map((file) => [file, this.#look(file, before.get(file))]));
    return before.size !== this.#kept.size || files.some((file) => before.get(file) !== this.#kept.get(file));
  }

  get values(): readonly T[] {
    return [...this.#kept.values()].flatMap(({ value }) => (value === undefined ? [] : [value]));
  }

  get faults(): readonly FileFault[] {
    return [...this.#kept.values()].flatMap(({ faults }) => faults);
  }

  #look(file: string, kept: Kept<T> | undefined): Kept<T> {
    const old = kept?.value === undefined ? {} : { value: kept.value };
    try {
      const { mtimeMs, size } = statSync(file);
      const stamp = `${mtimeMs} ${size}`;
      if (stamp === kept?.stamp) return kept;
      const parsed = this.#parse(file, readFileSync(file, 'utf8'), Math.trunc(mtimeMs));
      return parsed.ok ? { stamp, value: parsed.value, faults: [] } : { stamp, ...old, faults: parsed.error };
    } catch (error) {
      const message = `it cannot be read (${error instanceof Error && 'code' in error ? error.code : String(error)})`;
      if (kept?.faults[0]?.message === message) return kept;
      return { stamp: '', ...old, faults: [{ file, line: 1, message }] };
    }
  }
}
