import { describe, expect, it } from 'vitest';
import { isOfAnother, payloadOf, readPosted } from './interactivity.ts';

const NOW = Date.UTC(2026, 0, 31, 12);
const API = 'https://slack.com/api/';
const RESPONSE = 'https://hooks.slack.com/actions/T0123456789/1/made-up';

const action = {
  type: 'button',
  action_id: 'acknowledge',
  block_id: 'earshot:0a1b:open...',
  action_ts: '1769860800.000100',
};
const payload = {
  type: 'block_actions',
  user: { id: 'U0123456789', name: 'ana' },
  container: { type: 'message', message_ts: '1769860000.000200', channel_id: 'C0123456789' },
  response_url: RESPONSE,
  actions: [action],
};

const posted = (body: string | Buffer, type = 'application/x-www-form-urlencoded') =>
  payloadOf({ headers: { 'content-type': type }, body: Buffer.from(body) });
const read = (value: unknown, api = API) =>
  readPosted(posted(new URLSearchParams({ payload: typeof value === 'string' ? value : JSON.stringify(value) }).toString()), api, NOW);
const clickOf = (value: unknown, api = API) => {
  const posted = read(value, api);
  return posted.kind === 'click' && 'act' in posted.click ? posted.click : undefined;
};
const acting = (more: object) => ({ ...payload, actions: [{ ...action, ...more }] });

describe('what Slack tells of a click', () => {
  it('is who wants what of which alert, and where they are answered', () => {
    expect(read(payload)).toEqual({
      kind: 'click',
      channel: 'C0123456789',
      click: {
        key: expect.stringMatching(/^[0-9a-f]{64}$/),
        alertId: '0a1b',
        shown: 'open...',
        act: { kind: 'acknowledge' },
        by: 'U0123456789',
        replyTo: RESPONSE,
      },
    });
  });

  it.each([
    ['take', undefined, { kind: 'take' }],
    ['reopen', undefined, { kind: 'reopen' }],
    ['snooze', '1h', { kind: 'snooze', until: NOW + 3_600_000 }],
    ['snooze', '8h', { kind: 'snooze', until: NOW + 28_800_000 }],
    ['resolve', 'true_positive', { kind: 'resolve', resolution: 'true_positive' }],
    ['resolve', 'false_positive', { kind: 'resolve', resolution: 'false_positive' }],
    ['resolve', 'benign', { kind: 'resolve', resolution: 'benign' }],
    ['resolve', 'expected', { kind: 'resolve', resolution: 'expected' }],
  ])('%s %s is that act', (id, value, act) => {
    expect(clickOf(acting({ action_id: id, ...(value && { selected_option: { value } }) }))?.act).toEqual(act);
  });

  it('until tomorrow is the next morning', () => {
    const act = clickOf(acting({ action_id: 'snooze', selected_option: { value: 'tomorrow' } }))?.act;
    const until = new Date(act?.kind === 'snooze' ? act.until : 0);
    expect([until.getHours(), until.getMinutes()]).toEqual([8, 0]);
    expect(until.getTime() - NOW).toBeGreaterThan(0);
    expect(until.getDate()).toBe(new Date(NOW + 86_400_000).getDate());
  });

  it('has one key however often it is sent, and another for another person, moment, button or message', () => {
    const key = (value: unknown) => clickOf(value)?.key;
    expect(key({ ...payload, response_url: 'https://hooks.slack.com/actions/2', trigger_id: '2' })).toBe(key(payload));
    const others = [
      { ...payload, user: { id: 'U0000000002' } },
      acting({ action_ts: '1769860801.000100' }),
      acting({ action_id: 'take' }),
      { ...payload, container: { ...payload.container, message_ts: '1.2' } },
      { ...payload, container: { ...payload.container, channel_id: 'C0000000002' } },
    ].map(key);
    expect(new Set([key(payload), ...others]).size).toBe(others.length + 1);
  });

  it.each([
    ['a link', acting({ action_id: 'open' })],
    ['a button of somebody else', acting({ block_id: 'other' })],
    ['an act that nobody offers', acting({ action_id: 'assign' })],
    ['a name of every object', acting({ action_id: 'snooze', selected_option: { value: 'constructor' } })],
    ['a choice that is none', acting({ action_id: 'resolve', selected_option: { value: 'nonsense' } })],
    ['a menu without a choice', acting({ action_id: 'resolve', selected_option: null })],
    ['an alert whose id is none', acting({ block_id: "earshot:0a1b' or 1:open..." })],
    ['a dialog', { type: 'view_submission', user: { id: 'U0123456789' } }],
  ])('%s asks for nothing', (_, value) => {
    expect(read(value)).toEqual({ kind: 'none' });
  });

  it.each([
    ['no JSON', '{'],
    ['a number', '1'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an object without a type', {}],
    ['nobody', { ...payload, user: undefined }],
    ['somebody whose id is none', { ...payload, user: { id: '__proto__' } }],
    ['no action', { ...payload, actions: [] }],
    ['too many actions', { ...payload, actions: Array.from({ length: 26 }, () => action) }],
    ['an id that is too long', acting({ block_id: 'x'.repeat(256) })],
    ['an action that is none', { ...payload, actions: [null] }],
    ['no message', { ...payload, container: { type: 'view' } }],
  ])('with %s cannot be read', (_, value) => {
    expect(read(value)).toEqual({ kind: 'unreadable' });
  });

  it('without a form cannot be read', () => {
    for (const body of ['', 'other=1', JSON.stringify(payload)]) {
      expect(readPosted(posted(body), API, NOW)).toEqual({ kind: 'unreadable' });
    }
    expect(readPosted(posted(Buffer.from([0xff, 0xfe, 0x00])), API, NOW)).toEqual({ kind: 'unreadable' });
  });

  it('on the Home tab is a click of no channel, answered there', () => {
    const home = { ...payload, container: { type: 'view', view_id: 'V0123456789' }, response_url: undefined };
    expect(read(home)).toEqual({
      kind: 'click',
      click: {
        key: expect.any(String),
        alertId: '0a1b',
        shown: 'open...',
        act: { kind: 'acknowledge' },
        by: 'U0123456789',
        home: 'clicked',
      },
    });
    const other = { ...home, actions: [{ ...action, block_id: 'earshot:0a1c:open...' }] };
    expect(clickOf(other)?.key).not.toBe(clickOf(home)?.key);
  });

  it('may be that the Home tab was opened, which has one key however often it is told', () => {
    const opened = (event: object) => ({ type: 'event_callback', event_id: 'Ev0123', team_id: 'T0123456789', event });
    const event = { type: 'app_home_opened', user: 'U0123456789', channel: 'D0123456789', tab: 'home', event_ts: '1.2' };
    const [first, again] = [opened(event), opened({ ...event, event_ts: '1.3' })].map((value) =>
      readPosted(posted(JSON.stringify(value), 'application/json'), API, NOW),
    );
    expect(first).toEqual({ kind: 'click', click: { key: expect.stringMatching(/^[0-9a-f]{64}$/), by: 'U0123456789', home: 'opened' } });
    expect(again).toEqual(first);
    expect(read(opened({ ...event, tab: 'messages' }))).toEqual({ kind: 'none' });
    expect(read(opened({ type: 'message', user: 'U0123456789' }))).toEqual({ kind: 'none' });
  });

  it('is of our workspace or organization, or of another', () => {
    const own = { team_id: 'T0123456789' };
    const told = { ...payload, team: { id: 'T0123456789' }, enterprise: null };
    expect([isOfAnother(told, own), isOfAnother({ team_id: 'T0123456789' }, own)]).toEqual([false, false]);
    expect(isOfAnother({ team: null, enterprise: { id: 'E0123456789' } }, { team_id: 'E0123456789' })).toBe(false);
    expect([{ ...told, team: { id: 'T0000000002' } }, { team_id: 'T0000000002' }, {}, 'x'].map((each) => isOfAnother(each, own))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(isOfAnother({ ...told, team: { id: 'T0000000002' } }, {})).toBe(false);
  });

  it('is of our app, or of another', () => {
    const own = { app_id: 'A0123456789' };
    const told = [{ api_app_id: 'A0123456789' }, { api_app_id: 'A0000000002' }, { team_id: 'T0123456789' }, 'x'];
    expect(told.map((each) => isOfAnother(each, own))).toEqual([false, true, true, true]);
    expect(isOfAnother({ api_app_id: 'A0123456789', team_id: 'T0000000002' }, { ...own, team_id: 'T0123456789' })).toBe(true);
    expect(isOfAnother({ api_app_id: 'A0123456789', team_id: 'T0123456789' }, { ...own, team_id: 'T0123456789' })).toBe(false);
  });

  it.each([
    'http://hooks.slack.com/actions/1',
    'https://hooks.slack.com.example.com/actions/1',
    'https://hooks.slack.com@example.com/actions/1',
    'https://user:word@hooks.slack.com/actions/1',
    'https://hooks.slack.com:8443/actions/1',
    'https://example.com/?https://hooks.slack.com/',
    'http://127.0.0.1:9200/',
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'nonsense',
  ])('is never answered at %s', (url) => {
    expect(clickOf({ ...payload, response_url: url })).toMatchObject({ act: { kind: 'acknowledge' }, replyTo: undefined });
  });

  it('is answered where the API is while that is a loopback address, and nowhere else then', () => {
    const at = (url: string) => clickOf({ ...payload, response_url: url }, 'http://127.0.0.1:7000/api/')?.replyTo;
    expect(at('http://127.0.0.1:7000/actions/1')).toBe('http://127.0.0.1:7000/actions/1');
    expect(at('http://127.0.0.1:7001/actions/1')).toBeUndefined();
    expect(at(RESPONSE)).toBeUndefined();
  });
});
