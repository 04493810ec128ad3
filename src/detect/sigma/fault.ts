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

/** Collects every fault of one file, so that its author mends them in one go. */
export class Faults {
  readonly file: string;
  readonly #lines: LineCounter;
  readonly #found: RuleFault[] = [];

  constructor(file: string, lines: LineCounter) {
    this.file = file;
    this.#lines = lines;
  }

  get found(): readonly RuleFault[] {
    return this.#found;
  }

  /** `at`: a YAML node, or an offset in the file's text. Returns undefined, so that a parser can say `return faults.add(…)`. */
  add(at: Node | number | null | undefined, reason: string): undefined {
    const offset = typeof at === 'number' ? at : (at?.range?.[0] ?? 0);
    const { line, col } = this.#lines.linePos(offset);
    this.#found.push({ file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), reason });
    return undefined;
  }
}
