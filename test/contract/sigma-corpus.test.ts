import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LoadedRules, loadRules, readRules } from '../../src/detect/sigma/load.ts';
import type { Judged } from '../../src/detect/stream/judged.ts';
import { compileRules } from '../../src/detect/stream/rule-set.ts';
import { fieldCatalogue } from '../../src/hub/rules/field-catalogue.ts';
import type { Fields, Value } from '../../src/model/event.ts';
import { FieldSet } from '../../src/model/field-set.ts';
import { settingsSchema } from '../../src/settings.ts';
import { eventFor, seeded } from '../support/events-for-rules.ts';

const CORPORA = new URL('../../../shared/corpora/', import.meta.url).pathname;
const RULES = join(CORPORA, 'sigma/rules_selected');
const DOCS = new URL('../../docs/detection.md', import.meta.url);
const there = existsSync(RULES);
if (!there) console.warn(`skipped: public rules and labelled events are not at ${CORPORA}`);

/** Loaded by the first test that asks, so that nothing is read where the corpora are not. */
let loaded: LoadedRules | undefined;
const publicRules = (): LoadedRules => {
  loaded ??= loadRules(RULES);
  return loaded;
};

/** Nested JSON as flat fields, as normalizing leaves it. */
function flatten(value: Value, path: string, into: Fields): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) into[path] = value;
  else for (const [key, child] of Object.entries(value)) flatten(child, path === '' ? key : `${path}.${key}`, into);
  return into;
}

function labelled(): Judged[] {
  const dir = join(CORPORA, 'events');
  const lines = readdirSync(dir).flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n').filter(Boolean));
  return lines.map((line) => {
    const input = (JSON.parse(line) as { input: Value }).input;
    return { fields: FieldSet.of(flatten(input, '', {})), text: JSON.stringify(input), timestamp: 0, source: 'test' };
  });
}

describe.skipIf(!there)('619 public rules', () => {
  it('are taken, or refused for a reason', () => {
    const { rules, rejected } = publicRules();
    expect(rejected).toEqual([]);
    expect(rules).toHaveLength(619);
  });

  it('that can never fire here are those in the documentation', () => {
    const { rules, silent } = loadRules(RULES, { catalogue: fieldCatalogue(settingsSchema.parse({})) });
    const reasons = [...Map.groupBy(silent, ({ reason }) => reason.replace('can never fire here: ', ''))].map(([reason, of]) => ({
      reason,
      count: of.length,
    }));
    const rows = reasons
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
      .map(({ reason, count }) => `| ${reason} | ${count} |`);
    const table = ['| why | rules |', '|---|--:|', ...rows, `| **all, of ${rules.length}** | **${silent.length}** |`].join('\n');
    expect(readFileSync(DOCS, 'utf8')).toContain(table);
  });

  it('give the same hits with the index and without, on events made for them', () => {
    const { rules } = publicRules();
    const failed: unknown[] = [];
    const options = { routing: false, onError: (_: unknown, error: unknown) => failed.push(error) };
    const indexed = compileRules(rules, options);
    const full = compileRules(rules, { ...options, index: false });
    const random = seeded(2_026);
    let hits = 0;
    for (const rule of rules) {
      const event = eventFor(rule.tree, random);
      const expected = full.match(event);
      hits += expected.length;
      expect(indexed.match(event), `${rule.name}: ${JSON.stringify(event)}`).toEqual(expected);
    }
    expect(failed).toEqual([]);
    expect(hits).toBeGreaterThan(100);
  }, 120_000);

  it('give the same hits with the index and without, on events of other products', () => {
    const { rules } = publicRules();
    const indexed = compileRules(rules, { routing: false });
    const full = compileRules(rules, { routing: false, index: false });
    const events = labelled();
    expect(events.length).toBeGreaterThan(100);
    for (const event of events) expect(indexed.match(event)).toEqual(full.match(event));
  }, 120_000);

  it('are only asked about events of their log source', () => {
    const routed = compileRules(publicRules().rules);
    for (const event of labelled()) expect(routed.match(event)).toEqual([]);
  });
});

describe.skipIf(!there)('the test cases of the specification', () => {
  it('are taken, but for ids that are there twice and rules that are not there', () => {
    const { rules, correlations, rejected } = loadRules(join(CORPORA, 'sigma/spec/tests'));
    expect(rules.map(({ file }) => file)).toEqual(['schema/rules/rule_1.yml']);
    expect(correlations).toEqual([]);
    const reasons = rejected.map(({ reason }) => reason.replace(/ `[^`]+`/, ''));
    expect(new Set(reasons)).toEqual(
      new Set([
        'the rule is not there',
        'the id is also that of schema/correlation/event_count.yml',
        'the id is also that of schema/rules/rule_1.yml',
      ]),
    );
  });

  it('are taken each, where the rules are there to which they refer', () => {
    const dir = join(CORPORA, 'sigma/spec/tests/schema');
    for (const folder of ['correlation', 'filter', 'rules']) {
      for (const file of readdirSync(join(dir, folder))) {
        const { rejected, rules, correlations } = withStubs(readFileSync(join(dir, folder, file), 'utf8'));
        expect(rejected, file).toEqual([]);
        expect(correlations, file).toHaveLength(folder === 'correlation' ? 1 : 0);
        expect(rules.filter(({ filters }) => filters.length > 0).length, file).toBe(folder === 'filter' ? 2 : 0);
      }
    }
  });

  it('examples of correlations are taken, or refused for what they leave out', () => {
    const text = readFileSync(join(CORPORA, 'sigma/spec/correlation_examples_from_spec.yml'), 'utf8');
    const outcomes = text.split('# ---------- next example ----------\n').map((example) => {
      const { correlations, rejected } = withStubs(example);
      return rejected.length === 0 ? correlations.map(({ type }) => type) : rejected.map(({ reason }) => reason.split(':')[0]);
    });
    expect(outcomes).toEqual([
      ['`type` is missing', '`timespan` is missing'],
      ['event_count'],
      ['value_count'],
      ['`title` is missing, or not text'],
      ['`title` is missing, or not text'],
      ['value_sum'],
      ['value_avg'],
      ['value_percentile'],
      ['`id` is not a UUID'],
      ['event_count', 'temporal_ordered'],
    ]);
  });
});

const LOGSOURCES = ['{ category: process_creation, product: windows }', '{ category: network, service: dns }'];

/** A document with rules for every name that it refers to and does not define. */
function withStubs(text: string): LoadedRules {
  const asked = /^ +rules:\s*\n((?: +- .*\n?)+)/gm;
  const names = [...text.matchAll(asked)].flatMap(([, list = '']) => [...list.matchAll(/- ([\w-]+)/g)].map(([, name = '']) => name));
  const missing = [...new Set(names)].filter((name) => !text.includes(`name: ${name}\n`));
  const logsource = text.includes('service: dns') ? LOGSOURCES[1] : LOGSOURCES[0];
  const stubs = missing.map((name, n) =>
    [
      'title: A stub',
      name.includes('-') ? `id: ${name}` : `id: 00000000-0000-4000-8000-${`${n}`.padStart(12, '0')}\nname: ${name}`,
      `logsource: ${logsource}`,
      'detection: { s: { f: x }, condition: s }',
    ].join('\n'),
  );
  return readRules('example.yml', [text, ...stubs].join('\n---\n'));
}
