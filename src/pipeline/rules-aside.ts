import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** From this event on, these rules were left open whatever the event. */
interface Since {
  readonly seq: number;
  readonly ids: readonly string[];
}

/**
 * A replay reaches back over as many changes at most; further ones are of blocks that are done with. A rule that comes and goes makes one in
 * twenty seconds at most: this is a day of an engine that is away.
 */
const KEPT = 5_000;

/** What went wrong with the file, for the log. Each is told once until it is over. */
export type OnFault = (what: 'read' | 'written', error: unknown) => void;

/**
 * Which rules were put aside from which event on. It is written down before an event is judged so: a block that is replayed is judged as it
 * was, else what one life left to be judged later and the next judged at once would count twice, or never.
 */
export class RulesAside {
  readonly #path: string;
  readonly #onFault: OnFault;
  #changes: readonly Since[];
  #told = false;

  private constructor(path: string, changes: readonly Since[], onFault: OnFault) {
    this.#path = path;
    this.#changes = changes;
    this.#onFault = onFault;
  }

  /** A file that is not there, or cannot be read, says of no rule that it was put aside; the latter is told. */
  static open(path: string, onFault: OnFault): RulesAside {
    try {
      return new RulesAside(path, JSON.parse(readFileSync(path, 'utf8')) as Since[], onFault);
    } catch (error) {
      if (!isMissing(error)) onFault('read', error);
      return new RulesAside(path, [], onFault);
    }
  }

  /** Those of the latest event. */
  get latest(): readonly string[] {
    return this.#changes.at(-1)?.ids ?? [];
  }

  /** Those that a block with this first event is judged without. `wanted`: those that it should be; what is replayed is judged as before. */
  at(block: { readonly id: number; readonly replayed: boolean }, wanted: readonly string[]): readonly string[] {
    if (!block.replayed && !sameIds(wanted, this.latest)) this.#keep({ seq: block.id, ids: wanted });
    return this.#changes.findLast(({ seq }) => seq <= block.id)?.ids ?? [];
  }

  /** Where it cannot be kept, as the disk is full, nothing changes: the block is judged as the one before it, and the next tries again. */
  #keep(change: Since): void {
    const changes = [...this.#changes, change].slice(-KEPT);
    const draft = `${this.#path}.new`;
    try {
      writeFileSync(draft, JSON.stringify(changes), { mode: 0o600 });
      sync(draft);
      renameSync(draft, this.#path);
      this.#changes = changes;
      // Without this, a power cut may bring the file of before back, though blocks were judged by this one.
      sync(dirname(this.#path));
      this.#told = false;
    } catch (error) {
      if (!this.#told) this.#onFault('written', error);
      this.#told = true;
    }
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const sameIds = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((id) => b.includes(id));
