/** A document, and whether the specification's JSON schema and our reader take it. */
export interface SchemaCase {
  readonly what: string;
  readonly text: string;
  readonly schema: boolean;
  readonly ours: boolean;
  /** Why the two differ; empty where they do not. */
  readonly why: string;
}

const ID = '5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e11';

const rule = (change: Readonly<Record<string, string | undefined>>): string =>
  write({ title: 'A', id: ID, logsource: '{ product: linux }', detection: '{ s: { f: x }, condition: s }', ...change });

const correlation = (change: Readonly<Record<string, string | undefined>>): string => {
  const inner = { type: 'event_count', rules: '[other]', 'group-by': '[user]', timespan: '5m', condition: '{ gte: 5 }', ...change };
  const lines = Object.entries(inner).flatMap(([key, value]) => (value === undefined ? [] : [`  ${key}: ${value}`]));
  return `${write({ title: 'A', id: ID })}correlation:\n${lines.join('\n')}\n`;
};

const filter = (change: Readonly<Record<string, string | undefined>>): string =>
  write({
    title: 'A',
    id: ID,
    logsource: '{ product: linux }',
    filter: '{ rules: [other], selection: { f: x }, condition: not selection }',
    ...change,
  });

const write = (lines: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(lines)
    .map(([key, value]) => (value === undefined ? '' : `${key}: ${value}\n`))
    .join('');

const same = (what: string, text: string, taken: boolean): SchemaCase => ({ what, text, schema: taken, ours: taken, why: '' });
const differs = (what: string, text: string, ours: boolean, why: string): SchemaCase => ({ what, text, schema: !ours, ours, why });

export const SCHEMA_CASES: readonly SchemaCase[] = [
  same('a rule', rule({}), true),
  same('a rule without a title', rule({ title: undefined }), false),
  same('a rule without a log source', rule({ logsource: undefined }), false),
  same('a rule without a detection', rule({ detection: undefined }), false),
  same('a rule without a condition', rule({ detection: '{ s: { f: x } }' }), false),
  same('a rule without an id', rule({ id: undefined }), true),
  same('a rule with an id that is no UUID', rule({ id: 'x' }), false),
  same('a rule of an unknown level', rule({ level: 'severe' }), false),
  same('a rule of an unknown status', rule({ status: 'draft' }), false),
  same('a rule with an unknown relation', rule({ related: `[{ id: ${ID}, type: cousin }]` }), false),
  same('a correlation', correlation({}), true),
  same('a correlation of an unknown type', correlation({ type: 'count' }), false),
  same('a correlation without a timespan', correlation({ timespan: undefined }), false),
  same('a correlation without rules', correlation({ rules: undefined }), false),
  same('a filter', filter({}), true),
  same('a filter without rules', filter({ filter: '{ selection: { f: x }, condition: not selection }' }), false),
  differs('`status: unsupported`', rule({ status: 'unsupported' }), false, 'it says that the rule cannot be used'),
  differs('`taxonomy: splunk`', rule({ taxonomy: 'splunk' }), false, 'names of another taxonomy mean nothing here'),
  differs(
    '`logsource` with neither product, category nor service',
    rule({ logsource: '{ definition: x }' }),
    false,
    'the rule would be for every event',
  ),
  differs(
    'an unknown modifier',
    rule({ detection: '{ s: { f|foo: x }, condition: s }' }),
    false,
    'schemas do not look into names of fields',
  ),
  differs(
    'a condition over a name that is not there',
    rule({ detection: '{ s: { f: x }, condition: t }' }),
    false,
    'schemas do not read conditions',
  ),
  differs('a search identifier without items', rule({ detection: '{ s: {}, condition: s }' }), false, 'it says nothing'),
  differs(
    'a regular expression with look-around',
    rule({ detection: "{ s: { f|re: '(?=x)' }, condition: s }" }),
    false,
    'Sigma and RE2 do not have it',
  ),
  differs(
    'a list of conditions',
    rule({ detection: '{ s: { f: x }, condition: [s, not s] }' }),
    true,
    'the specification had it before, and rules have it',
  ),
  differs(
    'a tag, a date, a title or an author of another form',
    rule({ tags: '[Foo Bar]', date: 'yesterday', author: '[a, b]' }),
    true,
    'it decides nothing',
  ),
  differs('one text where a list is meant', rule({ tags: 'attack.t1078', falsepositives: 'x' }), true, 'it can mean one thing only'),
  differs(
    'a correlation without `group-by`',
    correlation({ 'group-by': undefined }),
    true,
    'the text of the specification says that it may be missing',
  ),
  differs('`rules` or `group-by` of one text', correlation({ rules: 'other', 'group-by': 'user' }), true, 'it can mean one thing only'),
  differs(
    '`type: value_median`',
    correlation({ type: 'value_median', condition: '{ gte: 5, field: x }' }),
    true,
    'the text has it, and pySigma',
  ),
  differs('a count that is no whole number, or below 0', correlation({ condition: '{ gte: 1.5 }' }), false, 'nothing is counted so'),
  differs('an empty condition of a correlation', correlation({ condition: '{}' }), false, 'it compares with nothing'),
  differs('`value_count` without `field`', correlation({ type: 'value_count' }), false, 'values of which field?'),
  differs('an empty list of `rules`', correlation({ rules: '[]' }), false, 'nothing is counted'),
  differs('an unknown key in `correlation`', correlation({ foo: 'x' }), false, 'most likely misspelled'),
  differs(
    '`rules: any`, or a search identifier with a name of its own, in a filter',
    filter({ filter: '{ rules: any, s: { f: x }, condition: not s }' }),
    true,
    'the text has both',
  ),
  same('a filter without a condition', filter({ filter: '{ rules: [other], selection: { f: x } }' }), false),
];
