import type { Route } from '../../src/detect/sigma/logsource.ts';
import type { Pattern } from '../../src/detect/sigma/pattern.ts';
import type { Leaf, Test, Tree } from '../../src/detect/sigma/tree.ts';
import type { Event, Fields, Value } from '../../src/model/event.ts';
import type { Random } from './events-for-rules.ts';
import { regexSample } from './regex-sample.ts';

/** An event in the making: what a rule wants of it, field by field. */
export interface Draft {
  readonly fields: Map<string, Value>;
  readonly words: string[];
  readonly absent: Set<string>;
}

/** What is asked of a leaf: to be true, or to be nearly so and not. */
type Wish = { readonly leaf: Leaf; readonly holds: boolean };

/** Leaves that, if they come out so, make the tree true (or not): all of an AND, one of an OR. */
function wishes(tree: Tree, holds: boolean, random: Random): Wish[] {
  if (tree.kind === 'leaf') return [{ leaf: tree, holds }];
  if (tree.kind === 'not') return wishes(tree.child, !holds, random);
  const every = (tree.kind === 'and') === holds;
  if (every) return tree.children.flatMap((child) => wishes(child, holds, random));
  const one = tree.children[random(tree.children.length)];
  return one === undefined ? [] : wishes(one, holds, random);
}

/** An event that the tree is most likely true of. `miss`: one of the leaves that make it so is turned to nearly so. */
export function draftFor(tree: Tree, random: Random, miss: boolean): Draft {
  const draft: Draft = { fields: new Map(), words: [], absent: new Set() };
  const wanted = wishes(tree, true, random);
  const turned = miss && wanted.length > 0 ? random(wanted.length) : -1;
  const plan = wanted.map((wish, i) => (i === turned ? { ...wish, holds: !wish.holds, near: true } : { ...wish, near: random(3) === 0 }));
  // What must be so comes first, and what must not be so only where it leaves that alone.
  for (const { leaf } of plan.filter(({ holds }) => holds)) fulfil(draft, leaf, random);
  for (const { leaf, near } of plan.filter(({ holds }) => !holds)) if (near) nearly(draft, leaf, random);
  gatherElements(draft.fields);
  return draft;
}

/** What is wanted of one element (`process.args[0]`) and of any of the same field is one array. */
function gatherElements(fields: Map<string, Value>): void {
  for (const [path, value] of [...fields]) {
    const [, whole, index] = /^(.+)\[(\d+)\]$/.exec(path) ?? [];
    if (whole === undefined) continue;
    const known = fields.get(whole);
    const rest = known === undefined ? [] : Array.isArray(known) ? known : [known];
    const before = Array.from({ length: Number(index) }, (_, i) => rest[i] ?? 'x');
    fields.delete(path);
    fields.set(whole, [...before, value, ...rest.slice(Number(index))]);
  }
}

function fulfil(draft: Draft, leaf: Leaf, random: Random): void {
  const { fields, test } = leaf;
  if (fields === undefined) {
    draft.words.push(textFor(test, random));
    return;
  }
  const [path = ''] = fields;
  if ((test.kind === 'exists' && !test.exists) || (test.kind === 'null' && random(2) === 0)) {
    for (const each of fields) draft.absent.add(each);
    return;
  }
  const known = draft.fields.get(path);
  const value = test.kind === 'field' ? referenceValue(draft, test, random) : valueFor(test, random);
  draft.fields.set(path, known === undefined ? value : both(known, value, test, random));
}

/** Two wishes for one field: texts of `contains` in one text, else both as elements of an array. */
function both(known: Value, value: Value, test: Test, random: Random): Value {
  if (typeof known === 'string' && typeof value === 'string' && test.kind === 'text') {
    const [first] = test.pattern;
    const open = typeof first === 'object' && first.special === 'any';
    const openAtEnd = test.pattern.length > 1 && typeof test.pattern.at(-1) === 'object';
    if (open && openAtEnd) return random(2) === 0 ? `${known} ${value}` : `${known}${value}`;
    if (open) return `${known}${value}`;
    if (openAtEnd) return `${value}${known}`;
  }
  return [...(Array.isArray(known) ? known : [known]), value];
}

function referenceValue(draft: Draft, test: Test & { kind: 'field' }, random: Random): Value {
  const [other = ''] = test.other;
  const there = draft.fields.get(other);
  const text = typeof there === 'string' ? there : 'Same';
  if (there === undefined) draft.fields.set(other, text);
  const cased = test.cased ? text : random(2) === 0 ? text.toUpperCase() : text;
  return test.relation === 'equals'
    ? cased
    : test.relation === 'startswith'
      ? `${cased} x`
      : test.relation === 'endswith'
        ? `x ${cased}`
        : `x${cased}x`;
}

/** A value that the test is nearly true of: without a character, in another case, of another kind, empty, null, not there. */
function nearly(draft: Draft, leaf: Leaf, random: Random): void {
  const { fields, test } = leaf;
  if (fields === undefined) {
    draft.words.push(shortened(textFor(test, random), random));
    return;
  }
  const [path = ''] = fields;
  if (draft.fields.has(path) || draft.absent.has(path)) return;
  if (test.kind === 'exists') {
    if (!test.exists) draft.fields.set(path, [null, '', 'x', 0][random(4)] ?? null);
    return;
  }
  const value = test.kind === 'field' ? 'other' : valueFor(test, random);
  const near: (Value | undefined)[] = [
    typeof value === 'string' ? shortened(value, random) : typeof value === 'number' ? value + 1 : 'x',
    '',
    null,
    undefined,
    `x${value}`,
  ];
  const chosen = near[random(near.length)];
  if (chosen !== undefined) draft.fields.set(path, chosen);
}

const shortened = (text: string, random: Random): string => {
  const chars = [...text];
  chars.splice(random(chars.length), 1);
  return chars.join('');
};

function valueFor(test: Test, random: Random): Value {
  switch (test.kind) {
    case 'cidr':
      return addressIn(test.network.bytes, test.network.bits, random);
    case 'compare': {
      const step = { lt: -1, lte: -random(2), gt: 1, gte: random(2) }[test.operator];
      const number = test.number + step;
      return random(3) === 0 ? `${number}` : number;
    }
    case 'time':
      return Date.UTC(2026, random(12), 1 + random(28), test.part === 'hour' ? test.number : random(24), random(60));
    case 'exists':
      return ['x', '', null, 0][random(4)] ?? null;
    case 'null':
      return random(2) === 0 ? null : ['x', null];
    default: {
      const text = textFor(test, random);
      return /^-?[1-9][0-9]{0,8}$/.test(text) && random(2) === 0 ? Number(text) : text;
    }
  }
}

const OF_ANY = ['', 'x', ' y/', 'zz é', '\n'] as const;
const OF_ONE = ['q', '1', 'é', '😀'] as const;
const OF_DASH = ['-', '/', '–', '—', '―'] as const;

function textFor(test: Test, random: Random): string {
  if (test.kind === 'regex') return regexSample(test.source, random);
  if (test.kind !== 'text') return 'x';
  const text = spelled(test.pattern, random);
  if (test.cased) return text;
  return [text, text, text.toUpperCase(), text.replaceAll('k', '\u212a'), text.replaceAll('σ', 'ς')][random(5)] ?? text;
}

const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T;

const spelled = (pattern: Pattern, random: Random): string =>
  pattern
    .map((part) =>
      typeof part === 'string' ? part : pick(part.special === 'any' ? OF_ANY : part.special === 'dash' ? OF_DASH : OF_ONE, random),
    )
    .join('');

function addressIn(bytes: readonly number[], bits: number, random: Random): string {
  const own = bytes.map((byte, i) => {
    const mask = (0xff << (8 - Math.min(8, Math.max(0, bits - i * 8)))) & 0xff;
    return (byte & mask) | (random(256) & ~mask & 0xff);
  });
  if (bits >= 96 && own.slice(0, 10).every((byte) => byte === 0) && own[10] === 255) return own.slice(12).join('.');
  return Array.from({ length: 8 }, (_, i) => (((own[i * 2] ?? 0) << 8) | (own[i * 2 + 1] ?? 0)).toString(16)).join(':');
}

/** The event of a draft, of the rule's log source. */
export function eventOf(draft: Draft, route: Route, seq: number, random: Random): Event {
  const fields: Fields = {};
  for (const { fields: names, values } of route) {
    const path = pick(names, random);
    if (!draft.fields.has(path))
      fields[path] = path === 'event.category' || path === 'event.type' ? [pick(values, random)] : pick(values, random);
  }
  for (const [path, value] of draft.fields) if (!OWN.has(path)) put(fields, path, value, random);
  const original = draft.fields.get('event.original');
  const words = [...draft.words, ...(typeof original === 'string' ? [original] : [])];
  if (words.length > 0 && random(4) === 0) fields['extra.text'] = [words.splice(0).join(' ')];
  return {
    node: 1,
    seq,
    receivedAt: AT,
    timestamp: AT - random(40 * 86_400_000),
    source: 'test',
    fields,
    raw: random(60) === 0 ? Buffer.concat([Buffer.from(words.join(' ')), Buffer.from([0xff, 0xc3])]) : Buffer.from(words.join(' | ')),
    hits: [],
  };
}

const AT = Date.UTC(2026, 10, 20, 3, 4, 5, 678);
const OWN = new Set(['@timestamp', 'event.original', 'earshot.source']);

/** The value as it is, among others in an array, or in the map of an array above it. */
function put(fields: Fields, path: string, value: Value, random: Random): void {
  const element = /^(.+)\[(\d+)\]$/.exec(path);
  if (element) {
    const base = element[1] ?? '';
    const list = Array.isArray(fields[base]) ? [...(fields[base] as Value[])] : [];
    while (list.length <= Number(element[2])) list.push('');
    list[Number(element[2])] = value;
    fields[base] = list;
    return;
  }
  const words = path.split('.');
  const how = random(24);
  if (how === 0 && words.length > 1) fields[words.slice(0, -1).join('.')] = [{ [words.at(-1) ?? '']: value }, { other: 'x' }];
  else if (how === 1) fields[path] = ['other', value, null];
  else if (how === 2) fields[path] = ['other', [value]];
  else if (how === 3) fields[path] = [value];
  else fields[path] = value;
}
