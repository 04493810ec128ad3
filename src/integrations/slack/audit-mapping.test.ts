import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../decode/decode.ts';
import type { Origin, RawRecord } from '../../model/record.ts';
import { createNormalizer } from '../../normalize/normalize.ts';
import { ACTION_GROUPS, ACTIONS } from './audit-actions.ts';
import { textsOf, timeOf } from './audit-entry.ts';
import { slackMapping } from './audit-mapping.ts';

const normalize = createNormalizer({ integrations: [slackMapping] });

function normalized(text: string, origin: Partial<Origin> = {}, source = 'http') {
  const record: RawRecord = {
    seq: 1,
    receivedAt: Date.UTC(2026, 0, 2, 3, 4, 6),
    source,
    origin: { transport: 'http', address: '192.0.2.99', ...origin },
    bytes: Buffer.from(text),
  };
  const { timestamp, fields } = normalize(record, decode(record));
  return { timestamp, fields: fields.toFields() };
}

const joana = { id: 'W0EXAMPLE01', name: 'joana', email: 'joana.silva@example.com' };
const ben = { id: 'W0EXAMPLE02', name: 'ben', email: 'ben.martin@example.com' };

const entry = (action: string, rest: object = {}): string =>
  JSON.stringify({
    id: '95edcb27-132a-4420-9229-783b38a16b5a',
    date_create: 1_767_322_800,
    action,
    actor: { type: 'user', user: joana },
    context: { location: { type: 'enterprise', id: 'E0EXAMPLE', name: 'Acme' }, ua: 'Mozilla/5.0', ip_address: '192.0.2.44' },
    ...rest,
  });

const fieldsOf = (...of: Parameters<typeof entry>) => normalized(entry(...of)).fields;

describe('the table of actions', () => {
  it('has each action once', () => {
    expect(ACTION_GROUPS.reduce((sum, { actions }) => sum + actions.length, 0)).toBe(ACTIONS.size);
    expect(ACTIONS.size).toBe(772);
  });

  it('has no more than one in twenty in the fallback, and the README names these', () => {
    const fallbacks = [...ACTIONS].filter(([, { fallback }]) => fallback).map(([action]) => action);
    expect(fallbacks.length).toBeLessThanOrEqual(0.05 * 762);
    const listed = /\*\*The fallback\*\*.*?\n\n/s.exec(readFileSync(new URL('./README.md', import.meta.url), 'utf8'))?.[0] ?? '';
    expect([...listed.matchAll(/`(\w+)`/g)].map(([, action]) => action)).toEqual(fallbacks);
  });

  it('is the catalogue', async () => {
    const rows = ACTION_GROUPS.map(({ actions, category, type, outcome, actor, target, fallback }) => {
      const names = actions.map((action) => `\`${action}\``).join(', ');
      return `| ${category.join(', ')} / ${type.join(', ')} | ${outcome} | ${actor} → ${target} | ${names}${fallback ? ' (fallback)' : ''} |`;
    });
    const head = [
      '# Actions of Slack’s audit log',
      '',
      'Written from [audit-actions.ts](audit-actions.ts) by `npx vitest run -u src/integrations/slack`. [README.md](README.md) says what the rest of an entry becomes.',
      '',
      '| category / type | outcome | actor → target | actions |',
      '| --- | --- | --- | --- |',
    ];
    await expect(`${[...head, ...rows].join('\n')}\n`).toMatchFileSnapshot('./audit-catalogue.md');
  });

  it('is what an event says', () => {
    for (const [action, { category, type, outcome }] of ACTIONS) {
      expect(fieldsOf(action)).toMatchObject({
        'event.dataset': 'slack.audit',
        'event.action': action,
        'event.category': category,
        'event.type': type,
        'event.outcome': outcome,
      });
    }
  });
});

describe('an entry of Slack’s audit log', () => {
  it('with an action that nobody knows is kept and tagged', () => {
    const fields = fieldsOf('a_thing_of_tomorrow', { details: { depth: 3 } });
    expect(fields).toMatchObject({
      'event.action': 'a_thing_of_tomorrow',
      tags: ['unknown_action'],
      'user.name': 'joana',
      'slack.audit.details.depth': 3,
    });
    expect(fields['event.category']).toBeUndefined();
  });

  it('of an invitation is what the inviter did', () => {
    const actor = { type: 'user', user: ben };
    const fields = fieldsOf('user_channel_join', { actor, details: { inviter: { type: 'user', user: joana } } });
    expect(fields).toMatchObject({ 'user.name': 'joana', 'user.target.name': 'ben', 'source.ip': '192.0.2.44' });
    expect(fieldsOf('user_channel_join', { actor, details: { type: 'joined' } })).toMatchObject({ 'user.name': 'ben' });
    const leave = fieldsOf('user_channel_leave', { actor, details: { inviter: joana } });
    expect(leave).toMatchObject({ 'user.name': 'ben', 'related.user': expect.arrayContaining(['joana']) });
  });

  it('of Slack itself names nobody as the one who acted', () => {
    const entity = { type: 'user', user: joana };
    for (const actor of ['USLACKUSER', 'USLACKSECURITY']) {
      const fields = fieldsOf('user_sessions_reset_by_anomaly_event_response', { actor: { type: 'user', user: { id: actor } }, entity });
      expect(fields['user.id']).toBeUndefined();
      expect(fields['user.target.name']).toBe('joana');
      const created = fieldsOf('user_created', { actor: { type: 'user', user: { id: actor } }, entity });
      expect([created['user.id'], created['user.target.name']]).toEqual([undefined, 'joana']);
    }
    expect(fieldsOf('guest_expired', { entity })['user.id']).toBeUndefined();
  });

  it('names all whom it is about', () => {
    const fields = fieldsOf('bulk_session_reset_by_admin', { details: { succeeded_users: '["W0EXAMPLE02"]' } });
    expect(fields['related.user']).toEqual(expect.arrayContaining(['joana', 'W0EXAMPLE02']));
    expect(fieldsOf('role_assigned', { details: { target_user: 'W0EXAMPLE02' } })['user.target.id']).toBe('W0EXAMPLE02');
    const all = Array.from({ length: 1_000 }, (_, n) => `W${String(n).padStart(10, '0')}`);
    expect(fieldsOf('bulk_session_reset_by_admin', { details: { succeeded_users: JSON.stringify(all) } })['related.user']).toEqual(
      expect.arrayContaining(all),
    );
  });

  it.each([
    ['a number', 847_288_190_092, '847288190092'],
    ['a text', '847288190092', '847288190092'],
    ['null', null, undefined],
    ['nothing', '', undefined],
  ])('has a session that is %s', (_, id, expected) => {
    const context = { location: {}, session_id: id };
    expect(fieldsOf('user_login', { context })['slack.audit.context.session_id']).toBe(expected);
  });

  it('of an anomaly has both addresses and all reasons', () => {
    const details = { reason: ['ip_address', 'user_agent'], previous_ip_address: '198.51.100.7', previous_ua: '' };
    const fields = fieldsOf('anomaly', { details });
    expect(fields).toMatchObject({
      'event.reason': 'ip_address, user_agent',
      'slack.audit.details.reason': ['ip_address', 'user_agent'],
      'related.ip': expect.arrayContaining(['192.0.2.44', '198.51.100.7']),
    });
    expect(fields['slack.audit.details.previous_ua']).toBeUndefined();
  });

  it('is none where the sender may not speak for Slack', () => {
    const { fields } = normalized(entry('user_login'), { datasets: ['fw.traffic'] });
    expect(fields).toMatchObject({ tags: ['dataset_mismatch'], 'earshot.claimed_dataset': 'slack.audit' });
    expect(fields['user.name']).toBeUndefined();
  });

  it.each([
    ['GitHub’s', { action: 'repo.create', actor: 'octo', created_at: 1 }],
    ['one without a place', { action: 'user_login', actor: { user: joana }, context: {} }],
    ['one without a person', { action: 'user_login', actor: { type: 'app' }, context: { location: {} } }],
  ])('is not %s', (_, record) => {
    expect(normalized(JSON.stringify(record)).fields['event.dataset']).not.toBe('slack.audit');
  });

  it('of its own source that is no entry is kept as it is', () => {
    const { fields } = normalized('{"ok":false,"error":"rate_limited"}', {}, 'slack_audit');
    expect(fields).toMatchObject({ 'event.dataset': 'slack.audit', 'json.error': 'rate_limited' });
  });
});

describe('the shapes of a detail', () => {
  it.each([
    ['a text', 'a', ['a']],
    ['nothing', '', []],
    ['a list', ['a', 1, true], ['a', '1', 'true']],
    ['a list in a text', '["a","b"]', ['a', 'b']],
    ['a list in a text that was cut', '["a","b', ['["a","b']],
    ['an object of lists', { type: ['a', 'b'], user: 'c' }, ['type:a', 'type:b', 'user:c']],
    ['objects in a list', [{ a: [1] }], ['{"a":[1]}']],
    ['null', null, []],
  ])('%s is a list of texts', (_, value, expected) => {
    expect(textsOf(value)).toEqual(expected);
  });

  it.each([
    ['seconds', 1_724_075_641, 1_724_075_641_000],
    ['milliseconds', 1_724_075_641_026, 1_724_075_641_026],
    ['microseconds', 1_724_075_641_026_703, 1_724_075_641_026],
    ['microseconds as a text', '1724075641026703', 1_724_075_641_026],
    ['words', '2022-07-28 16:48:14', Date.UTC(2022, 6, 28, 16, 48, 14)],
    ['words with a zone', '2022-07-28T16:48:14Z', Date.UTC(2022, 6, 28, 16, 48, 14)],
    ['a date that is none', '2022-07-48 16:48:14', undefined],
    ['text', 'soon', undefined],
    ['nothing', null, undefined],
  ])('%s is a time', (_, value, expected) => {
    expect(timeOf(value)).toBe(expected);
  });

  it('never make it throw', () => {
    const anything = fc.jsonValue();
    const people = fc.oneof(anything, fc.constant({ user: {} }));
    fc.assert(
      fc.property(fc.constantFrom(...ACTIONS.keys()), people, anything, anything, anything, (action, actor, entity, location, details) => {
        normalized(entry(action, { actor, entity, details, context: { location, ...Object(location) } }));
        normalized(
          entry(action, { entity: { type: entity, user: entity }, details: { inviter: details, reason: details, previous_ua: details } }),
        );
      }),
    );
  });
});
