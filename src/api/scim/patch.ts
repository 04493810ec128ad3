import { z } from 'zod';
import type { ScimAttributes } from '../../store/state/people-tables.ts';
import { invalid } from './fault.ts';
import { type Comparison, parseComparison } from './filter.ts';

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):/i;

/** Entra writes `Add`, Okta `replace`: case does not count. */
const operation = z.object({
  op: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['add', 'replace', 'remove'])),
  path: z.string().min(1).max(1_000).optional(),
  value: z.unknown().optional(),
});
export const patchBody = z.object({
  schemas: z.array(z.string()).optional(),
  Operations: z.array(operation).min(1).max(1_000),
});
export type Operation = z.output<typeof operation>;

type Op = Operation['op'];

/** `emails[type eq "work"].value` taken apart; of the enterprise extension with its schema before it. */
export interface AttributePath {
  readonly extension: string | undefined;
  readonly attribute: string;
  readonly filter: Comparison | undefined;
  readonly sub: string | undefined;
}

/** Throws a {@link ScimFault}. */
export function parsePath(path: string): AttributePath {
  const isEnterprise = path.toLowerCase().startsWith(ENTERPRISE.toLowerCase());
  const rest = isEnterprise ? path.slice(ENTERPRISE.length).replace(/^[:.]/, '') : path.replace(CORE, '');
  const extension = isEnterprise ? ENTERPRISE : undefined;
  if (isEnterprise && rest === '') return { extension: undefined, attribute: ENTERPRISE, filter: undefined, sub: undefined };
  const parts = /^([A-Za-z$][\w$-]*)(?:\[(.*)\])?(?:\.([A-Za-z$][\w$-]*))?$/.exec(rest);
  if (!parts) throw invalid(`The path ${path.slice(0, 200)} cannot be read.`, 'invalidPath');
  const [, attribute = '', filter, sub] = parts;
  return { extension, attribute, filter: filter === undefined ? undefined : parseComparison(filter), sub };
}

/** Attributes after the operations, one after the other (RFC 7644, section 3.5.2). Throws a {@link ScimFault}: then nothing counts. */
export function patched(attributes: ScimAttributes, operations: readonly Operation[]): ScimAttributes {
  return operations.reduce((after, each) => applied(after, each), attributes);
}

function applied(attributes: ScimAttributes, { op, path, value }: Operation): ScimAttributes {
  if (path !== undefined) return atPath(attributes, op, parsePath(path), value);
  if (op === 'remove') throw invalid('To remove something, name its path.', 'noTarget');
  if (!isObject(value)) throw invalid('Without a path the value is an object of attributes.', 'invalidSyntax');
  return Object.entries(value).reduce((after, [key, each]) => atPath(after, op, parsePath(key), each), attributes);
}

function atPath(attributes: ScimAttributes, op: Op, path: AttributePath, value: unknown): ScimAttributes {
  if (path.extension !== undefined) {
    const inner = asObject(attributes[path.extension]);
    return { ...attributes, [path.extension]: atPath(inner, op, { ...path, extension: undefined }, value) };
  }
  const key = keyOf(attributes, path.attribute);
  const before = attributes[key];
  const after = path.filter === undefined ? plain(before, op, path, value) : filtered(before, op, path.filter, path.sub, value);
  if (after !== undefined) return { ...attributes, [key]: after };
  const { [key]: _, ...others } = attributes;
  return others;
}

function plain(before: unknown, op: Op, { attribute, sub }: AttributePath, value: unknown): unknown {
  if (sub !== undefined) {
    const inner = asObject(before);
    return atPath(inner, op, { extension: undefined, attribute: sub, filter: undefined, sub: undefined }, value);
  }
  if (op === 'remove') return undefined;
  // Entra names a manager by their id alone.
  if (attribute.toLowerCase() === 'manager' && typeof value === 'string') return { value };
  if (op === 'add' && Array.isArray(before)) return unique([...before, ...(Array.isArray(value) ? value : [value])]);
  if (isObject(before) && isObject(value)) {
    return { ...before, ...Object.fromEntries(Object.entries(value).map(([key, each]) => [keyOf(before, key), each])) };
  }
  return value;
}

/** Of the elements that the filter means; where there is none, one is made that it does. */
function filtered(before: unknown, op: Op, filter: Comparison, sub: string | undefined, value: unknown): unknown {
  const elements: unknown[] = Array.isArray(before) ? before : [];
  const isMeant = (element: unknown) => isObject(element) && equals(element[keyOf(element, filter.attribute)], filter.value);
  if (op === 'remove') {
    if (sub === undefined) return elements.filter((element) => !isMeant(element));
    return elements.map((element) => (isObject(element) && isMeant(element) ? without(element, keyOf(element, sub)) : element));
  }
  const change = (element: ScimAttributes): ScimAttributes =>
    sub === undefined ? { ...element, ...asObject(value) } : { ...element, [keyOf(element, sub)]: value };
  if (!elements.some(isMeant)) return [...elements, change({ [filter.attribute]: filter.value })];
  return elements.map((element) => (isObject(element) && isMeant(element) ? change(element) : element));
}

function without(object: ScimAttributes, key: string): ScimAttributes {
  const { [key]: _, ...others } = object;
  return others;
}

const unique = (values: readonly unknown[]): unknown[] => [...new Map(values.map((each) => [JSON.stringify(each), each])).values()];

const equals = (value: unknown, wanted: string | boolean): boolean =>
  typeof value === 'string' && typeof wanted === 'string' ? value.toLowerCase() === wanted.toLowerCase() : value === wanted;

/** Names of attributes have no case (RFC 7643, section 2.1): one that is there keeps its own. */
const NAMES = [
  'userName',
  'externalId',
  'displayName',
  'nickName',
  'userType',
  'active',
  'emails',
  'phoneNumbers',
  'givenName',
  'familyName',
];
const keyOf = (object: ScimAttributes, name: string): string => {
  const same = (other: string) => other.toLowerCase() === name.toLowerCase();
  return Object.keys(object).find(same) ?? NAMES.find(same) ?? name;
};

const isObject = (value: unknown): value is ScimAttributes => typeof value === 'object' && value !== null && !Array.isArray(value);
const asObject = (value: unknown): ScimAttributes => (isObject(value) ? value : {});
