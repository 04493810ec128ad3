import { expect, it } from 'vitest';
import { as, setUpApi } from '../../test/support/api.ts';
import { ruleText } from '../../test/support/sigma-rule.ts';
import { readRules } from '../detect/sigma/load.ts';
import { listRulesEndpoint } from './contract/rules.ts';

const FILTER = [
  'title: Known ones',
  'id: 7a8e0b60-0000-4000-8000-000000000001',
  'logsource: { product: linux }',
  'filter: { rules: any, s: { f: y }, condition: not s }',
  'earshot: { reason: They may., author: Ada, expires: 2026-12-31 }',
].join('\n');

it('names the filters of a rule, with reason, author and end', async () => {
  const { rules, rejected } = readRules('a.yml', [ruleText('s: { f: x }\ncondition: s'), FILTER].join('\n---\n'));
  expect(rejected).toEqual([]);
  const { app } = setUpApi(
    {},
    {},
    { rules: () => ({ rules: rules.map((rule) => ({ ...rule, kind: 'rule' as const, counts: [] })), rejected: [], silent: [] }) },
  );
  const answer = await app.inject({ url: '/api/rules', headers: as('ear_admin') });
  expect(listRulesEndpoint.answer.parse(answer.json()).rules[0]?.filters).toEqual([
    {
      id: '7a8e0b60-0000-4000-8000-000000000001',
      title: 'Known ones',
      file: 'a.yml',
      reason: 'They may.',
      author: 'Ada',
      expires_at: '2026-12-31T00:00:00.000Z',
    },
  ]);
});
