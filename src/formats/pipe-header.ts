/** The header form that CEF and LEEF share: fields between pipes, `\|` and `\\` escaped, no line ends. */

/** Where the field that begins here ends: at a pipe that no backslash escapes, or with the text. */
export function fieldEnd(text: string, from: number): number {
  for (let at = text.indexOf('|', from); at >= 0; at = text.indexOf('|', at + 1)) {
    let slashes = 0;
    while (at - slashes > from && text.charCodeAt(at - 1 - slashes) === 92) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

/** The field between two places; before any character but `\` and `|` a backslash is itself. */
export function headerField(text: string, from: number, to: number): string {
  const field = text.slice(from, to);
  return field.includes('\\') ? field.replace(/\\([\\|])/g, '$1') : field;
}

export const escapeHeaderField = (field: string): string => field.replace(/[\r\n]+/g, ' ').replace(/[\\|]/g, '\\$&');
