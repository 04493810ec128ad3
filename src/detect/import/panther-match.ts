import { parseNetwork } from '../sigma/cidr.ts';
import { ALL, and, type Expression, item, literal, not, or, type Scalar } from './expression.ts';
import type { RuleNotes } from './imported.ts';
import { jsonField } from './json-field.ts';
import { child, type Located, type LocatedMap, numberOf, textOf, textsOf } from './located.ts';

/** Reads the match expressions of Panther's rules in YAML. Undefined: not carried, and the notes say why. */
export function readMatches(node: Located, notes: RuleNotes): Expression | undefined {
  const read = (node.kind === 'list' ? node.items : [node]).map((each) => readMatch(each, notes));
  const sound = read.filter((each) => each !== undefined);
  return sound.length === read.length && sound.length > 0 ? and(sound) : undefined;
}

function readMatch(node: Located, notes: RuleNotes): Expression | undefined {
  if (node.kind !== 'map') return notes.left(node.line, 'Detection', 'a match expression is a map');
  const condition = textOf(child(node, 'Condition'));
  if (condition !== undefined) return readCondition(node, condition, notes);
  const [[kind, body] = ['', node]] = node.entries;
  if (kind === 'All') return readMatches(body, notes);
  const parts = body.kind === 'list' ? body.items : [body];
  const read = parts.map((each) => readMatch(each, notes));
  const sound = read.filter((each) => each !== undefined);
  if (sound.length < read.length || sound.length === 0) return undefined;
  const [only] = sound;
  if (kind === 'Any' || (kind === 'OnlyOne' && sound.length === 1)) return or(sound);
  if (kind === 'None' && only !== undefined && sound.length === 1) return not(only);
  return notes.left(
    node.line,
    `Detection: ${kind}`,
    `\`${kind}\` of several has no equal that is sure`,
    'Say it with All, Any, and one None for each.',
  );
}

/** The path of `Key`, `KeyPath` or `DeepKey`. `[*]` is any element, as fields of arrays always are. */
export function pathOf(node: LocatedMap): string | undefined {
  const deep = textsOf(child(node, 'DeepKey'));
  const path = deep
    ?.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
  const text = path ?? textOf(child(node, 'KeyPath')) ?? textOf(child(node, 'Key'));
  return text === undefined || /^p_|^\$|\[-|\[\d+\]./.test(text) ? undefined : jsonField(text.replaceAll('[*]', ''));
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fc00::/7', 'fe80::/10'];

/** Conditions that ask a field alone. */
const ALONE: Readonly<Record<string, (path: string) => Expression>> = {
  Exists: (path) => item(`${path}|exists`, true),
  DoesNotExist: (path) => item(`${path}|exists`, false),
  IsNull: (path) => item(path, null),
  IsNotNull: (path) => not(item(path, null)),
  IsNullOrEmpty: (path) => or([item(path, null), item(path, '')]),
  IsNotNullOrEmpty: (path) => not(or([item(path, null), item(path, '')])),
  IsIPAddressPrivate: (path) => item(`${path}|cidr`, ...PRIVATE),
  IsIPAddressPublic: (path) => and([item(`${path}|cidr`, '0.0.0.0/0', '::/0'), not(item(`${path}|cidr`, ...PRIVATE))]),
};

const COMPARISONS: Readonly<Record<string, string>> = {
  IsGreaterThan: 'gt',
  IsGreaterThanOrEqual: 'gte',
  IsGreaterThanOrEqualTo: 'gte',
  IsLessThan: 'lt',
  IsLessThanOrEqual: 'lte',
  IsLessThanOrEqualTo: 'lte',
};

const RELATIONS: Readonly<Record<string, string>> = {
  Equal: '',
  In: '',
  StartWith: '|startswith',
  EndWith: '|endswith',
  Contain: '|contains',
};

function readCondition(node: LocatedMap, condition: string, notes: RuleNotes): Expression | undefined {
  if (condition === 'AlwaysTrue') return ALL;
  const path = pathOf(node);
  if (path === undefined)
    return notes.left(
      node.line,
      condition,
      'what it asks is no field of the event itself',
      "Name a field with KeyPath. Fields that begin with p_ are Panther's own, and a map in a list is asked for with [*].",
    );
  const alone = Object.hasOwn(ALONE, condition) ? ALONE[condition] : undefined;
  if (alone !== undefined) return alone(path);
  const value = child(node, 'Value') ?? child(node, 'Values');
  const comparison = Object.hasOwn(COMPARISONS, condition) ? COMPARISONS[condition] : undefined;
  const number = numberOf(value);
  if (comparison !== undefined && number !== undefined) return item(`${path}|${comparison}`, number);
  if (condition === 'IsIPAddressInCIDR') {
    const networks = textsOf(value) ?? [];
    if (networks.length > 0 && networks.every((each) => parseNetwork(each).ok)) return item(`${path}|cidr`, ...networks);
  }
  return (
    readText(path, condition, value) ??
    notes.left(
      node.line,
      condition,
      `\`${condition}\` with this value has no equal`,
      'Say it with Equals, IsIn, StartsWith, EndsWith or Contains.',
    )
  );
}

/** `Equals`, `IStartsWith`, `DoesNotContain`, `IsNotIn` and their like. With an I, without regard to case. */
function readText(path: string, condition: string, value: Located | undefined): Expression | undefined {
  const found = /^(I(?=[A-Z]))?(DoesNotI?|IsNot|Is)?(Equal|In|StartWith|StartsWith|EndWith|EndsWith|Contain)s?$/.exec(condition);
  const relation = RELATIONS[found?.[3]?.replace(/^(Start|End)s/, '$1') ?? ''];
  const values = value?.kind === 'list' ? value.items : value === undefined ? [] : [value];
  const scalars = values.flatMap((each): Scalar[] => (each.kind === 'scalar' && each.value !== null ? [each.value] : []));
  if (found === null || relation === undefined || scalars.length === 0 || scalars.length < values.length) return undefined;
  const anyCase = found[1] !== undefined || found[2] === 'DoesNotI';
  const expression = or(
    scalars.map((each) =>
      typeof each === 'string' ? item(`${path}${relation}${anyCase ? '' : '|cased'}`, literal(each)) : item(`${path}${relation}`, each),
    ),
  );
  return found[2]?.includes('Not') ? not(expression) : expression;
}
