import type { LineCounter, Node } from 'yaml';

/** Why a rule, or one place in it, is not honored: Earshot rejects such a rule whole. Lines and columns count from 1. */
export interface RuleFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/** `rules/x.yml:12:5: reason`, as editors and terminals make it clickable. */
export const faultText = (fault: RuleFault): string => `${fault.file}:${fault.line}:${fault.column}: ${fault.reason}`;

/** A YAML node, or an offset in the file's text. */
type Place = Node | number | null | undefined;

/** Collects every fault of one file, so that its author mends them in one go. */
export class Faults {
  readonly file: string;
  readonly #lines: LineCounter;
  readonly #found: RuleFault[] = [];
  readonly #lints: RuleFault[] = [];

  constructor(file: string, lines: LineCounter) {
    this.file = file;
    this.#lines = lines;
  }

  get found(): readonly RuleFault[] {
    return this.#found;
  }

  /** What is taken, and may mean something else than its author thinks. */
  get lints(): readonly RuleFault[] {
    return this.#lints;
  }

  /** For reading a part of the same file again, when its faults are known. */
  aside(): Faults {
    return new Faults(this.file, this.#lines);
  }

  /** Returns undefined, so that a parser can say `return faults.add(…)`. */
  add(at: Place, reason: string): undefined {
    this.#found.push({ file: this.file, ...this.place(at), reason });
    return undefined;
  }

  lint(at: Place, reason: string): void {
    this.#lints.push({ file: this.file, ...this.place(at), reason });
  }

  place(at: Place): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(typeof at === 'number' ? at : (at?.range?.[0] ?? 0));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}
