import { isBlank, type Scan, setOwn } from './scan.ts';

export type StructuredData = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Reads STRUCTURED-DATA (RFC 5424 section 6.3) and moves behind it: `-` (undefined inside the result) or elements without blanks between
 * them. Lenient where it stays unambiguous: a bare `]` inside quotes, blanks around `=`. Undefined (and does not move) where it is neither.
 */
export function readStructuredData(scan: Scan): { readonly data?: StructuredData } | undefined {
  if (scan.peek() === 45) {
    if (!endsHere(scan, 1)) return undefined;
    scan.at += 1;
    return {};
  }
  const from = scan.at;
  const data: Record<string, Record<string, string>> = {};
  while (scan.peek() === 91) {
    if (!readElement(scan, data)) {
      scan.at = from;
      return undefined;
    }
  }
  // Some senders forget the blank before the message: `[id a="1"]text`.
  return scan.at === from ? undefined : { data };
}

const endsHere = (scan: Scan, ahead: number): boolean =>
  isBlank(scan.peek(ahead)) || Number.isNaN(scan.peek(ahead)) || scan.peek(ahead) === 10;

function readElement(scan: Scan, data: Record<string, Record<string, string>>): boolean {
  scan.at += 1;
  const id = readName(scan);
  if (id === '') return false;
  const known = Object.hasOwn(data, id) ? data[id] : undefined;
  const parameters = known ?? {};
  for (;;) {
    const blanks = scan.blanks();
    if (scan.take(93)) break;
    if (blanks === 0) return false;
    const name = readName(scan);
    scan.blanks();
    if (name === '' || !scan.take(61)) return false;
    scan.blanks();
    const value = readQuoted(scan);
    if (value === undefined) return false;
    setOwn(parameters, name, value);
  }
  if (known === undefined) setOwn(data, id, parameters);
  return true;
}

/** SD-NAME: printable, without `=`, blank, `]` and `"`. The RFC stops at 32 characters; senders do not. */
function readName(scan: Scan): string {
  const from = scan.at;
  for (;;) {
    const code = scan.peek();
    if (!(code > 32) || code === 61 || code === 93 || code === 34 || code === 127) return scan.text.slice(from, scan.at);
    scan.at += 1;
  }
}

/** A quoted PARAM-VALUE: `\"`, `\\` and `\]` are escapes, before anything else a backslash is itself. */
function readQuoted(scan: Scan): string | undefined {
  if (!scan.take(34)) return undefined;
  const { text } = scan;
  const from = scan.at;
  let escapes = false;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92) {
      escapes = true;
      at += 1;
    } else if (code === 34) {
      scan.at = at + 1;
      const value = text.slice(from, at);
      return escapes ? value.replace(/\\(["\\\]])/g, '$1') : value;
    }
  }
  return undefined;
}

/** Writes STRUCTURED-DATA: names are cut to what the RFC allows. `-` for none. */
export function formatStructuredData(data: StructuredData | undefined): string {
  const elements = Object.entries(data ?? {}).map(([id, parameters]) => {
    const pairs = Object.entries(parameters).map(([name, value]) => ` ${sdName(name)}="${value.replace(/["\\\]]/g, '\\$&')}"`);
    return `[${sdName(id)}${pairs.join('')}]`;
  });
  return elements.length === 0 ? '-' : elements.join('');
}

const sdName = (name: string): string => name.replace(/[^!#-<>-\\^-~]/g, '_').slice(0, 32) || '_';
