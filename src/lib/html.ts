/** A piece of HTML that was written here: what came from elsewhere is text in it. */
export interface Html {
  readonly html: string;
}

type Value = string | number | Html | readonly Html[];

/** Writes HTML. A value that is no {@link Html} is text, also within an attribute's quotes, whoever wrote it. */
export function html(pieces: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: pieces.reduce((written, piece, i) => `${written}${textOf(values[i - 1] ?? '')}${piece}`) };
}

function textOf(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escaped(`${value}`);
  return 'html' in value ? value.html : value.map((each) => each.html).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? '');
