import { describe, expect, it } from 'vitest';
import type { ExpectedAct } from '../model/act.ts';
import type { Fields } from '../model/event.ts';
import { FieldSet } from '../model/field-set.ts';
import { ActMarks } from './act-marks.ts';

const AT = Date.UTC(2026, 10, 21, 12);

const expected = (more: Partial<ExpectedAct> = {}): ExpectedAct => ({
  act: 'a1',
  targets: ['W1'],
  sources: ['slack'],
  askedAt: AT,
  from: AT - 1_000,
  until: AT + 1_000,
  proofs: [],
  pattern: {
    sources: ['slack_audit'],
    entry: 'entry.id',
    forms: [
      {
        action: 'reset',
        targets: 'target',
        fields: [
          { path: 'user.id', text: 'WADMIN' },
          { path: 'mobile_only', text: 'false', absent: true },
        ],
      },
      { action: 'bulk', targets: 'targets', fields: [{ path: 'user.id', text: 'WADMIN' }] },
    ],
  },
  ...more,
});

const OWN: Fields = { 'event.action': 'reset', 'user.id': 'WADMIN', target: 'W1', 'entry.id': 'e1', mobile_only: false };

/** The act that each of the events is marked with, in their order. */
function marked(marks: ActMarks, events: readonly Fields[], about: { source?: string; transport?: 'http' | 'file'; at?: number } = {}) {
  return events.map((fields) => {
    const set = FieldSet.of(fields);
    marks.mark({ fields: set, source: about.source ?? 'slack', transport: about.transport ?? 'http', timestamp: about.at ?? AT });
    return set.get('earshot.act.id');
  });
}

const awaiting = (...acts: ExpectedAct[]) => {
  const marks = new ActMarks();
  marks.expect(acts);
  return marks;
};

describe('the entry of an act', () => {
  it('is marked, and says what it proves', () => {
    const marks = awaiting(expected());
    const fields = FieldSet.of(OWN);
    marks.mark({ fields, source: 'slack', transport: 'http', timestamp: AT });
    expect(fields.get('earshot.act.id')).toBe('a1');
    expect(marks.proofOf(fields)).toEqual({ act: 'a1', targets: ['W1'], action: 'reset', entry: 'e1', at: AT });
  });

  it.each<[string, Fields]>([
    ['another actor', { ...OWN, 'user.id': 'WOTHER' }],
    ['another person', { ...OWN, target: 'W2' }],
    ['nobody', { ...OWN, target: [] }],
    ['other devices', { ...OWN, mobile_only: true }],
    ['another action', { ...OWN, 'event.action': 'login' }],
    ['no id', { ...OWN, 'entry.id': [] }],
    ['a person beside the target', { ...OWN, 'event.action': 'bulk', targets: ['W1', 'W2'] }],
  ])('is not one of %s', (_, fields) => {
    expect(marked(awaiting(expected()), [fields])).toEqual([undefined]);
  });

  it('is not one of another time, by its own clock', () => {
    for (const at of [AT - 1_001, AT + 1_001]) expect(marked(awaiting(expected()), [OWN], { at })).toEqual([undefined]);
  });

  it('is not what somebody else sends, or reads in from a file', () => {
    expect(marked(awaiting(expected()), [OWN], { source: 'http' })).toEqual([undefined]);
    expect(marked(awaiting(expected()), [OWN], { transport: 'file' })).toEqual([undefined]);
  });

  it('is one: what comes beside it at the same time is not the act', () => {
    expect(marked(awaiting(expected()), [OWN, { ...OWN, 'entry.id': 'e2' }])).toEqual(['a1', undefined]);
  });

  it('is the same one in a replay, also in another life', () => {
    const marks = awaiting(expected());
    expect(marked(marks, [OWN, OWN])).toEqual(['a1', 'a1']);
    marks.expect([expected()]);
    expect(marked(marks, [{ ...OWN, 'entry.id': 'e2' }])).toEqual([undefined]);
    const proofs = [{ act: 'a1', targets: ['W1'], action: 'reset', entry: 'e1', at: AT, eventId: '1-1' }];
    expect(marked(awaiting(expected({ proofs })), [{ ...OWN, 'entry.id': 'e2' }, OWN])).toEqual([undefined, 'a1']);
  });

  it('is one for each act', () => {
    const marks = awaiting(expected(), expected({ act: 'a2' }));
    const others = ['e2', 'e3'].map((id) => ({ ...OWN, 'entry.id': id }));
    expect(marked(marks, [OWN, ...others])).toEqual(['a1', 'a2', undefined]);
  });

  it('is that of the act that was asked for nearest to its time, whatever became of the other', () => {
    const marks = awaiting(expected({ act: 'lost', askedAt: AT - 900 }), expected({ act: 'again', askedAt: AT + 100 }));
    expect(marked(marks, [OWN])).toEqual(['again']);
    expect(marked(marks, [{ ...OWN, 'entry.id': 'e2' }], { at: AT - 800 })).toEqual(['lost']);
  });

  it('may name several of the people, of each kind once', () => {
    const marks = awaiting(expected({ targets: ['W1', 'W2', 'W3'] }));
    const bulk = { ...OWN, 'event.action': 'bulk', targets: ['W1', 'W3'] };
    expect(marked(marks, [bulk, { ...OWN, 'entry.id': 'e2' }, { ...bulk, 'entry.id': 'e3' }])).toEqual(['a1', 'a1', undefined]);
  });

  it('is awaited no more when the act is not', () => {
    const marks = awaiting(expected());
    marks.expect([]);
    expect(marked(marks, [OWN])).toEqual([undefined]);
  });
});
