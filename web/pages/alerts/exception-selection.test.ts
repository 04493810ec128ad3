import { expect, it } from 'vitest';
import { exceptedRules, selectionOf, traitsOf, traitsText } from './exception-selection.ts';

const event = {
  event_id: '1-1',
  timestamp: '2026-11-20T10:00:00.000Z',
  dataset: 'linux.auth',
  message: 'm',
  user: 'eve',
  host: 'web01',
  action: 'su',
  matches: [
    { field: 'process.command_line', value: 'C:\\tools\\a*.exe', leaf: 's: x' },
    { field: 'keyword', value: 'anything', leaf: 's: keywords' },
    { field: 'file.path', value: 'x'.repeat(256), leaf: 's: x' },
  ],
};
const traits = traitsOf({
  group: { 'user.name': 'eve', 'host.name': '' },
  evidence: [event, { ...event, event_id: '1-2', host: 'web02', matches: [] }],
});

it('begins with what the alert is grouped by; what is empty, cut or searched everywhere is no trait', () => {
  expect(traits).toEqual([
    { field: 'user.name', values: ['eve'], isGroup: true },
    { field: 'host.name', values: ['web01', 'web02'], isGroup: false },
    { field: 'event.action', values: ['su'], isGroup: false },
    { field: 'process.command_line', values: ['C:\\tools\\a*.exe'], isGroup: false },
  ]);
});

it('writes values so that they mean themselves', () => {
  const [user, host, , line] = traits;
  if (!user || !host || !line) throw new Error('a trait is missing');
  expect(selectionOf([user, host, line])).toBe(
    [
      'known:',
      '  user.name: "eve"',
      '  host.name:',
      '    - "web01"',
      '    - "web02"',
      '  process.command_line: "C:\\\\\\\\tools\\\\\\\\a\\\\*.exe"',
      'condition: not known',
      '',
    ].join('\n'),
  );
  expect(selectionOf([{ field: 'process.args[1]', values: ['x'], isGroup: false }])).toContain('  "process.args[1]": "x"\n');
  expect(traitsText([user, host])).toBe('user.name is eve and host.name is web01 or web02');
});

it('excepts from the rules that found something, also behind other correlations', () => {
  const correlation = { kind: 'correlation' as const, type: 'temporal', timespan_secs: 60, condition: '' };
  const rules = [
    { rule_id: 'a', title: 'A', count: 3 },
    { rule_id: 'absent', title: 'Absent', count: 0 },
    { rule_id: 'inner', title: 'Inner', count: 1, counted_rule_ids: ['a', 'b'] },
  ];
  expect(exceptedRules({ rule_id: 'x' })).toEqual(['x']);
  expect(exceptedRules({ rule_id: 'x', details: { ...correlation, rules } })).toEqual(['a', 'b']);
  const silence = { kind: 'silence' as const, last_at: '', expected_secs: 1, silent_secs: 2, learned: false };
  expect(exceptedRules({ rule_id: 'x', details: silence })).toEqual([]);
});
