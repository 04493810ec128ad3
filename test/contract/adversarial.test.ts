import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../src/detect/sigma/load.ts';
import { longestLiteral } from '../../src/detect/sigma/pattern.ts';
import { necessaryLiteral } from '../../src/detect/sigma/regex.ts';
import type { Rule } from '../../src/detect/sigma/rule.ts';
import { leaves } from '../../src/detect/sigma/tree.ts';
import { compileRules } from '../../src/detect/stream/rule-set.ts';
import type { Fields, Value } from '../../src/model/event.ts';
import { FieldSet } from '../../src/model/field-set.ts';
import { ruleOf } from '../support/sigma-rule.ts';

const SHIPPED = new URL('../../rules', import.meta.url).pathname;
const PUBLIC = new URL('../../../shared/corpora/sigma/rules_selected', import.meta.url).pathname;
const LONG = 64 * 1024;
const MANY = 10_000;
/**
 * How many times as long as {@link plainWork} one event may take of all rules together: the worst takes four to five times. In milliseconds it would be a
 * bound of the machine, and some are three times as slow as others; how many it takes is in docs/benchmarks.md.
 */
const BOUND = 8;

/** What a careless rule could ask for. */
const CARELESS = [
  'message|re: "(a+)+$"',
  'message|re: "(x+x+)+y"',
  'message|re: "^(\\\\w+\\\\s?)*$"',
  'message|re: "(.*a){20}"',
  'message|re: "((a|aa)+)+$"',
  'message|re: "(.){200,}"',
  'message: "*a*a*a*a*a*b"',
  'message: "*a?a?a?a?b*"',
  'related.ip|cidr: ["2001:db8:1::/48", "2001:db8:2::/48", "192.0.2.0/24"]',
  '"@timestamp|hour|gte": 22',
  'seen|hour|gte: 22',
  'seen|week|lt: 2',
  ...['', '|contains', '|startswith', '|endswith'].map((relation) => `names|fieldref${relation}: others`),
].map((item) => ruleOf(`s:\n  ${item}\ncondition: s`));

const rules: readonly Rule[] = [...loadRules(SHIPPED).rules, ...(existsSync(PUBLIC) ? loadRules(PUBLIC).rules : []), ...CARELESS].map(
  (rule, i) => ({ ...rule, id: `${i}`, name: `${i}` }),
);
const tokens = [
  ...new Set(
    rules
      .flatMap(({ tree }) => leaves(tree))
      .map(({ test }) =>
        test.kind === 'text' ? longestLiteral(test.pattern) : test.kind === 'regex' ? necessaryLiteral(test.source) : '',
      ),
  ),
].filter((token) => token.length > 1);

const token = (i: number): string => tokens[i % tokens.length] ?? '';
const long = (piece: (i: number) => string): string => {
  let text = '';
  for (let i = 0; text.length < LONG; i++) text += piece(i);
  return text.slice(0, LONG);
};
const many = <T extends Value>(element: (i: number) => T): T[] => Array.from({ length: MANY }, (_, i) => element(i));
const deep = (depth: number): Value => (depth === 0 ? 'x' : { b: deep(depth - 1), c: [token(depth)] });

const EVENTS: Readonly<Record<string, Fields>> = Object.fromEntries(
  Object.entries({
    'one letter': long(() => 'a'),
    words: long((i) => `word${i} `),
    'every literal of every rule': long((i) => `${token(i)} `),
    'every literal, in capitals': long((i) => `${token(i).toUpperCase()} `),
    'every literal without its last character': long((i) => `${token(i).slice(0, -1)}~`),
    'every literal without its first character': long((i) => `${token(i).slice(1)} `),
    'characters that fold in odd ways': long(() => 'İſK😀ς'),
    'nearly what nested expressions want': long((i) => ['aaaaaaaaaaaa!', 'xxxxxxxxxxxxz', 'a_a_a_a_', '${jndi:', '%3C', '=='][i % 6] ?? ''),
  }).map(([name, text]) => {
    const places = [
      'message',
      'process.command_line',
      'url.original',
      'url.query',
      'user_agent.original',
      'process.executable',
      'file.path',
    ];
    return [name, Object.fromEntries(places.map((place) => [place, text]))];
  }),
);

const LISTS: Readonly<Record<string, Fields>> = {
  'an array of every literal': { message: many(token) },
  'an array of literals that are nearly there': { 'process.command_line': many((i) => `${token(i).slice(0, -1)}~`) },
  'an array of nulls and numbers': { message: many((i) => (i % 2 === 0 ? null : i)) },
  'an array of addresses': {
    'related.ip': many((i) => `2001:db8:ffff::${i.toString(16)}`),
    'source.ip': many((i) => `10.${i >> 8}.${i & 255}.7`),
  },
  'an array of times': { seen: many((i) => new Date(Date.UTC(2026, 5, 1, i % 20)).toISOString()) },
  'two arrays to compare': { names: many((i) => `name-${i}-`), others: many((i) => `other-${i}-`) },
  'deep maps': { message: deep(2_000), 'winlog.event_data': deep(2_000) },
};

const ROUTED: Fields = {
  'event.module': 'linux',
  'event.category': ['process', 'web'],
  'event.type': ['start'],
  'event.dataset': 'linux.auditd',
};

function cost(fields: Fields, routing: boolean): number {
  const set = compileRules(rules, {
    routing,
    onError: (_, error) => {
      throw error;
    },
  });
  const text = typeof fields.message === 'string' ? fields.message : JSON.stringify(fields.message ?? null).slice(0, LONG);
  const event = { fields: FieldSet.of({ ...ROUTED, ...fields }), text, timestamp: 0, source: 'test' };
  return leastOf(6, () => set.match(event));
}

/** Counts the pairs of letters of seven fields of 64 kB: what this machine takes to look at each letter once. */
function plainWork(): void {
  const text = long((i) => `word${i} `);
  for (let field = 0; field < 7; field++) {
    const pairs = new Map<number, number>();
    for (let i = 1; i < text.length; i++) {
      const pair = text.charCodeAt(i - 1) * 256 + text.charCodeAt(i);
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
  }
}

/** Milliseconds of the processor: the least of some rounds, as what others do on the machine only adds. */
function leastOf(rounds: number, work: () => unknown): number {
  const all = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...all);
}

describe('an event that is made to cost as much as it can', () => {
  it.each(Object.entries({ ...EVENTS, ...LISTS }))(`%s: under ${BOUND} times plain work`, { timeout: 60_000 }, (_, fields) => {
    const most = BOUND * leastOf(12, plainWork);
    expect(cost(fields, true)).toBeLessThan(most);
    expect(cost(fields, false)).toBeLessThan(most);
  });
});
