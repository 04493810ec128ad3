import { err, ok, type Result } from '../lib/result.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text directly in it, in order, with references resolved. */
  readonly text: string;
  /** Line of its start tag, from 1. */
  readonly line: number;
}

export interface XmlFault {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

const MAX_CHARACTERS = 8 * 1_048_576;
const MAX_DEPTH = 64;
const MAX_ELEMENTS = 200_000;
const MAX_ATTRIBUTES = 64;

const NAME = /[\p{L}_:][\p{L}\p{N}_:.-]*/uy;
const SPACE = /[ \t\r\n]*/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML does not allow is looked for.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/**
 * Reads the elements of a text: one, as XML has it, or several, as files of rules have them. No document type, no entities but the five
 * of XML and characters by number, no processing instructions: nothing that a text says can make it longer or reach another file. An
 * ampersand that begins no reference stands for itself, as rules are written that way. Never throws; work is linear in the text.
 */
export function parseXml(text: string): Result<readonly XmlElement[], XmlFault> {
  const reader = new Reader(text);
  try {
    return ok(reader.elements());
  } catch (fault) {
    if (fault instanceof Fault) return err(reader.faultAt(fault.at, fault.reason));
    throw fault;
  }
}

/** Thrown inside this file only. */
class Fault {
  readonly at: number;
  readonly reason: string;

  constructor(at: number, reason: string) {
    this.at = at;
    this.reason = reason;
  }
}

interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  readonly texts: string[];
  readonly line: number;
  readonly at: number;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #counted = 0;
  #elements = 0;
  readonly #open: Open[] = [];
  readonly #roots: XmlElement[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  elements(): readonly XmlElement[] {
    if (this.#text.length > MAX_CHARACTERS) throw new Fault(0, `the text has ${this.#text.length} characters; ${MAX_CHARACTERS} are read`);
    const forbidden = FORBIDDEN.exec(this.#text);
    if (forbidden) throw new Fault(forbidden.index, 'a control character, which XML does not allow');
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
    if (/^<\?xml[ \t\r\n]/.test(this.#text.slice(this.#at, this.#at + 6)))
      this.#at = this.#after('?>', 'the XML declaration is not closed');
    while (this.#at < this.#text.length) this.#next();
    const unclosed = this.#open.at(-1);
    if (unclosed) throw new Fault(unclosed.at, `<${unclosed.name}> is not closed`);
    if (this.#roots.length === 0) throw new Fault(0, 'there is no element');
    return this.#roots;
  }

  faultAt(at: number, reason: string): XmlFault {
    const before = this.#text.slice(0, at);
    return { line: before.split('\n').length, column: at - before.lastIndexOf('\n'), reason };
  }

  #next(): void {
    const at = this.#at;
    if (this.#text.charAt(at) !== '<') this.#characters();
    else if (this.#text.startsWith('<!--', at)) this.#at = this.#after('-->', 'the comment is not closed');
    else if (this.#text.startsWith('<![CDATA[', at)) this.#cdata();
    else if (this.#text.startsWith('<!', at)) throw new Fault(at, 'document types are not read: remove the <!… >');
    else if (this.#text.startsWith('<?', at)) throw new Fault(at, 'processing instructions are not read: remove the <?… ?>');
    else if (this.#text.startsWith('</', at)) this.#endTag();
    else this.#startTag();
  }

  #characters(): void {
    const end = this.#text.indexOf('<', this.#at);
    const until = end === -1 ? this.#text.length : end;
    const raw = this.#text.slice(this.#at, until);
    const parent = this.#open.at(-1);
    if (parent) parent.texts.push(resolved(raw, this.#at));
    else if (raw.trim() !== '') throw new Fault(this.#at + raw.search(/\S/), 'text outside of an element');
    this.#at = until;
  }

  #cdata(): void {
    const start = this.#at + '<![CDATA['.length;
    const parent = this.#open.at(-1);
    if (!parent) throw new Fault(this.#at, 'text outside of an element');
    this.#at = this.#after(']]>', 'the CDATA section is not closed');
    parent.texts.push(this.#text.slice(start, this.#at - ']]>'.length));
  }

  #startTag(): void {
    const at = this.#at++;
    const name = this.#name('a `<` that begins no element: write &lt;');
    if (++this.#elements > MAX_ELEMENTS) throw new Fault(at, `more than ${MAX_ELEMENTS} elements`);
    if (this.#open.length >= MAX_DEPTH) throw new Fault(at, `nested deeper than ${MAX_DEPTH}`);
    const open: Open = { name, attributes: this.#attributes(), children: [], texts: [], line: this.#lineAt(at), at };
    if (this.#take('/>')) this.#close(open);
    else if (this.#take('>')) this.#open.push(open);
    else throw new Fault(this.#at, `<${name}> has something that is no attribute: write name="value"`);
  }

  #attributes(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (;;) {
      const before = this.#at;
      this.#skip();
      const at = this.#at;
      const char = this.#text.charAt(at);
      if (char === '' || char === '>' || char === '/') return found;
      if (at === before) throw new Fault(at, 'a space is missing before an attribute');
      const name = this.#name('the name of an attribute is expected');
      this.#skip();
      if (!this.#take('=')) throw new Fault(this.#at, `the attribute ${name} has no value: write ${name}="…"`);
      this.#skip();
      if (found.has(name)) throw new Fault(at, `the attribute ${name} is there twice`);
      if (found.size >= MAX_ATTRIBUTES) throw new Fault(at, `more than ${MAX_ATTRIBUTES} attributes`);
      found.set(name, this.#value(name));
    }
  }

  #value(name: string): string {
    const quote = this.#text.charAt(this.#at);
    if (quote !== '"' && quote !== "'") throw new Fault(this.#at, `the value of ${name} is not in quotes`);
    const start = this.#at + 1;
    const end = this.#text.indexOf(quote, start);
    const raw = end === -1 ? undefined : this.#text.slice(start, end);
    if (raw === undefined || raw.includes('<')) throw new Fault(this.#at, `the value of ${name} is not closed, or has a \`<\`: write &lt;`);
    this.#at = end + 1;
    return resolved(raw, start);
  }

  #endTag(): void {
    const at = this.#at;
    this.#at += 2;
    const name = this.#name('the name of the element that ends is expected');
    this.#skip();
    if (!this.#take('>')) throw new Fault(this.#at, `</${name}> is not closed by >`);
    const open = this.#open.pop();
    if (open?.name !== name) throw new Fault(at, open ? `</${name}> where </${open.name}> is expected` : `</${name}> closes nothing`);
    this.#close(open);
  }

  #close({ name, attributes, children, texts, line }: Open): void {
    (this.#open.at(-1)?.children ?? this.#roots).push({ name, attributes, children, text: texts.join(''), line });
  }

  #name(otherwise: string): string {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) throw new Fault(this.#at, otherwise);
    this.#at += name.length;
    return name;
  }

  #skip(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #after(end: string, otherwise: string): number {
    const found = this.#text.indexOf(end, this.#at);
    if (found === -1) throw new Fault(this.#at, otherwise);
    return found + end.length;
  }

  /** Start tags come in order, so each line is counted once. */
  #lineAt(at: number): number {
    for (let next = this.#text.indexOf('\n', this.#counted); next !== -1 && next < at; next = this.#text.indexOf('\n', next + 1)) {
      this.#line++;
      this.#counted = next + 1;
    }
    return this.#line;
  }
}

/** Resolves references; `at` is where the text begins. */
function resolved(raw: string, at: number): string {
  return raw.replace(
    /&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,9})|([\p{L}_][\p{L}\p{N}_.-]*));/gu,
    (whole, hex, decimal, name, offset: number) => {
      if (typeof name === 'string') {
        const entity = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
        if (entity === undefined) throw new Fault(at + offset, `the entity ${whole} is not one of the five of XML: write the text itself`);
        return entity;
      }
      const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
      const char = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined;
      if (char === undefined || FORBIDDEN.test(char)) throw new Fault(at + offset, `${whole} is no character that XML allows`);
      return char;
    },
  );
}
