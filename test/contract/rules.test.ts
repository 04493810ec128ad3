import { describe, expect, it } from 'vitest';
import { decode } from '../../src/decode/decode.ts';
import type { Evaluate } from '../../src/detect/rule-test.ts';
import { loadRules } from '../../src/detect/sigma/load.ts';
import { failuresOf, mutationOf, testRules, untestedOf } from '../../src/detect/test-report.ts';
import { createEnrich } from '../../src/enrich/enrich.ts';
import { quietedBy } from '../../src/hub/rules/running-rules.ts';
import { MAPPINGS } from '../../src/integrations/index.ts';
import { techniqueName, techniqueOf } from '../../src/model/attack.ts';
import { AUDIT_SOURCE } from '../../src/model/audit.ts';
import { NO_TABLES } from '../../src/model/enrichment.ts';
import type { RawRecord } from '../../src/model/record.ts';
import { createNormalizer } from '../../src/normalize/normalize.ts';

const RULES = new URL('../../rules/', import.meta.url).pathname;
const RECEIVED = Date.UTC(2026, 10, 20, 10);
const normalize = createNormalizer({ integrations: MAPPINGS });
const enrich = createEnrich({ ...NO_TABLES, timeZone: 'UTC' });

const evaluate: Evaluate = (raw, source, lookedUp) => {
  const record: RawRecord = {
    seq: 1,
    receivedAt: RECEIVED,
    source,
    origin: source === AUDIT_SOURCE ? { transport: 'internal' } : { transport: 'tls', address: '192.0.2.1', certificate: 'sender' },
    bytes: Buffer.from(raw),
  };
  const decoded = decode(record);
  const { fields, timestamp } = normalize(record, decoded);
  enrich({ fields, receivedAt: RECEIVED, timestamp });
  for (const [path, value] of Object.entries(lookedUp)) fields.set(path, value);
  return { fields, timestamp, text: decoded.text, source };
};

const { rules, correlations, baselines, rejected, lints, silent } = loadRules(RULES);
const report = testRules([RULES], evaluate);

describe('the shipped rules', () => {
  it('of Slack tell people apart by their IDs: names are what people choose, and several may have one', () => {
    const shared = rules
      .filter(({ file }) => /\bslack\//.test(file))
      .flatMap(({ name, groupBy }) =>
        ['user', 'user.target']
          .filter((who) => groupBy.includes(`${who}.name`) && !groupBy.includes(`${who}.id`))
          .map((who) => `${name}: ${who}`),
      );
    expect(shared).toEqual([]);
  });

  it('are all taken, and can fire', () => {
    expect(rejected).toEqual([]);
    expect(silent).toEqual([]);
    expect(rules.length).toBeGreaterThanOrEqual(20);
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))('%s says what people need to know', (_, rule) => {
    expect(rule.status).toBeDefined();
    expect(rule.description).toMatch(/^Detects .*\.$/s);
    expect(rule.tags.filter((tag) => /^attack\.t\d{4}(\.\d{3})?$/.test(tag))).not.toEqual([]);
    expect(rule.falsepositives).not.toEqual([]);
    expect(rule.nextSteps).not.toEqual([]);
    expect(rule.groupBy).not.toEqual([]);
  });

  it('fire on what they should, from the raw message, and not on what is nearly that', () => {
    expect(report.rejected).toEqual([]);
    expect(failuresOf(report)).toEqual([]);
    expect(untestedOf(report)).toEqual([]);
  });

  it('have tests that notice when a part is left out or turned round', () => {
    const { tried, score, missed } = mutationOf(report);
    expect(tried).toBeGreaterThan(0);
    expect(score, missed.map(({ rule, change }) => `${rule}: ${change}`).join('\n')).toBeGreaterThanOrEqual(0.9);
  });
});

describe('the shipped correlations and baselines', () => {
  it('are all taken', () => {
    expect(lints).toEqual([]);
    expect(correlations.length).toBeGreaterThanOrEqual(11);
    expect(baselines.length).toBeGreaterThanOrEqual(5);
  });

  it('leave alone what is worth telling alone', () => {
    const quiet = quietedBy({ rules, correlations, baselines }, () => false);
    const told = [...quiet].flatMap(([id, by]) =>
      [...rules, ...correlations]
        .filter((each) => each.id === id && each.level !== 'informational')
        .map(({ name }) => `${name}, by ${by[0]?.name}`),
    );
    expect(told).toEqual([]);
  });

  it('on trial, let nothing out that is there to be counted', () => {
    const quiet = quietedBy({ rules, correlations, baselines }, () => true);
    const told = [...correlations, ...baselines].flatMap(({ refs }) => refs).filter(({ id, kind }) => kind === 'rule' && !quiet.has(id));
    expect(told).toEqual([]);
  });

  it.each([...correlations, ...baselines].map((each) => [each.name, each] as const))('%s says what people need to know', (_, each) => {
    expect(each.description).toMatch(/^Detects .*\.$/s);
    expect(each.tags.filter((tag) => techniqueOf(tag) !== undefined && techniqueName(techniqueOf(tag) ?? '') === undefined)).toEqual([]);
    expect(each.falsepositives).not.toEqual([]);
    expect(each.nextSteps).not.toEqual([]);
  });
});
