import { describe, expect, it } from 'vitest';
import type { Fields } from '../model/event.ts';
import { FieldSet } from '../model/field-set.ts';
import type { LiveEvent } from '../model/live-event.ts';
import { WordTap } from './word-tap.ts';

const HOUR = 3_600_000;
let seq = 0;
const event = (raw: string, fields: Fields = {}, timestamp = 0): LiveEvent => {
  seq += 1;
  const set = FieldSet.of({ 'event.dataset': 'linux.auth', ...fields });
  return { node: 1, seq, receivedAt: timestamp, timestamp, source: 's', fields: set, raw: Buffer.from(raw), hits: [] };
};
const tapFor = (...phrases: readonly string[]) => new WordTap(phrases, () => HOUR);
const heardBy = (tap: WordTap, ...events: readonly LiveEvent[]) => {
  for (const each of events) tap.hear(each);
  return tap.take();
};

describe('the tap for words', () => {
  it('hears words in the message, and in the texts of fields, with a slot and without', () => {
    const tap = tapFor('prod db');
    expect(heardBy(tap, event('on PROD-DB'))).toMatchObject([{ phrases: ['prod db'], dataset: 'linux.auth', count: 1 }]);
    for (const fields of [{ 'host.name': 'prod-db' }, { 'related.hosts': ['web', 'prod.db'] }, { 'vendor.target': 'prod db' }])
      expect(heardBy(tap, event('{}', fields))).toMatchObject([{ count: 1 }]);
    expect(heardBy(tap, event('prod', { message: 'db' }), event('x', { 'process.pid': 4 }))).toEqual([]);
  });

  it('counts an event once, with all the words it has, each dataset for itself', () => {
    const tap = tapFor('prod db', 'vault', 'never');
    const both = event('vault on prod-db', { message: 'vault on prod-db' });
    const other = event('vault', { 'event.dataset': 'segura.pam' });
    expect(heardBy(tap, both, both, event('vault'), other).map(({ phrases, dataset, count }) => [phrases, dataset, count])).toEqual([
      [['prod db', 'vault'], 'linux.auth', 2],
      [['vault'], 'linux.auth', 1],
      [['vault'], 'segura.pam', 1],
    ]);
    expect(tap.take()).toEqual([]);
  });

  it('keeps the first few in short, and counts the rest', () => {
    const fields = { 'user.name': 'bob', 'event.action': 'opened', 'host.name': 'h'.repeat(200), message: 'm'.repeat(500) };
    const [heard] = heardBy(tapFor('vault'), ...Array.from({ length: 9 }, (_, i) => event(`vault ${i}`, fields, i)));
    expect(heard).toMatchObject({ count: 9 });
    expect(heard?.events.map(({ at }) => at)).toEqual([0, 1, 2, 3, 4]);
    expect(heard?.events[0]).toMatchObject({ user: 'bob', action: 'opened', dataset: 'linux.auth' });
    expect([heard?.events[0]?.host?.length, heard?.events[0]?.text.length]).toEqual([100, 200]);
  });

  it('does not hear what came late, nor the audit trail', () => {
    const late = { ...event('vault'), receivedAt: HOUR + 1 };
    expect(heardBy(tapFor('vault'), late, event('vault', { 'event.dataset': 'earshot.audit' }))).toEqual([]);
    expect(heardBy(tapFor('vault'), { ...late, receivedAt: HOUR })).toHaveLength(1);
  });
});
