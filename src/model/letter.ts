/** A piece of a letter. All of it is text, whoever wrote it; the addresses of links are Earshot's own. */
export type LetterPart =
  | { readonly kind: 'heading' | 'text' | 'small'; readonly text: string }
  /** Names and values, one a line. */
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'list'; readonly title: string; readonly items: readonly string[]; readonly numbered?: boolean }
  | { readonly kind: 'links'; readonly links: readonly { readonly text: string; readonly url: string }[] };

/** What is written to somebody, in whatever form a mail has. */
export interface Letter {
  readonly subject: string;
  readonly parts: readonly LetterPart[];
  /** It is not to lie among the others. */
  readonly urgent?: boolean;
}
