import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** From this event on, these rules were left open whatever the event. */
interface Since {
  readonly seq: number;
  readonly ids: readonly string[];
}

/** A replay reaches back over as many changes at most; further ones are of blocks that are done with. */
const KEPT = 100;

/**
 * Which rules were put aside from which event on. It is written down before an event is judged so: a block that is replayed is judged as it
 * was, else what one life left to be judged later and the next judged at once would count twice, or never.
 */
export class RulesAside {
  readonly #path: string;
  #changes: readonly Since[];

  private constructor(path: string, changes: readonly Since[]) {
    this.#path = path;
    this.#changes = changes;
  }

  /** A file that is not there, or cannot be read, says of no rule that it was put aside. */
  static open(path: string): RulesAside {
    try {
      return new RulesAside(path, JSON.parse(readFileSync(path, 'utf8')) as Since[]);
    } catch {
      return new RulesAside(path, []);
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

  /** Where it cannot be kept, as the disk is full, nothing changes. */
  #keep(change: Since): void {
    const changes = [...this.#changes, change].slice(-KEPT);
    const draft = `${this.#path}.new`;
    try {
      writeFileSync(draft, JSON.stringify(changes), { mode: 0o600 });
      const file = openSync(draft, 'r+');
      fsyncSync(file);
      closeSync(file);
      renameSync(draft, this.#path);
      this.#changes = changes;
    } catch {
      // The next block tries again.
    }
  }
}

const sameIds = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((id) => b.includes(id));
