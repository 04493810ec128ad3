import { deserialize, serialize } from 'node:v8';
import { expect, it } from 'vitest';
import { type LoadedRules, readRules } from '../sigma/load.ts';
import { identitiesOf } from './identity.ts';

const [RULE, INNER, OUTER] = ['11', '12', '13'].map((end) => `5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e${end}`) as [string, string, string];

const TEXT = `title: A
id: ${RULE}
name: a
taxonomy: ecs
logsource: { product: linux }
detection: { selection: { user.name: x, source.ip|cidr: 192.0.2.0/24 }, condition: selection }
---
title: Inner
id: ${INNER}
name: inner
level: low
correlation: { type: event_count, rules: [a], group-by: [user.name], timespan: 5m, condition: { gte: 3 } }
---
title: Outer
id: ${OUTER}
correlation: { type: event_count, rules: [inner], group-by: [user.name], timespan: 1h, condition: { gte: 2 } }
`;

function read(text: string): LoadedRules {
  const loaded = readRules('a.yml', text);
  if (loaded.rejected.length > 0) throw new Error(JSON.stringify(loaded.rejected));
  return loaded;
}

const BEFORE = identitiesOf(read(TEXT));

/** Ids of the correlations whose identity is another one after the change. */
function changedBy(from: string | RegExp, to: string): string[] {
  const text = TEXT.replaceAll(from, to);
  if (text === TEXT) throw new Error(`nothing to replace: ${from}`);
  const after = identitiesOf(read(text));
  return [INNER, OUTER].filter((id) => BEFORE.get(id) !== after.get(id));
}

it('is the id and twelve digits, the same in every thread', () => {
  expect(BEFORE.get(INNER)).toMatch(new RegExp(`^${INNER}@[0-9a-f]{12}$`));
  expect(identitiesOf(deserialize(serialize(read(TEXT))) as LoadedRules)).toEqual(BEFORE);
});

it('changes with what decides, for all that count it', () => {
  expect(changedBy('user.name: x', 'user.name: y')).toEqual([INNER, OUTER]);
  expect(changedBy('192.0.2.0/24', '192.0.2.0/25')).toEqual([INNER, OUTER]);
  expect(changedBy('product: linux', 'product: okta')).toEqual([INNER, OUTER]);
  expect(changedBy('gte: 3', 'gte: 4')).toEqual([INNER, OUTER]);
  expect(changedBy('timespan: 5m', 'timespan: 6m')).toEqual([INNER, OUTER]);
  expect(changedBy('timespan: 1h', 'timespan: 2h')).toEqual([OUTER]);
  expect(changedBy('[inner], group-by: [user.name]', '[inner]')).toEqual([OUTER]);
});

it('stays when a list changes that its rules only ask about', () => {
  const asking = TEXT.replace('user.name: x', "user.name|expand: '%team%'");
  const identities = (...team: string[]) => {
    const { rules, correlations } = readRules('a.yml', asking, { placeholders: new Map([['team', team]]), lists: 'asked' });
    return [rules[0]?.version, ...identitiesOf({ rules, correlations }).values()];
  };
  expect(identities('ann')).toHaveLength(3);
  expect(identities('ann')).toEqual(identities('bob', 'eve'));
  expect(identities()).toEqual(identities('bob'));
});

it('stays when only texts change, or what a selection is called', () => {
  expect(changedBy('title: Inner', 'title: Other')).toEqual([]);
  expect(changedBy('level: low', 'level: high')).toEqual([]);
  expect(changedBy('selection', 'renamed')).toEqual([]);
});
