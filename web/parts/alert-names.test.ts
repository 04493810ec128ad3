import { describe, expect, it } from 'vitest';
import { namesLine } from './alert-names.ts';

type Told = Parameters<typeof namesLine>[0];
const event = (named: Partial<Told['evidence'][number]>): Told['evidence'][number] => ({
  event_id: '1-1',
  timestamp: '2026-01-01T12:00:00.000Z',
  dataset: 'd',
  message: '',
  matches: [],
  ...named,
});
const vault = event({ user: 'alice', host: 'vault01', source_ip: '192.0.2.7' });

describe('whom an alert is about', () => {
  it.each<[string, Told['group'], Told['evidence'], string]>([
    [
      'names account and host that something is done to',
      { 'user.name': 'alice', 'destination.domain': 'db1.example.com', 'destination.user.name': 'root' },
      [vault],
      'alice → root@db1.example.com on vault01 from 192.0.2.7',
    ],
    [
      'names the host alone where the group has no account',
      { 'destination.domain': 'db1' },
      [vault],
      'alice → db1 on vault01 from 192.0.2.7',
    ],
    [
      'takes what the group lacks from the evidence',
      { 'host.name': 'web1' },
      [event({ user: 'bob', target_user: 'root' })],
      'bob → root on web1',
    ],
    ['says a target that is the same person once', { 'host.name': 'web1' }, [event({ user: 'bob', target_user: 'bob' })], 'bob on web1'],
    ['has what tells it from others of its rule', { 'file.path': '/etc/sudoers', 'host.name': 'web1' }, [], '(/etc/sudoers) on web1'],
    ['says what a bare value is', { 'linux.auditd.auid': '0', 'user.name': '' }, [event({ host: 'web1' })], '(auid 0) on web1'],
    ['counts many of one kind', {}, ['a', 'b', 'c', 'd'].map((user) => event({ user })), 'a, b and 2 more'],
    ['is empty where nothing is named', { 'user.name': '' }, [event({})], ''],
  ])('%s', (_, group, evidence, line) => {
    expect(namesLine({ group, evidence })).toBe(line);
  });
});
