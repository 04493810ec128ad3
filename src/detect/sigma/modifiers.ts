import { err, ok, type Result } from '../../lib/result.ts';
import type { Utf16 } from './encoding.ts';
import type { Compare, Relation, TimePart } from './tree.ts';

/** What asks the question: exactly one of these for an item. */
export type Kind =
  | { readonly kind: 'text' }
  | { readonly kind: 'regex' }
  | { readonly kind: 'cidr' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'field' }
  | { readonly kind: 'compare'; readonly operator: Compare }
  | { readonly kind: 'time'; readonly part: TimePart; readonly operator: Compare | 'eq' };

/** What is done to a text before it is asked for, in the order of the rule. */
export type Transform = 'expand' | 'windash' | 'base64' | 'base64offset' | Utf16 | Exclude<Relation, 'equals'>;

export interface Modifiers {
  readonly what: Kind;
  readonly transforms: readonly Transform[];
  /** All values must be found, not one. */
  readonly all: boolean;
  /** The item as a whole is negated (`neq`), so a missing field matches. */
  readonly negated: boolean;
  readonly cased: boolean;
  readonly flags: { readonly ignoreCase: boolean; readonly multiline: boolean; readonly dotAll: boolean };
}

const COMPARES: ReadonlySet<string> = new Set<Compare>(['lt', 'lte', 'gt', 'gte']);
const TIMES: ReadonlySet<string> = new Set<TimePart>(['minute', 'hour', 'day', 'week', 'month', 'year']);
const isCompare = (name: string): name is Compare => COMPARES.has(name);
const isTime = (name: string): name is TimePart => TIMES.has(name);

const TRANSFORMS: Readonly<Record<string, Transform>> = {
  contains: 'contains',
  startswith: 'startswith',
  endswith: 'endswith',
  windash: 'windash',
  expand: 'expand',
  base64: 'base64',
  base64offset: 'base64offset',
  utf16le: 'utf16le',
  wide: 'utf16le',
  utf16be: 'utf16be',
  utf16: 'utf16',
};

const REGEX_FLAGS = {
  i: 'ignoreCase',
  ignorecase: 'ignoreCase',
  m: 'multiline',
  multiline: 'multiline',
  s: 'dotAll',
  dotall: 'dotAll',
} as const;
const isFlag = (name: string): name is keyof typeof REGEX_FLAGS => Object.hasOwn(REGEX_FLAGS, name);

/** Which transforms each kind takes: the rest would have no meaning. */
const ALLOWED: Readonly<Record<Kind['kind'], readonly Transform[]>> = {
  text: Object.values(TRANSFORMS),
  regex: [],
  cidr: ['expand'],
  exists: [],
  field: ['contains', 'startswith', 'endswith'],
  compare: [],
  time: [],
};

/** Reads the names after the field (`field|a|b`). Unknown names and combinations without a meaning are errors, never skipped. */
export function readModifiers(names: readonly string[]): Result<Modifiers, string> {
  const read = { kinds: [] as string[], compare: undefined as Compare | undefined, time: undefined as TimePart | undefined };
  const transforms: Transform[] = [];
  const flags = { ignoreCase: false, multiline: false, dotAll: false };
  const rest = new Set<string>();
  for (const name of names) {
    const transform = TRANSFORMS[name];
    if (Object.hasOwn(TRANSFORMS, name) && transform) transforms.push(transform);
    else if (isFlag(name)) flags[REGEX_FLAGS[name]] = true;
    else if (isCompare(name)) read.compare = read.compare === undefined ? name : read.compare;
    else if (isTime(name)) read.time = name;
    else if (name === 're' || name === 'cidr' || name === 'exists' || name === 'fieldref') read.kinds.push(name);
    else if (name === 'all' || name === 'neq' || name === 'cased') rest.add(name);
    else return err(`\`${name}\` is not a modifier of Sigma 2.1`);
  }
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) return err(`the modifier \`${repeated}\` is there twice`);
  const what = oneKind(names, read);
  if (!what.ok) return what;
  const modifiers = { what: what.value, transforms, all: rest.has('all'), negated: rest.has('neq'), cased: rest.has('cased'), flags };
  const fault = impossible(modifiers, names);
  return fault === undefined ? ok(modifiers) : err(fault);
}

function oneKind(
  names: readonly string[],
  read: { kinds: readonly string[]; compare: Compare | undefined; time: TimePart | undefined },
): Result<Kind, string> {
  const { kinds, compare, time } = read;
  const many = kinds.length + (compare !== undefined || time !== undefined ? 1 : 0);
  if (many > 1) return err(`the modifiers \`${names.join('|')}\` exclude one another`);
  if (names.filter(isCompare).length > 1 || names.filter(isTime).length > 1)
    return err('one comparison is possible in an item: write a second item');
  if (time !== undefined) return ok({ kind: 'time', part: time, operator: compare ?? 'eq' });
  if (compare !== undefined) return ok({ kind: 'compare', operator: compare });
  const [kind] = kinds;
  if (kind === 're') return ok({ kind: 'regex' });
  if (kind === 'cidr') return ok({ kind: 'cidr' });
  if (kind === 'exists') return ok({ kind: 'exists' });
  return ok({ kind: kind === 'fieldref' ? 'field' : 'text' });
}

function impossible(modifiers: Modifiers, names: readonly string[]): string | undefined {
  const { what, transforms, all, negated, cased, flags } = modifiers;
  const wrong = transforms.find((transform) => !ALLOWED[what.kind].includes(transform));
  if (wrong !== undefined) return `\`${wrong}\` has no meaning together with \`${names.filter((name) => name !== wrong).join('|')}\``;
  const flagged = flags.ignoreCase || flags.multiline || flags.dotAll;
  if (flagged && what.kind !== 'regex') return '`i`, `m` and `s` are modifiers of `re`: write `re|i`';
  if (what.kind === 'regex' && names[0] !== 're') return '`re` must be the first modifier';
  if (what.kind === 'exists' && (all || negated)) return '`exists` stands alone; its value is true or false';
  if (cased && what.kind !== 'text' && what.kind !== 'field')
    return `\`cased\` has no meaning together with \`${names.filter((n) => n !== 'cased').join('|')}\``;
  if (all && (what.kind === 'compare' || what.kind === 'time') && negated)
    return '`all` and `neq` have no meaning together with a comparison';
  return undefined;
}
