import type { Logsource } from '../sigma/logsource.ts';
import type { RuleDocument } from './rule-document.ts';

/** A file of the other tool, as text. */
export interface InputFile {
  readonly file: string;
  readonly text: string;
}

export interface ImportOptions {
  /** For all rules, in place of what the importer takes their events to be. */
  readonly logsource?: Logsource;
}

/** What became of a rule of the other tool, or of one part of it. */
export interface Note {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The rule's name there; empty where it is about the file. */
  readonly rule: string;
  /** `changed`: carried, with a difference that one should know. `left`: not carried. */
  readonly outcome: 'carried' | 'changed' | 'left';
  /** `rule` for the whole of it, `file`, or the key or element it is about. */
  readonly part: string;
  readonly why: string;
  readonly mend?: string;
}

/** Rules of ours that belong in one file. */
export interface WrittenRules {
  /** The file's name without `.yml`. */
  readonly name: string;
  readonly documents: readonly RuleDocument[];
}

export interface Imported {
  readonly written: readonly WrittenRules[];
  readonly notes: readonly Note[];
}

export type Importer = (files: readonly InputFile[], options: ImportOptions) => Imported;

/** Collects what is to be said of the rules of one run. */
export class Notes {
  readonly #all: Note[] = [];

  get all(): readonly Note[] {
    return this.#all;
  }

  of(file: string, rule: string): RuleNotes {
    return new RuleNotes((note) => this.#all.push({ file, rule, ...note }));
  }
}

/** Collects what is to be said of one rule. */
export class RuleNotes {
  readonly #add: (note: Omit<Note, 'file' | 'rule'>) => void;

  constructor(add: (note: Omit<Note, 'file' | 'rule'>) => void) {
    this.#add = add;
  }

  carried(line: number, why: string): void {
    this.#add({ line, outcome: 'carried', part: 'rule', why });
  }

  changed(line: number, part: string, why: string, mend?: string): void {
    this.#add({ line, outcome: 'changed', part, why, ...(mend !== undefined && { mend }) });
  }

  /** Returns undefined, so that a reader can say `return notes.left(…)`. */
  left(line: number, part: string, why: string, mend?: string): undefined {
    this.#add({ line, outcome: 'left', part, why, ...(mend !== undefined && { mend }) });
    return undefined;
  }
}
