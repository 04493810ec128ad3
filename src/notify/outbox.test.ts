import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlackSimulator, startSlackSimulator } from '../../test/simulators/slack-webhook.ts';
import { type AlertSketch, putOutbox } from '../../test/support/outbox.ts';
import { type TestState, testState } from '../../test/support/state.ts';
import { createAlerts } from '../alert/alerts.ts';
import { slackWebhook } from '../integrations/slack/webhook-notifier.ts';
import type { State } from '../store/state/state.ts';
import { silent } from '../telemetry/telemetry.ts';
import { Outbox } from './outbox.ts';
import { createOutboxView } from './outbox-view.ts';
import { configuredNotifiers, notifiersSettings, outboxSettings } from './settings.ts';

const now = Date.now;

/** The whole way out: state database, worker, HTTP, and something that behaves like Slack. */
describe('the outbox', () => {
  let place: TestState;
  let slack: SlackSimulator;
  let slow: SlackSimulator;
  const running: Outbox[] = [];

  beforeEach(async () => {
    place = await testState(now);
    slack = await startSlackSimulator({ limited: false });
    slow = await startSlackSimulator({ limited: false });
  });
  afterEach(async () => {
    for (const outbox of running.splice(0)) await outbox.stop(0);
    await Promise.all([slack.stop(), slow.stop()]);
    await place.remove();
  });

  const start = (names: readonly string[] = ['slack'], state: State = place.state) => {
    const settings = notifiersSettings([slackWebhook]).parse(
      Object.fromEntries(names.map((name) => [name, { type: 'slack_webhook', url: name === 'slow' ? slow.url : slack.url }])),
    );
    const outbox = new Outbox({
      state,
      settings: outboxSettings.parse(undefined),
      notifiers: configuredNotifiers(settings, [slackWebhook]),
      holder: 'hub-1',
      loadAlerts: (ids) => createAlerts(state, now).byIds(ids),
      loadContext: async () => undefined,
      fetch,
      telemetry: silent,
      now,
    });
    running.push(outbox);
    outbox.start();
    return outbox;
  };
  const put = (...alerts: readonly AlertSketch[]) => putOutbox(place.state, alerts, now());
  const states = async (state: State = place.state) => {
    const { entries } = await createOutboxView(state, now, () => {}).list({ states: ['pending', 'sending', 'delivered', 'dead'] });
    return entries.map((entry) => `${entry.id} ${entry.state}${entry.possibleRepeat ? ' repeat' : ''}`);
  };

  it('tells what waits at its start, and what is put in later once woken', async () => {
    await put({ id: 'a' });
    const outbox = start();
    await slack.posted(1);
    await put({ id: 'b' });
    outbox.wake();
    const messages = await slack.posted(2);
    expect(messages.map(({ text }) => text)).toEqual(['[HIGH] Title of a: 1 event', '[HIGH] Title of b: 1 event']);
    await outbox.stop();
    expect(await states()).toEqual(['a.opened.slack delivered', 'b.opened.slack delivered']);
  });

  it('lets no notifier wait for another that hangs', async () => {
    slow.script({ kind: 'hang', post: false });
    await put({ id: 'a', notifier: 'slow' }, { id: 'a', notifier: 'slack' });
    start(['slow', 'slack']);
    await slow.asked(1);
    await slack.posted(1);
    expect(slow.messages).toEqual([]);
  });

  it('stops with every row as it is: what got no answer in time goes again, and says so', async () => {
    slack.script({ kind: 'hang', post: true });
    await put({ id: 'a' });
    const outbox = start();
    await slack.posted(1);
    await outbox.stop(0);
    expect(await states()).toEqual(['a.opened.slack pending repeat']);
    await createOutboxView(place.state, now, () => {}).retry('a.opened.slack');
    start();
    const [, again] = await slack.posted(2);
    expect(again?.text).toBe('(possible repeat) [HIGH] Title of a: 1 event');
  });

  it('tells again after a crash in the middle of a call, at once, as a possible repeat', async () => {
    slack.script({ kind: 'hang', post: true });
    await put({ id: 'a' });
    // The database goes away under the worker, as it does for a process that is killed: nothing more can be written down.
    let gone = false;
    const dying: State = {
      ...place.state,
      fenced: (lease, work) => (gone ? Promise.reject(new Error('killed')) : place.state.fenced(lease, work)),
      leases: { ...place.state.leases, release: async () => {} },
    };
    const killed = start(['slack'], dying);
    await slack.posted(1);
    gone = true;
    await killed.stop(0);
    expect(await states()).toEqual(['a.opened.slack sending']);

    start();
    const [, again] = await slack.posted(2);
    expect(again?.text).toMatch(/^\(possible repeat\)/);
  });

  it('is one hub’s work at a time', async () => {
    const other = await place.state.leases.acquire('outbox', 'hub-2', 60_000);
    await put({ id: 'a' });
    const asked = Promise.withResolvers<unknown>();
    const { leases } = place.state;
    const acquire: typeof leases.acquire = async (...args) => {
      const lease = await leases.acquire(...args);
      asked.resolve(lease);
      return lease;
    };
    const outbox = start(['slack'], { ...place.state, leases: { ...leases, acquire } });
    expect(await asked.promise).toBeUndefined();
    await outbox.stop();
    expect(slack.statuses).toEqual([]);
    if (other !== undefined) await place.state.leases.release(other);
    start();
    await slack.posted(1);
  });

  it('stops at once when it has nothing to do, and leaves the lease to others', async () => {
    const outbox = start();
    await put({ id: 'a' });
    outbox.wake();
    await slack.posted(1);
    await outbox.stop();
    expect(await place.state.leases.acquire('outbox', 'hub-2', 1_000)).toBeDefined();
  });
});

describe('settings of notifiers', () => {
  const schema = notifiersSettings([slackWebhook]);

  it('name each notifier, by its type', () => {
    const parsed = schema.parse({ 'sec-alerts': { type: 'slack_webhook', url: 'https://hooks.slack.com/services/T/B/X' } });
    expect(configuredNotifiers(parsed, [slackWebhook])).toMatchObject([{ name: 'sec-alerts', perSecond: 1 }]);
    expect(JSON.stringify(parsed)).not.toContain('services');
  });

  it.each([
    [{ a: { type: 'pager' } }, /type/],
    [{ 'a b': { type: 'slack_webhook', url: 'https://example.com' } }, /a name is/],
    [{ a: { type: 'slack_webhook', url: 'http://slack.example.com' } }, /https/],
    [{ a: { type: 'slack_webhook', url: 'https://example.com', channel: 'x' } }, /channel/],
  ])('refuse %j', (value, message) => {
    expect(schema.safeParse(value).error?.message).toMatch(message);
  });
});
