import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/decode/decode.ts';
import { loadRules } from '../../src/detect/sigma/load.ts';
import { compileRules } from '../../src/detect/stream/rule-set.ts';
import { createEnrich } from '../../src/enrich/enrich.ts';
import { MAPPINGS } from '../../src/integrations/index.ts';
import { ACTIONS } from '../../src/integrations/slack/audit-actions.ts';
import { NO_TABLES } from '../../src/model/enrichment.ts';
import type { RawRecord } from '../../src/model/record.ts';
import { createNormalizer } from '../../src/normalize/normalize.ts';

/** Entries that others wrote for rules of theirs, each with whether it is one to be found; they lie beside the checkout. */
const shared = join(import.meta.dirname, '..', '..', '..', 'shared');
const labelled = join(shared, 'corpora', 'events', 'slack_labelled.jsonl');
const reference = join(shared, 'corpora', 'slack', 'java-slack-sdk', 'raw_actions.json');
const present = existsSync(labelled) && existsSync(reference);
if (!present) process.stderr.write(`\n*** SKIPPED: labelled entries of Slack, as ${labelled} is not there. ***\n`);

interface Labelled {
  readonly id: string;
  readonly input: object;
  readonly expected_match: boolean;
}

const cases: readonly Labelled[] = present
  ? readFileSync(labelled, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];

const RECEIVED = Date.UTC(2026, 10, 20, 10);
const normalize = createNormalizer({ integrations: MAPPINGS });
const enrich = createEnrich({ ...NO_TABLES, timeZone: 'UTC' });
const { rules } = loadRules(new URL('../../rules/', import.meta.url).pathname);
const running = compileRules(rules);

function found(input: object) {
  const record: RawRecord = {
    seq: 1,
    receivedAt: RECEIVED,
    source: 'http',
    origin: { transport: 'http', address: '192.0.2.1' },
    bytes: Buffer.from(JSON.stringify(input)),
  };
  const decoded = decode(record);
  const { fields, timestamp } = normalize(record, decoded);
  enrich({ fields, receivedAt: RECEIVED, timestamp });
  return running.match({ fields, timestamp, text: decoded.text, source: record.source });
}

describe.skipIf(!present)('of the labelled entries of Slack', () => {
  it.each(cases.filter((each) => each.expected_match))('$id is found, and worth telling', ({ input }) => {
    expect(found(input).filter(({ level }) => level !== 'informational')).not.toEqual([]);
  });

  it.each(cases.filter((each) => !each.expected_match))('$id disturbs nobody', ({ input }) => {
    expect(found(input).filter(({ level }) => level !== 'informational' && level !== 'low')).toEqual([]);
  });
});

it.skipIf(!present)('all actions that Slack names are in the table, each with a meaning', () => {
  const { actions }: { actions: Record<string, string[]> } = JSON.parse(readFileSync(reference, 'utf8'));
  const names = new Set(Object.values(actions).flat());
  expect(names.size).toBe(762);
  expect([...names].filter((name) => !ACTIONS.has(name))).toEqual([]);
});
