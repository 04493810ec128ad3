/** A piece of a line. What is not `link` is text, whoever wrote it: a target shows it as it stands. */
export type Span =
  | string
  | { readonly bold: string }
  /** Something to be typed. */
  | { readonly code: string }
  /** A path of the page; left out where nobody has said where the page is. */
  | { readonly path: string; readonly text: string }
  /** A time, milliseconds since the epoch: shown in the reader's own zone. */
  | { readonly at: number };

/** What somebody is told, line by line: each target has its own way to write it. */
export type Answer = readonly (readonly Span[])[];

/** The same where nothing can be clicked: links are left out, times are in UTC. */
export const answerLines = (answer: Answer): string[] =>
  answer.map((line) =>
    line
      .map((span) => {
        if (typeof span === 'string') return span;
        if ('bold' in span) return span.bold;
        if ('code' in span) return span.code;
        return 'at' in span ? new Date(span.at).toISOString() : '';
      })
      .join('')
      .trimEnd(),
  );
