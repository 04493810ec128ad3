/**
 * What an event has in place of what a leaf asks for. `empty`: an array without a value. `wrong_kind`: what cannot be asked of, such as a
 * text that is no number. `present`: something, where there should be nothing. `nowhere`: a keyword is in no text of the event.
 */
export type Found = 'missing' | 'null' | 'empty' | 'other_value' | 'other_case' | 'wrong_kind' | 'present' | 'nowhere';

/** A leaf of a rule, and what the event has of it. */
export interface ExplainedLeaf {
  readonly kind: 'leaf';
  readonly truth: boolean;
  /** As the rule has it. */
  readonly label: string;
  /** Path in the event; `keyword` for a search in all of it. */
  readonly field: string;
  /** What the event has there, shortened; absent where it has nothing. Of a leaf that is true, the value that made it so. */
  readonly value?: string;
  /** Of a leaf that is false. */
  readonly found?: Found;
}

export type ExplainedNode =
  | { readonly kind: 'and' | 'or' | 'not'; readonly truth: boolean; readonly children: readonly ExplainedNode[] }
  | ExplainedLeaf;

/** One condition of a rule's log source: one of the fields has one of the values. */
export interface ExplainedTerm {
  readonly truth: boolean;
  readonly fields: readonly string[];
  readonly values: readonly string[];
  /** What the event has in the fields; those that it lacks are left out. */
  readonly found: Readonly<Record<string, string>>;
}

export interface Explanation {
  readonly fires: boolean;
  /** Undefined: no event of Earshot is of the rule's log source. Empty: it was not asked for. */
  readonly logSource: readonly ExplainedTerm[] | undefined;
  readonly tree: ExplainedNode;
  /** Of a rule that fires: the leaves that made it. Else: those that were in the way; a true one among them is under a `not`. */
  readonly because: readonly ExplainedLeaf[];
}
