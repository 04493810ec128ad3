import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fold } from '../../src/detect/sigma/fold.ts';
import { forThePast } from '../../src/detect/sigma/list-test.ts';
import { loadRules, readRules } from '../../src/detect/sigma/load.ts';
import type { Rule } from '../../src/detect/sigma/rule.ts';
import { foldSql } from '../../src/detect/sql/fold-sql.ts';
import { sqlHits } from '../../src/detect/sql-hits.ts';
import { compileRules } from '../../src/detect/stream/rule-set.ts';
import { LISTED, listedName } from '../../src/model/enrichment.ts';
import type { Event, Fields, Value } from '../../src/model/event.ts';
import { FieldSet } from '../../src/model/field-set.ts';
import { SHIPPED_RULES } from '../../src/stages.ts';
import { sql, str } from '../../src/store/sql.ts';
import { type Random, seeded } from '../support/events-for-rules.ts';
import { propertySeed } from '../support/property-seed.ts';
import { draftFor, eventOf } from '../support/rule-events.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';
import { ruleText } from '../support/sigma-rule.ts';

const CORPORA = new URL('../../../shared/corpora/', import.meta.url).pathname;
const PUBLIC = join(CORPORA, 'sigma/rules_selected');
/** `npm run test:differential` draws the large sample and prints the table of docs/detection.md. */
const LARGE = process.env.DIFFERENTIAL === 'large';
const PER_RULE = LARGE ? 250 : 15;
const RULES = LARGE ? Number.POSITIVE_INFINITY : 40;
/** Rules whose events are in the store together, each asked about all of them. */
const TOGETHER = 50;

const ALL_TIME = { from: 0, to: Date.UTC(2100, 0, 1) };
/** At the beginning of the range, so that it is not cut into windows: a statement costs more than what it reads here. */
const now = () => ALL_TIME.from;

let store: SearchEngine;
beforeAll(async () => {
  store = await startSearchEngine();
});
afterAll(async () => {
  await store.stop();
});

interface Tally {
  rules: number;
  events: number;
  pairs: number;
  judgedAgain: number;
  readonly neverHit: string[];
}

const judgedOf = (event: Event) => ({ ...event, fields: FieldSet.of(event.fields), text: event.raw.toString('utf8') });

/** Nested JSON as flat fields, as normalizing leaves it. */
function flatten(value: Value, path: string, into: Fields): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) into[path] = value;
  else for (const [key, child] of Object.entries(value)) flatten(child, path === '' ? key : `${path}.${key}`, into);
  return into;
}

function labelled(): Event[] {
  const dir = join(CORPORA, 'events');
  const lines = readdirSync(dir).flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n').filter(Boolean));
  return lines.map((line, i) => {
    const input = (JSON.parse(line) as { input: Value }).input;
    const raw = Buffer.from(JSON.stringify(input));
    return { node: 1, seq: i + 1, receivedAt: 1_000, timestamp: 1_000, source: 'test', fields: flatten(input, '', {}), raw, hits: [] };
  });
}

/** One rule, by both engines. */
async function compare(rule: Rule, events: readonly Event[], tally: Tally, routing: boolean): Promise<void> {
  const failed: unknown[] = [];
  const stream = compileRules([rule], { routing, onError: (_, error) => failed.push(error) });
  const expected = events.filter((event) => stream.match(judgedOf(event)).length > 0).map(({ seq }) => seq);
  expect(failed).toEqual([]);
  const actual: number[] = [];
  for await (const page of sqlHits(store.engine, rule, { ...ALL_TIME, limit: events.length, routing }, now)) {
    expect(page.stopped).toBeUndefined();
    actual.push(...page.events.map(({ seq }) => seq));
    tally.judgedAgain += page.judgedAgain;
  }
  actual.sort((a, b) => a - b);
  if (`${actual}` !== `${expected}`) differ(rule, events, expected, actual);
  tally.rules++;
  tally.pairs += expected.length;
  if (expected.length === 0) tally.neverHit.push(rule.name);
}

function differ(rule: Rule, events: readonly Event[], expected: readonly number[], actual: readonly number[]): never {
  const shown = events.filter(({ seq }) => expected.includes(seq) !== actual.includes(seq)).slice(0, 2);
  const told = shown.map(({ seq, fields, raw }) => ({ sql: actual.includes(seq), fields, raw: raw.toString('latin1') }));
  throw new Error(`PROPERTY_SEED=${propertySeed}: ${rule.file} differs on ${JSON.stringify(told)}`);
}

const newTally = (): Tally => ({ rules: 0, events: 0, pairs: 0, judgedAgain: 0, neverHit: [] });

async function differential(name: string, rules: readonly Rule[]): Promise<void> {
  const random = seeded(propertySeed);
  const tally = newTally();
  for (let at = 0; at < rules.length; at += TOGETHER) {
    const some = rules.slice(at, at + TOGETHER);
    const events = some.flatMap((rule, r) => eventsFor(rule, r * PER_RULE, random));
    await store.fill(events);
    tally.events += events.length;
    // A rule for products that do not speak here is asked about every event.
    for (const rule of some) await compare(rule, events, tally, rule.route !== undefined);
  }
  const { rules: count, events, pairs, judgedAgain, neverHit } = tally;
  if (LARGE) console.log(`| ${name} | ${count} | ${count - neverHit.length} | ${events} | ${pairs} | ${judgedAgain} | 0 |\n${neverHit}`);
  // Of the few rules of a small draw, two may be among those that are hard to hit.
  expect(neverHit.length, `never hit: ${neverHit}`).toBeLessThanOrEqual(Math.max(LARGE ? 0 : 2, count * 0.05));
}

function eventsFor(rule: Rule, before: number, random: Random): Event[] {
  const route = rule.route ?? [];
  return Array.from({ length: PER_RULE }, (_, i) => eventOf(draftFor(rule.tree, random, i % 3 === 2), route, before + i + 1, random));
}

/** Evenly from the whole list. */
function drawn(rules: readonly Rule[]): readonly Rule[] {
  const step = Math.max(1, Math.ceil(rules.length / RULES));
  return rules.filter((_, i) => i % step === 0);
}

describe('stream and SQL give the same hits', () => {
  it('of the rules that come with Earshot', async () => {
    await differential('Earshot’s own', drawn(loadRules(SHIPPED_RULES).rules));
  }, 3_600_000);

  it('of lists: as they were when an event came in, and as they are today where it does not say', async () => {
    const ASKED = 5_000;
    const placeholders = new Map([['team', ['Ann', 'b*b']]]);
    const text = ruleText("s:\n  user.name|expand: '%team%'\nn:\n  host.name|expand: '%team%'\ncondition: s and not n");
    const { rules, rejected } = readRules('a.yml', text, { placeholders, lists: 'asked' });
    expect(rejected).toEqual([]);
    const since = new Map(['user.name', 'host.name'].map((path) => [listedName('team', path), ASKED]));
    const event = (seq: number, user: Value, listed: readonly string[], receivedAt: number): Event => {
      const fields = { 'user.name': user, 'host.name': 'ANN', ...(listed.length > 0 && { [LISTED]: listed }) };
      return { node: 1, seq, receivedAt, timestamp: 1_000, source: 'test', fields, raw: Buffer.from('x'), hits: [] };
    };
    const events = [
      event(1, 'x', ['team@user.name'], ASKED),
      event(2, 'ann', ['other@user.name'], ASKED),
      event(3, 'ANN', ['team@user.name', 'team@host.name'], ASKED),
      event(4, ['x', 'ANN'], ['team@user.name'], ASKED - 1),
      event(5, ['B*B', null], [], ASKED - 1),
      event(6, 'bob', ['team@user.name'], ASKED - 1),
    ].map((each) => (each.seq === 4 || each.seq === 5 ? { ...each, fields: { ...each.fields, 'host.name': 'h' } } : each));
    await store.fill(events);
    const hits = async (rule: Rule) => {
      await compare(rule, events, newTally(), false);
      const stream = compileRules([rule], { routing: false });
      return events.filter((each) => stream.match(judgedOf(each)).length > 0).map(({ seq }) => seq);
    };
    const [rule] = rules;
    if (rule === undefined) throw new Error('there is no rule');
    expect(await hits(rule)).toEqual([1, 4, 6]);
    expect(await hits(forThePast(rule, since, placeholders))).toEqual([1, 4, 5]);
    expect(await hits(forThePast(rule, new Map(), placeholders))).toEqual([4, 5]);
  }, 60_000);

  it('of a rule with a filter that expires: by when an event came in', async () => {
    const EXPIRES = Date.UTC(2026, 0, 2);
    const filter = ['title: Known', 'id: 7a8e0b60-0000-4000-8000-000000000001', 'logsource: { product: linux }', 'filter:'];
    const what = ['  rules: [the_rule]', '  known: { user.name: ann }', '  condition: not known', 'earshot: { expires: 2026-01-02 }'];
    const text = ruleText('s:\n  f: x\ncondition: s').replace('title: A', 'title: A\nname: the_rule');
    const { rules, rejected } = readRules('a.yml', [text, '---', ...filter, ...what].join('\n'));
    expect(rejected).toEqual([]);
    const [rule] = rules;
    if (rule === undefined) throw new Error('the rule was not read');
    const received = [EXPIRES - 1, EXPIRES, EXPIRES + 1];
    const events = received.map((receivedAt, i): Event => {
      const fields: Fields = { f: 'x', 'user.name': 'ann' };
      return { node: 1, seq: i + 1, receivedAt, timestamp: EXPIRES - 5_000, source: 'test', fields, raw: Buffer.from('x'), hits: [] };
    });
    await store.fill(events);
    const tally = newTally();
    await compare(rule, events, tally, false);
    expect(tally.pairs).toBe(2);
  });

  it.skipIf(!existsSync(PUBLIC))(
    'of public rules',
    async () => {
      const { rules } = loadRules(PUBLIC);
      await differential('public', drawn(rules));
    },
    3_600_000,
  );

  it.skipIf(!existsSync(PUBLIC))(
    'of public rules, on labelled events of other products',
    async () => {
      const { rules } = loadRules(PUBLIC);
      const events = labelled();
      await store.fill(events);
      const stream = compileRules(rules, { routing: false });
      const hit = new Set(events.flatMap((event) => stream.match(judgedOf(event)).map(({ id }) => id)));
      const tally = newTally();
      for (const [i, rule] of rules.entries()) if (LARGE || hit.has(rule.id) || i % 60 === 0) await compare(rule, events, tally, false);
      expect(tally.pairs).toBeGreaterThan(0);
    },
    3_600_000,
  );
});

it('FOLD of the engine is fold() for every character, alone and between letters', async () => {
  for (let from = 2; from < 0x110000; from += 2_500) {
    const codes = Array.from({ length: Math.min(2_500, 0x110000 - from) }, (_, i) => from + i).filter(
      (code) => code < 0xd800 || code > 0xdfff,
    );
    const text = codes
      .map((code) => String.fromCodePoint(code))
      .map((char) => `aΣ${char}${char} Σ${char}b\x01`)
      .join('');
    const bounds = { timeoutMs: 30_000, maxMemoryBytes: 300_000_000, maxRows: 1 };
    const [row] = await store.engine.query<{ folded: string }>(sql`SELECT ${foldSql(sql`${str(text)}`)} AS folded`, bounds);
    if (row?.folded === fold(text)) continue;
    const folded = row?.folded.split('\x01') ?? [];
    expect(codes.filter((_, i) => folded[i] !== fold(text).split('\x01')[i])).toEqual([]);
  }
}, 120_000);
