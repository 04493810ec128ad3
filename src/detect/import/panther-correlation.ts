import type { RuleNotes } from './imported.ts';
import { jsonField } from './json-field.ts';
import { child, type Located, type LocatedMap, numberOf, textOf } from './located.ts';
import { type CorrelationRule, head } from './rule-document.ts';
import { timespan } from './timespan.ts';

interface Context {
  readonly name: string;
  readonly origin: string;
  readonly line: number;
  readonly nameOf: (ruleId: string) => string;
  readonly notes: RuleNotes;
  /** Names of the correlation rules that there are. */
  readonly correlations: ReadonlySet<string>;
}

interface Step {
  readonly id: string;
  readonly line: number;
  /** The name of what it waits for. */
  readonly rule: string;
  readonly absent: boolean;
  readonly least: number;
}

/** Values that must be equal: the field of each step, by the step's id. */
type Key = ReadonlyMap<string, string>;

interface Parts {
  readonly correlation: CorrelationRule['correlation'];
  /** Counts that steps wait for. */
  readonly counts: readonly CorrelationRule[];
}

/** Reads `Detection` of a correlation rule. Undefined: not carried, and the notes say why. */
export function readCorrelation(node: Located | undefined, context: Context): Parts | undefined {
  const { notes, line } = context;
  const blocks = node?.kind === 'list' ? node.items : node === undefined ? [] : [node];
  const [block] = blocks;
  if (block?.kind !== 'map' || blocks.length > 1)
    return notes.left(node?.line ?? line, 'rule', '`Detection` is not one Sequence or Group', 'Make a rule of each.');
  const sequence = child(block, 'Sequence');
  const steps = readSteps(sequence ?? child(block, 'Group'), context);
  const minutes = numberOf(child(block, 'LookbackWindowMinutes'));
  if (steps === undefined) return undefined;
  if (minutes === undefined || minutes <= 0) return notes.left(block.line, 'rule', '`LookbackWindowMinutes` is missing, or not a number');
  if (child(block, 'Schedule') !== undefined)
    notes.left(
      child(block, 'Schedule')?.line ?? line,
      'Schedule',
      'there is none here: a correlation is asked as events come',
      'Nothing is to be done.',
    );
  return sequence === undefined ? readGroup(block, steps, minutes, context) : readSequence(block, steps, minutes, context);
}

function readSteps(node: Located | undefined, { notes, line, nameOf }: Context): readonly Step[] | undefined {
  const items = node?.kind === 'list' ? node.items : [];
  const steps = items.flatMap((each): Step[] => {
    const rule = each.kind === 'map' ? textOf(child(each, 'RuleID')) : undefined;
    if (each.kind !== 'map' || rule === undefined) return [];
    const least = numberOf(child(each, 'MinMatchCount')) ?? 1;
    return [
      {
        id: textOf(child(each, 'ID')) ?? rule,
        line: each.line,
        rule: nameOf(rule),
        absent: textOf(child(each, 'Absence')) === 'true',
        least,
      },
    ];
  });
  if (steps.length < items.length || steps.length === 0)
    return notes.left(node?.line ?? line, 'rule', 'a step without RuleID, or no step at all');
  if (new Set(steps.map(({ rule }) => rule)).size < steps.length)
    return notes.left(
      node?.line ?? line,
      'rule',
      'two steps wait for one rule',
      'Count it with MinMatchCount, or make a second rule of it.',
    );
  return steps;
}

function readSequence(block: LocatedMap, steps: readonly Step[], lookback: number, context: Context): Parts | undefined {
  const { notes } = context;
  const node = child(block, 'Transitions');
  const transitions = (node?.kind === 'list' ? node.items : []).filter((each) => each.kind === 'map');
  const keys = joinKeys(transitions, steps, context);
  if (keys === undefined) return undefined;
  const within = transitions.map((each) => numberOf(child(each, 'WithinTimeFrameMinutes')) ?? lookback);
  const minutes = Math.min(
    lookback,
    within.reduce((sum, each) => sum + each, within.length === 0 ? lookback : 0),
  );
  if (within.length > 1)
    notes.changed(
      node?.line ?? block.line,
      'Transitions',
      `the correlation has one time for all its steps: ${minutes} minutes, the sum of theirs`,
      'Where each is to be held, chain two correlations.',
    );
  const first = steps.findIndex(({ absent }) => !absent);
  const last = steps.findLastIndex(({ absent }) => !absent);
  if (first === -1 || steps.slice(first, last).some(({ absent }) => absent))
    return notes.left(
      block.line,
      'rule',
      'a step that is to be absent between others, or nothing but absence',
      'Make a correlation of each pair.',
    );
  if (first > 0)
    notes.changed(
      steps[0]?.line ?? block.line,
      'Absence',
      'absence before the others: the correlation asks that it is absent before and after, within the time',
    );
  return correlate(first > 0 ? 'temporal' : 'temporal_ordered', steps, keys, minutes, undefined, context);
}

function readGroup(block: LocatedMap, steps: readonly Step[], minutes: number, context: Context): Parts | undefined {
  const criteria = child(block, 'MatchCriteria');
  const keys: Key[] = [];
  for (const [name, list] of criteria?.kind === 'map' ? criteria.entries : []) {
    const pairs = (list.kind === 'list' ? list.items : []).flatMap((each) => {
      const [group, match] = each.kind === 'map' ? [textOf(child(each, 'GroupID')), textOf(child(each, 'Match'))] : [];
      return group !== undefined && match !== undefined ? [[group, jsonField(match)] as const] : [];
    });
    const key = new Map(pairs);
    if (!steps.every(({ id }) => key.has(id))) return incomplete(list.line, `MatchCriteria ${name}`, context);
    keys.push(key);
  }
  if (steps.every(({ absent }) => absent)) return context.notes.left(block.line, 'rule', 'nothing but absence');
  return correlate('temporal', steps, keys, minutes, numberOf(child(block, 'MinMatches')), context);
}

const incomplete = (line: number, part: string, { notes }: Context): undefined =>
  notes.left(
    line,
    'rule',
    `${part}: a value is compared between some of the steps only, and a correlation groups all of them`,
    'Give each step the field, or make a correlation of each pair.',
  );

/** Joins what single transitions compare into values that all steps share. */
function joinKeys(transitions: readonly LocatedMap[], steps: readonly Step[], context: Context): readonly Key[] | undefined {
  let keys: Map<string, string>[] = [];
  for (const transition of transitions) {
    const from = textOf(child(transition, 'From')) ?? '';
    const to = textOf(child(transition, 'To')) ?? '';
    const match = child(transition, 'Match');
    for (const each of match?.kind === 'list' ? match.items : []) {
      const on = each.kind === 'map' ? textOf(child(each, 'On')) : undefined;
      const [left, right] = each.kind === 'map' ? [on ?? textOf(child(each, 'From')), on ?? textOf(child(each, 'To'))] : [];
      if (left === undefined || right === undefined) return context.notes.left(each.line, 'rule', '`Match` needs `On`, or `From` and `To`');
      const joined = new Map([
        [from, jsonField(left)],
        [to, jsonField(right)],
      ]);
      const touching = keys.filter((key) => [...joined].some(([step, field]) => key.get(step) === field));
      keys = [...keys.filter((key) => !touching.includes(key)), new Map([...touching.flatMap((key) => [...key]), ...joined])];
    }
  }
  const partial = keys.some((key) => !steps.every(({ id }) => key.has(id)));
  return partial ? incomplete(transitions[0]?.line ?? context.line, 'Match', context) : keys;
}

function correlate(
  type: 'temporal' | 'temporal_ordered',
  steps: readonly Step[],
  keys: readonly Key[],
  minutes: number,
  least: number | undefined,
  context: Context,
): Parts | undefined {
  const waited = steps.find(({ rule }) => context.correlations.has(rule));
  if (waited !== undefined && keys.length > 0)
    return context.notes.left(
      waited.line,
      'rule',
      `compares a value with what the correlation ${waited.rule} found, which has no fields of its own`,
      'Write it by hand: group both correlations by that field.',
    );
  const seconds = Math.max(1, Math.round(minutes * 60));
  const counts = steps.filter((step) => step.least > 1 && !step.absent).map((step) => countOf(step, keys, seconds, context));
  const nameOf = (step: Step): string => (step.least > 1 && !step.absent ? countName(step, context) : step.rule);
  const groups = keys.map((key, i) => groupOf(key, i, steps, nameOf));
  const aliases = Object.fromEntries(groups.flatMap(({ name, alias }) => (alias === undefined ? [] : [[name, alias]])));
  const absent = steps.some((step) => step.absent);
  const expression = steps.map((step) => `${step.absent ? 'not ' : ''}${nameOf(step)}`).join(' and ');
  const some = least !== undefined && least < steps.length ? { gte: least } : undefined;
  const condition = absent ? expression.replace(/^(not \S+) and (.*)$/, '$2 and $1') : some;
  return {
    correlation: {
      type,
      rules: steps.map(nameOf),
      ...(groups.length > 0 && { 'group-by': groups.map(({ name }) => name) }),
      timespan: timespan(seconds),
      ...(Object.keys(aliases).length > 0 && { aliases }),
      ...(condition !== undefined && { condition }),
    },
    counts,
  };
}

/** One field of that name in all steps needs no alias. */
function groupOf(
  key: Key,
  index: number,
  steps: readonly Step[],
  nameOf: (step: Step) => string,
): { name: string; alias?: Record<string, string> } {
  const fields = new Set(key.values());
  const [only] = fields;
  if (fields.size === 1 && only !== undefined) return { name: only };
  return { name: `key_${index + 1}`, alias: Object.fromEntries(steps.map((step) => [nameOf(step), key.get(step.id) ?? ''])) };
}

const countName = (step: Step, { name }: Context): string =>
  `${name}_${step.id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')}`;

function countOf(step: Step, keys: readonly Key[], seconds: number, context: Context): CorrelationRule {
  const groupBy = keys.flatMap((key) => key.get(step.id) ?? []);
  return {
    ...head('panther', {
      origin: `${context.origin}/${step.id}`,
      name: countName(step, context),
      title: `${step.id}: ${step.least} times`,
    }),
    taxonomy: 'ecs',
    correlation: {
      type: 'event_count',
      rules: [step.rule],
      ...(groupBy.length > 0 && { 'group-by': groupBy }),
      timespan: timespan(seconds),
      condition: { gte: step.least },
    },
    level: 'informational',
  };
}
