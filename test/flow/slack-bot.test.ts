import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SlackApiSimulator, SlackMessage } from '../simulators/slack-api.ts';
import { eventually, type HubProcess } from '../support/hub-process.ts';
import { SlackHub } from '../support/slack-hub.ts';

vi.setConfig({ testTimeout: 40_000 });

let at: SlackHub;
let hub: HubProcess;
let slack: SlackApiSimulator;

beforeAll(async () => {
  at = await SlackHub.start({
    settings: (bot, { token }) => ({
      notifiers: { security: { ...bot, token }, walter: { ...bot, token: 'xoxb-wrong' } },
      routes: [
        { name: 'all', when: { query: 'NOT user.name:walter' }, to: ['security'] },
        { name: 'walter', when: { query: 'user.name:walter' }, to: ['walter'] },
      ],
      outbox: { burst: 100, send_timeout_secs: 60 },
    }),
  });
  ({ hub, slack } = at);
});

afterAll(() => at.stop());

const messagesOf = (user: string) => slack.messages.filter(({ text }) => text.includes(user));
const rootOf = (user: string): SlackMessage | undefined => messagesOf(user).find(({ threadTs }) => threadTs === undefined);
const alertOf = (message: SlackMessage | undefined): string => {
  const ids = message?.metadata?.event_payload.alert_ids;
  return Array.isArray(ids) ? String(ids[0]) : '';
};
const shownText = (message: SlackMessage | undefined) => JSON.stringify(message?.blocks);

it('posts an alert, edits the message as people work on it, and answers in its thread when a host joins', async () => {
  await at.opened({ user: 'alice' });
  await slack.until(() => messagesOf('alice').length === 1);
  const first = rootOf('alice');
  expect(first).toMatchObject({
    text: expect.stringContaining('[HIGH] Vault Opened: user alice, host vault1.example.com'),
    metadata: { event_type: 'earshot_alert', event_payload: { key: `${alertOf(first)}.opened.security` } },
  });

  await at.opened({ user: 'alice', host: 'vault2.example.com' });
  await slack.until(() => messagesOf('alice').length === 2);
  expect(messagesOf('alice')[1]).toMatchObject({
    threadTs: first?.ts,
    text: expect.stringContaining(
      '[HIGH] Vault Opened: new host: vault2.example.com; user alice, host vault1.example.com, vault2.example.com',
    ),
  });
  await slack.until(() => shownText(rootOf('alice')).includes('vault2.example.com'));

  const path = `/api/alerts/${alertOf(first)}`;
  await at.post(`${path}/state`, { state: 'acknowledged', note: 'on it' });
  await slack.until(() => shownText(rootOf('alice')).includes('Acknowledged'));
  expect(shownText(rootOf('alice'))).toContain('on it');
  expect(shownText(rootOf('alice'))).toMatch(/How unusual\*\\n(The rule had matched nothing in|The first time for alice in) 30 days/);
  await at.post(`${path}/state`, { state: 'resolved', resolution: 'false_positive', note: 'it was a drill' });
  await slack.until(() => shownText(rootOf('alice')).includes('Resolved as false positive'));
  expect(shownText(rootOf('alice'))).toContain('it was a drill');

  await at.opened(...Array.from({ length: 9 }, () => ({ user: 'ada' })));
  await slack.until(() => messagesOf('ada').length === 1);
  await at.opened({ user: 'ada' });
  await slack.until(() => messagesOf('ada').length === 2);
  expect(messagesOf('ada')[1]).toMatchObject({ text: expect.stringMatching(/still going on; user ada, .* 10 events$/) });
});

it('finds the message that it sent when it was killed before it could write that down, and posts no other', async () => {
  slack.script({ on: 'chat.postMessage', about: 'mallory', kind: 'hang', act: true });
  await at.opened({ user: 'mallory' });
  await slack.until(() => messagesOf('mallory').length === 1);
  await hub.kill('SIGKILL');
  await hub.start();
  const delivered = await eventually(async () => {
    const { json } = await hub.get('/api/outbox?states=delivered&notifier=security');
    return (json as { entries: { alert_id: string; possible_repeat: boolean }[] }).entries.find(
      (entry) => entry.alert_id === alertOf(rootOf('mallory')),
    );
  });
  expect(delivered.possible_repeat).toBe(true);
  expect(messagesOf('mallory')).toHaveLength(1);
  expect(slack.calls.some(({ method }) => method === 'conversations.history')).toBe(true);

  // It knows the message: what is new goes into its thread.
  await at.opened({ user: 'mallory', host: 'vault3.example.com' });
  await slack.until(() => messagesOf('mallory').some(({ threadTs }) => threadTs === rootOf('mallory')?.ts));
});

it('posts again, and says so, what Slack never took', async () => {
  slack.script({ on: 'chat.postMessage', about: 'oscar', kind: 'hang' });
  const before = slack.calls.length;
  await at.opened({ user: 'oscar' });
  await slack.until(() => slack.calls.slice(before).some(({ error }) => error === 'hang'));
  await hub.kill('SIGKILL');
  await hub.start();
  await slack.until(() => messagesOf('oscar').length === 1);
  expect(rootOf('oscar')?.text).toMatch(/^\(possible repeat\)/);
});

it('tells a burst that Slack slows down in a few messages, and the numbers are exact', async () => {
  const people = Array.from({ length: 120 }, (_, i) => `crowd${i}`);
  const before = slack.messages.length;
  slack.script({ on: 'chat.postMessage', about: 'crowd', kind: 'answer', status: 429, body: '', headers: { 'retry-after': '2' } });
  for (let from = 0; from < people.length; from += 10) await at.opened(...people.slice(from, from + 10).map((user) => ({ user })));
  // What is known around somebody of before may still come into their thread.
  const posted = () =>
    slack.messages.slice(before).filter(({ threadTs, text }) => threadTs === undefined && /crowd|^\d+ alerts/.test(text));
  const told = () =>
    posted()
      .map(({ text }) => Number(/^(\d+) alerts/.exec(text)?.[1] ?? 1))
      .reduce((sum, count) => sum + count, 0);
  await slack.until(() => told() >= people.length);
  expect(told()).toBe(people.length);
  expect(posted().length).toBeLessThanOrEqual(6);
  const limited = slack.calls.filter(({ error }) => error === 'answer');
  const after = slack.calls.find(({ at: when, method }) => method === 'chat.postMessage' && when > (limited.at(-1)?.at ?? 0));
  expect((after?.at ?? 0) - (limited.at(-1)?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
});

it('sets aside what a wrong token cannot tell, with the way to mend it; nothing else waits for that', async () => {
  await at.opened({ user: 'walter' });
  const dead = await eventually(async () => {
    const { json } = await hub.get('/api/outbox?states=dead&notifier=walter');
    return (json as { entries: { why: string }[] }).entries.at(0);
  });
  expect(dead.why).toMatch(/^Slack: invalid_auth: the bot token is not valid: install the app again/);
  await at.opened({ user: 'yvonne' });
  await slack.until(() => messagesOf('yvonne').length === 1);
  expect(hub.log).not.toContain('xoxb-');
});
