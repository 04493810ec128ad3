import { describe, expect, it } from 'vitest';
import { happeningsOf } from './alert-happenings.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const change = (minute: number, name: string, about: Record<string, string> = {}, actor = 'carol') => ({
  at: at(minute),
  change: name,
  actor,
  note: '',
  count: 10,
  about,
});

describe('the timeline of an alert', () => {
  it('has events, changes and deliveries in the order of their time', () => {
    const told = { id: 'd', notifier: 'slack', kind: 'opened', state: 'delivered', attempts: 1, created_at: at(1), changed_at: at(2) };
    const happenings = happeningsOf({
      evidence: [
        { event_id: '1-2', timestamp: at(3), dataset: 'd', message: 'again', matches: [] },
        { event_id: '1-1', timestamp: at(0), dataset: 'd', message: '', action: 'login', matches: [] },
      ],
      history: [change(1, 'opened', {}, 'earshot'), { ...change(4, 'commented'), note: 'asked her' }],
      deliveries: [told],
    });
    expect(happenings.map(({ text, who, note }) => [text, who, note])).toEqual([
      ['login', undefined, undefined],
      ['Alert opened', undefined, undefined],
      ['Told slack of the alert', undefined, undefined],
      ['again', undefined, undefined],
      ['Comment', 'carol', 'asked her'],
    ]);
  });

  it.each([
    [change(0, 'assigned', { assignee: 'carol' }), 'Taken'],
    [change(0, 'assigned', { assignee: 'dave' }), 'Assigned to dave'],
    [change(0, 'resolved', { resolution: 'false_positive' }), 'Resolved: false positive'],
    [change(0, 'resolved'), 'Resolved'],
    [change(0, 'resolved', { resolution: 'benign', via: 'slack' }), 'Resolved: benign, via Slack'],
    [change(0, 'acknowledged', { via: 'pager' }), 'Acknowledged, via pager'],
    [change(0, 'grew'), 'Grew to 10 events'],
    [
      change(0, 'acted', { state: 'planned', stand: 'confirmed', effect: 'signs Ben out', did: 'Ben was signed out' }),
      'Earshot signs Ben out: confirmed',
    ],
    [
      change(0, 'acted', { state: 'proven', stand: 'done and proven', effect: 'signs Ben out', did: 'Ben was signed out' }),
      'Ben was signed out: done and proven',
    ],
    [
      change(0, 'asked', { person: 'Alice Example', number: '0123-4567', stand: 'no answer yet' }),
      'Alice Example asked by mail whether it was them (question 0123-4567): no answer yet',
    ],
    [change(0, 'answered', { person: 'Alice Example', said: 'not_me' }), 'Alice Example answers by mail: it was NOT me'],
    [change(0, 'something_of_tomorrow'), 'something_of_tomorrow'],
  ])('%j', (line, text) => {
    expect(happeningsOf({ evidence: [], history: [line], deliveries: [] }).map((each) => each.text)).toEqual([text]);
  });
});
