import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlackSimulator, startSlackSimulator } from '../../../test/simulators/slack-webhook.ts';
import type { Notification } from '../../notify/notifier.ts';
import { outsideFetch } from '../../outside-fetch.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { slackWebhook } from './webhook-notifier.ts';

const notification: Notification = {
  key: 'k1',
  kind: 'opened',
  more: 0,
  possibleRepeat: false,
  joined: [],
  alerts: [
    {
      id: 'a1',
      kind: 'rule',
      ruleId: 'r',
      ruleName: 'rule',
      ruleVersion: 'v',
      title: 'Title',
      level: 'high',
      group: {},
      count: 1,
      firstAt: 0,
      lastAt: 0,
      evidence: [],
      tags: [],
      nextSteps: [],
      state: 'open',
    },
  ],
};

describe('Slack webhook', () => {
  let slack: SlackSimulator;
  beforeEach(async () => {
    slack = await startSlackSimulator({ burst: 2 });
  });
  afterEach(() => slack.stop());

  const send = (url = slack.url, signal: AbortSignal = AbortSignal.timeout(5_000)) =>
    slackWebhook.send(notification, { config: slackWebhook.config.parse({ url }), fetch: outsideFetch(silent), signal });

  it('tells its channel alone, as text, and no other place', async () => {
    const whisper = (place: string | null, possibleRepeat = false) => {
      const context = {
        config: slackWebhook.config.parse({ url: slack.url }),
        fetch: outsideFetch(silent),
        signal: AbortSignal.timeout(5_000),
      };
      return slackWebhook.whisper?.({ key: 'd1', place, answer: [['📊 ', { bold: '<!channel>' }]], possibleRepeat }, context);
    };
    expect(await whisper(null)).toEqual({ verdict: 'delivered', ref: 'd1' });
    await whisper(null, true);
    expect(slack.messages).toMatchObject([
      { text: '📊 *&lt;!channel&gt;*', body: { parse: 'none', link_names: false } },
      { text: expect.stringContaining('This may be a repeat') },
    ]);
    expect(await whisper('C0123456789')).toMatchObject({ verdict: 'reject' });
    expect(slack.messages).toHaveLength(2);
  });

  it('tells what a picture shows in signs: a webhook takes no files', async () => {
    const picture = { png: new Uint8Array(1), name: 'a.png', alt: 'a', text: [[{ code: 'Mon ███ 3' }]] };
    const context = {
      config: slackWebhook.config.parse({ url: slack.url }),
      fetch: outsideFetch(silent),
      signal: AbortSignal.timeout(5_000),
    };
    await slackWebhook.whisper?.({ key: 'd1', place: null, answer: [['Words']], picture, possibleRepeat: false }, context);
    expect(slack.messages).toMatchObject([{ text: 'Words\n`Mon ███ 3`' }]);
  });

  it('posts what Slack takes', async () => {
    expect(await send()).toEqual({ verdict: 'delivered', ref: 'k1' });
    expect(slack.messages).toMatchObject([{ text: '[HIGH] Title: 1 event' }]);
  });

  it('waits as long as Slack says when it is told to slow down', async () => {
    await send();
    await send();
    expect(await send()).toEqual({ verdict: 'retry', why: 'Slack: 429, too many messages', afterMs: 1_000 });
  });

  it.each([
    [400, 'invalid_payload', { verdict: 'reject', why: 'Slack: 400 invalid_payload' }],
    [400, 'no_text', { verdict: 'reject', why: 'Slack: 400 no_text' }],
    [403, 'action_prohibited', { verdict: 'reject', why: 'Slack: 403 action_prohibited', target: true }],
    [404, 'no_service', { verdict: 'reject', why: 'Slack: 404 no_service', target: true }],
    [410, 'channel_is_archived', { verdict: 'reject', why: 'Slack: 410 channel_is_archived', target: true }],
    [500, 'rollup_error', { verdict: 'retry', why: 'Slack: 500 rollup_error' }],
    [503, '<html>', { verdict: 'retry', why: 'Slack: 503 html' }],
  ])('%i %s', async (status, word, expected) => {
    slack.script({ kind: 'answer', status, word });
    expect(await send()).toEqual(expected);
  });

  it('does not follow a redirect', async () => {
    slack.script({ kind: 'answer', status: 302, word: '', headers: { location: slack.url } });
    expect(await send()).toMatchObject({ verdict: 'reject', target: true });
    expect(slack.statuses).toEqual([302]);
  });

  it('does not know what became of a message whose connection broke, or that was not answered', async () => {
    slack.script({ kind: 'reset', post: true }, { kind: 'hang', post: true });
    expect(await send()).toMatchObject({ verdict: 'retry', ambiguous: true });
    const stop = new AbortController();
    const sent = send(slack.url, stop.signal);
    await slack.posted(2);
    stop.abort();
    expect(await sent).toEqual({ verdict: 'retry', why: 'Slack: no answer in time', ambiguous: true });
  });

  it('knows that nothing arrived where nobody listens, and does not tell the address', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const address = closed.address();
    await new Promise((resolve) => closed.close(resolve));
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await send(`http://127.0.0.1:${port}/services/secret`)).toEqual({
      verdict: 'retry',
      why: 'Slack: cannot be reached (ECONNREFUSED)',
    });
  });

  it.each([
    ['http://slack.example.com/x', /https/],
    ['http://127.0.0.1.example.com/x', /https/],
    ['ftp://example.com/x', /https/],
    ['no url', /must be a URL/],
  ])('refuses %s as an address, without showing it', (url, message) => {
    const parsed = slackWebhook.config.safeParse({ url });
    expect(parsed.error?.message).toMatch(message);
    expect(parsed.error?.message).not.toContain(url);
  });

  it('says of no address that it is none', () => {
    expect(slackWebhook.config.safeParse({ url: '' }).error?.issues).toMatchObject([{ path: ['url'], message: 'must not be empty' }]);
  });

  it('allows plain HTTP when told so', () => {
    expect(slackWebhook.config.safeParse({ url: 'http://relay.example.com/x', allow_http: true }).success).toBe(true);
  });
});
