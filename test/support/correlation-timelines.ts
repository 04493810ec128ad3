import fc from 'fast-check';
import type { Counted } from '../../src/detect/correlate/counted.ts';
import type { Bound, Correlation, CorrelationType, Expression } from '../../src/detect/sigma/correlation.ts';
import { fold } from '../../src/detect/sigma/fold.ts';

export const RULES = ['r0', 'r1', 'r2', 'r3'];

export interface TimelineEvent {
  readonly at: number;
  readonly rules: readonly string[];
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly number: number;
}

/** Few times, so that many are equal; spellings that fold together; quarters, which add up without an error. */
export const timeline = fc.array(
  fc.record<TimelineEvent>({
    at: fc.integer({ min: 0, max: 20 }),
    rules: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...RULES).map((rule) => [rule]) },
      { weight: 1, arbitrary: fc.subarray(RULES, { minLength: 1 }) },
    ),
    user: fc.constantFrom('a', 'A', 'b', '7', undefined),
    host: fc.constantFrom('x', 'X', 'y', '-2.5'),
    number: fc.integer({ min: -12, max: 12 }).map((quarters) => quarters / 4),
  }),
  { maxLength: 22 },
);

const timespanMs = fc.integer({ min: 0, max: 6 });
const groupNames = fc.constantFrom<string[]>([], ['user'], ['user', 'host'], ['host']);
const refs = fc.shuffledSubarray(RULES, { minLength: 1, maxLength: 4 });

export type Shape = Partial<Pick<Correlation, 'bounds' | 'expression' | 'percentile'>> & Pick<Correlation, 'type'>;

export interface Drawn {
  readonly timespanMs: number;
  readonly groupNames: readonly string[];
  readonly rules: readonly string[];
}

/** `inner`: a correlation that it counts too, after the rules or before them. */
export function correlation(
  id: string,
  { timespanMs, groupNames, rules }: Drawn,
  shape: Shape,
  inner?: { id: string; first: boolean },
): Correlation {
  const ofRules = rules.map((rule) => ({ id: rule, kind: 'rule' as const }));
  const of = inner === undefined ? [] : [{ id: inner.id, kind: 'correlation' as const }];
  const refs = inner?.first ? [...of, ...ofRules] : [...ofRules, ...of];
  const info = { version: '1', name: id, title: id, level: 'high', description: '', tags: [], falsepositives: [], nextSteps: [] } as const;
  return {
    ...info,
    id,
    file: 'a.yml',
    line: 1,
    status: undefined,
    author: undefined,
    groupBy: groupNames,
    refs,
    timespanMs,
    groupNames,
    groupPaths: refs.map(() => groupNames.map((name) => [name])),
    fieldPaths: refs.map(() => (shape.type.startsWith('value_') ? [['host']] : [])),
    bounds: [],
    percentile: 50,
    expression: undefined,
    generate: false,
    ...shape,
  };
}

export function hitsOf(correlation: Correlation, events: readonly TimelineEvent[]): Counted[] {
  return events.flatMap((event, i) => {
    const group = correlation.groupNames.map((name) => (name === 'user' ? event.user : event.host));
    if (!group.every((value) => value !== undefined)) return [];
    const value = fold(event.host ?? '');
    return correlation.refs.flatMap(({ id, kind }, ref) =>
      // Another rule may read another field: the first one's number is that of the event.
      kind === 'rule' && event.rules.includes(id) ? { at: event.at, ref, event: i, group, value, number: event.number + ref } : [],
    );
  });
}

export const drawn = fc.record<Drawn>({ timespanMs, groupNames, rules: refs });

export const shapeOf = (type: CorrelationType, bounds: readonly Bound[]): fc.Arbitrary<Shape> =>
  type === 'value_percentile'
    ? fc.integer({ min: 0, max: 100 }).map((percentile) => ({ type, bounds, percentile }))
    : fc.constant({ type, bounds });

export const OPS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
export const TYPES = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
] as const;

/** Around what a window of a few events comes to. */
export const numberFor = (type: CorrelationType) =>
  type.startsWith('value_') && type !== 'value_count'
    ? fc.integer({ min: -8, max: 16 }).map((quarters) => quarters / 4)
    : fc.integer({ min: 0, max: 4 });

export const { tree } = fc.letrec<{ tree: Expression; ref: Expression; not: Expression; many: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 2, arbitrary: tie('ref') },
    { weight: 1, arbitrary: tie('not') },
    { weight: 3, arbitrary: tie('many') },
  ),
  ref: fc.record({ kind: fc.constant('ref' as const), ref: fc.integer({ min: 0, max: 3 }) }),
  not: fc.record({ kind: fc.constant('not' as const), child: tie('tree') }),
  many: fc.record({
    kind: fc.constantFrom('and' as const, 'or' as const),
    children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
  }),
}));
