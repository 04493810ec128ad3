import { readCondition } from './condition.ts';
import type { Bound, CorrelationType, Expression } from './correlation.ts';
import type { Faults } from './fault.ts';
import { type Reference, readReferences } from './reference.ts';
import { entries, isMap, isScalar, type Node, type YAMLMap } from './yaml-document.ts';

const OPS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;

const TEMPORAL: ReadonlySet<CorrelationType> = new Set(['temporal', 'temporal_ordered']);
/** What is compared is a number of things: whole, and never 0, as a group begins with an event. */
const COUNTED: ReadonlySet<CorrelationType> = new Set(['event_count', 'value_count', 'temporal', 'temporal_ordered']);
export const isTemporal = (type: CorrelationType): boolean => TEMPORAL.has(type);

/** A correlation's `condition`, before its rules are known. */
export interface ConditionPart {
  readonly bounds: readonly Bound[];
  readonly fields: readonly Reference[];
  readonly percentile: number;
  /** A condition in words (`a and not b`). */
  readonly text: Node | undefined;
}

const DEFAULT_PERCENTILE = 50;
const NOTHING: ConditionPart = { bounds: [], fields: [], percentile: DEFAULT_PERCENTILE, text: undefined };

/** Undefined: there is at least one fault. `at`: where to tell that something is missing. */
export function readConditionPart(node: Node | undefined, type: CorrelationType, at: Node, faults: Faults): ConditionPart | undefined {
  const temporal = isTemporal(type);
  if (node === undefined) return temporal ? NOTHING : faults.add(at, `\`${type}\` needs a \`condition\`, such as \`gte: 10\``);
  if (isScalar(node) && typeof node.value === 'string') {
    return temporal ? { ...NOTHING, text: node } : faults.add(node, `the condition of \`${type}\` is a map, such as \`gte: 10\``);
  }
  if (!isMap(node)) return faults.add(node, '`condition` is a map, such as `gte: 10`');
  return readMap(node, type, faults);
}

function readMap(map: YAMLMap, type: CorrelationType, faults: Faults): ConditionPart | undefined {
  const before = faults.found.length;
  const bounds: Bound[] = [];
  let fields: readonly Reference[] = [];
  let percentile: number | undefined;
  for (const { key, keyNode, value } of entries(map, faults)) {
    const at = value ?? keyNode;
    const op = OPS.find((each) => each === key);
    if (op !== undefined) bounds.push({ op, number: readNumber(at, key, faults) });
    else if (key === 'field') fields = readFields(at, type, faults);
    else if (key === 'percentile') percentile = readPercentile(at, type, faults);
    else
      faults.add(keyNode, `\`${key}\` means nothing in the condition of a correlation: there are ${OPS.join(', ')}, field and percentile`);
  }
  if (type.startsWith('value_') && !map.has('field')) faults.add(map, `\`${type}\` needs \`field\` in its condition`);
  const fault = faults.found.length > before ? undefined : boundsFault(bounds, type);
  if (fault !== undefined) faults.add(map, fault);
  if (faults.found.length > before) return undefined;
  if (type === 'value_percentile' && percentile === undefined) lintPercentile(map, faults);
  return { bounds, fields, percentile: percentile ?? DEFAULT_PERCENTILE, text: undefined };
}

function readNumber(node: Node, key: string, faults: Faults): number {
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  faults.add(node, `\`${key}\` is a number`);
  return 0;
}

function readFields(node: Node, type: CorrelationType, faults: Faults): readonly Reference[] {
  if (!type.startsWith('value_')) {
    faults.add(node, `\`field\` means nothing for \`${type}\`, which looks at no values`);
    return [];
  }
  const fields = readReferences(node, '`field`', faults) ?? [];
  if (fields.length > 1 && type !== 'value_count') faults.add(node, `\`${type}\` takes one field`);
  return fields;
}

function readPercentile(node: Node, type: CorrelationType, faults: Faults): number {
  const percentile = readNumber(node, 'percentile', faults);
  if (type !== 'value_percentile') faults.add(node, `\`percentile\` means nothing for \`${type}\``);
  else if (percentile < 0 || percentile > 100) faults.add(node, '`percentile` is a number from 0 to 100');
  return percentile;
}

function lintPercentile(map: Node, faults: Faults): void {
  faults.lint(
    map,
    'the number is compared with the 50th percentile of the values, as there is no `percentile`; the specification can be read as the rank of one value, which is not what happens',
  );
}

/** Why a condition could never be true, or says nothing. */
function boundsFault(bounds: readonly Bound[], type: CorrelationType): string | undefined {
  if (bounds.length === 0) return `the condition needs one of ${OPS.join(', ')}`;
  const range = bounds.length === 2 && bounds.some(isLower) && bounds.some(isUpper);
  if (bounds.length > 1 && !range) return 'two numbers are a range: one of gt, gte and one of lt, lte';
  const near = bounds.flatMap(({ number }) => [number - 1, number, number + 1]);
  if (!COUNTED.has(type)) {
    const between = bounds.reduce((sum, { number }) => sum + number, 0) / bounds.length;
    return meetsOne(bounds, [...near, between]) ? undefined : 'no number is in this range';
  }
  const odd = bounds.find(({ number }) => !Number.isInteger(number) || number < 0);
  if (odd !== undefined) return `\`${odd.op}: ${odd.number}\`: what is counted is a whole number, and not less than 0`;
  if (meetsOne(bounds, [1, ...near.filter((count) => count >= 1)])) return undefined;
  return 'this is never true: a group begins with an event, so at least one is counted, and no such number is in this range';
}

const isLower = ({ op }: Bound): boolean => op === 'gt' || op === 'gte';
const isUpper = ({ op }: Bound): boolean => op === 'lt' || op === 'lte';

const meetsOne = (bounds: readonly Bound[], numbers: readonly number[]): boolean =>
  numbers.some((number) => bounds.every((bound) => meets(number, bound)));

/** Whether so many different rules can meet the bounds at all. */
export const canBeMet = (bounds: readonly Bound[], most: number): boolean =>
  meetsOne(
    bounds,
    Array.from({ length: most }, (_, i) => i + 1),
  );

function meets(count: number, { op, number }: Bound): boolean {
  switch (op) {
    case 'gt':
      return count > number;
    case 'gte':
      return count >= number;
    case 'lt':
      return count < number;
    case 'lte':
      return count <= number;
    case 'eq':
      return count === number;
    case 'neq':
      return count !== number;
  }
}

/** Reads a condition in words. `names`: what each ref is called. */
export function readExpression(node: Node, names: readonly (readonly string[])[], faults: Faults): Expression | undefined {
  if (!isScalar(node)) return undefined;
  const named = new Map(names.flatMap((each, ref) => each.map((name): [string, Expression] => [name, { kind: 'ref', ref }])));
  const expression = readCondition<Expression>(
    node,
    { noun: 'rule in `rules` called', named, and: join('and'), or: join('or'), not: (child) => ({ kind: 'not', child }) },
    faults,
  );
  if (expression === undefined) return undefined;
  if (holdsOf(expression)) return faults.add(node, 'this is true of nothing at all: say what must be there, not only what must not');
  const used = refsOf(expression);
  const unused = names.find((_, ref) => !used.has(ref));
  if (unused !== undefined) faults.lint(node, `\`${unused[0]}\` is in \`rules\` and not in the condition: it changes nothing`);
  return expression;
}

const join =
  (kind: 'and' | 'or') =>
  (children: readonly Expression[]): Expression => {
    const [only] = children;
    return children.length === 1 && only !== undefined ? only : { kind, children };
  };

/** Whether it is true where no rule has hit. */
function holdsOf(expression: Expression): boolean {
  if (expression.kind === 'ref') return false;
  if (expression.kind === 'not') return !holdsOf(expression.child);
  return expression.kind === 'and' ? expression.children.every(holdsOf) : expression.children.some(holdsOf);
}

function refsOf(expression: Expression, found = new Set<number>()): ReadonlySet<number> {
  if (expression.kind === 'ref') found.add(expression.ref);
  else if (expression.kind === 'not') refsOf(expression.child, found);
  else for (const child of expression.children) refsOf(child, found);
  return found;
}
