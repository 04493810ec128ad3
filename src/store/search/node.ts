/** A piece of a value: text as it stands, or a wildcard (`*` any run of characters, `?` exactly one). */
export type Piece = string | { readonly wild: '*' | '?' };

/** A value to compare with: neighbouring texts are one piece, and no two `*` follow each other. Without a wildcard it has at most one piece. */
export type Pattern = readonly Piece[];

/** What the ends of a range are, as written: both ends are of one kind. */
export type BoundKind = 'number' | 'ip' | 'time' | 'text';

export interface Bound {
  readonly text: string;
  readonly inclusive: boolean;
}

/** A query as a tree. `print` in print.ts writes it back. Values compare without regard to upper and lower case. */
export type QueryNode =
  | { readonly type: 'all' }
  | { readonly type: 'and' | 'or'; readonly nodes: readonly QueryNode[] }
  | { readonly type: 'not'; readonly node: QueryNode }
  | Leaf;

export type Leaf =
  /** Words one after the other in the message as received. */
  | { readonly type: 'text'; readonly pattern: Pattern }
  /** The field has a value other than null or an empty array. */
  | { readonly type: 'exists'; readonly field: string }
  /** The field, or an element of it, is this text; a number or boolean compares by its JSON text. */
  | { readonly type: 'is'; readonly field: string; readonly pattern: Pattern }
  /** The field, or an element of it, is an address of this network (RFC 4632, RFC 4291), such as `10.0.0.0/8`. */
  | { readonly type: 'network'; readonly field: string; readonly cidr: string }
  | { readonly type: 'range'; readonly field: string; readonly kind: BoundKind; readonly lower?: Bound; readonly upper?: Bound };

/** What is wrong with a query: where (UTF-16 offset and length) and how to mend it. */
export interface SyntaxFault {
  readonly code:
    | 'too_long'
    | 'too_deep'
    | 'too_many_terms'
    | 'unclosed_quote'
    | 'unclosed_group'
    | 'unclosed_range'
    | 'missing_value'
    | 'missing_term'
    | 'unexpected'
    | 'lower_case_operator'
    | 'bad_field'
    | 'bad_network'
    | 'bad_range'
    | 'bad_time';
  readonly message: string;
  readonly at: number;
  readonly length: number;
}

/** Fields that hold a time: they take dates, and nothing else. */
export const TIME_FIELDS: ReadonlySet<string> = new Set(['@timestamp', 'event.ingested']);

export const hasWildcard = (pattern: Pattern): boolean => pattern.some((piece) => typeof piece !== 'string');

/** The text of a pattern without wildcards. */
export const plainText = (pattern: Pattern): string => pattern.map((piece) => (typeof piece === 'string' ? piece : piece.wild)).join('');

/** Puts a pattern into its one form: no empty texts, neighbours joined, runs of `*` made one. */
export function patternOf(pieces: readonly Piece[]): Pattern {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (typeof piece === 'string') {
      if (piece === '') continue;
      if (typeof last === 'string') out[out.length - 1] = last + piece;
      else out.push(piece);
    } else if (!(piece.wild === '*' && typeof last === 'object' && last.wild === '*')) out.push(piece);
  }
  return out;
}
