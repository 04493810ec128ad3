import { createServer } from 'node:http';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlackApiSimulator, type SlackMessage, startSlackApi } from '../../../test/simulators/slack-api.ts';
import type { ToldAlert } from '../../model/alert.ts';
import type { Notification } from '../../notify/notifier.ts';
import { slackBot } from './bot-notifier.ts';
import { ALERT_EVENT } from './posted.ts';

const alert: ToldAlert = {
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
};

const opened: Notification = { key: 'a1.opened.slack', kind: 'opened', more: 0, possibleRepeat: false, joined: [], alerts: [alert] };

describe('Slack bot', () => {
  let slack: SlackApiSimulator;
  beforeEach(async () => {
    slack = await startSlackApi({ burst: 2 });
  });
  afterEach(() => slack.stop());

  const contextOf = (over: Readonly<Record<string, unknown>> = {}, signal: AbortSignal = AbortSignal.timeout(5_000)) => ({
    config: slackBot.config.parse({ token: slack.token, channel: slack.channel, api_url: slack.apiUrl, ...over }),
    fetch,
    signal,
  });
  const send = (notification: Notification = opened, over: Readonly<Record<string, unknown>> = {}) =>
    slackBot.send(notification, contextOf(over));
  const edit = (ref: string, notification: Notification) => slackBot.edit?.(ref, notification, contextOf());
  const refOf = (message: SlackMessage | undefined) => `${message?.channel}/${message?.ts}`;
  const called = () => slack.calls.map(({ method }) => method);

  it('posts what Slack takes, with metadata by which it can be found', async () => {
    const delivery = await send();
    expect(slack.messages).toMatchObject([
      {
        text: '[HIGH] Title: 1 event',
        threadTs: undefined,
        metadata: { event_type: ALERT_EVENT, event_payload: { key: 'a1.opened.slack', alert_ids: ['a1'] } },
      },
    ]);
    expect(delivery).toEqual({ verdict: 'delivered', ref: refOf(slack.messages[0]) });
  });

  it('edits its message, whose metadata stay, and answers in its thread', async () => {
    await send();
    const ref = refOf(slack.messages[0]);
    const resolved: ToldAlert = { ...alert, count: 12, state: 'resolved', resolution: 'false_positive' };
    expect(await edit(ref, { ...opened, alerts: [resolved] })).toEqual({ verdict: 'delivered', ref });
    expect(slack.messages).toMatchObject([{ text: '[HIGH] (resolved) Title: 12 events', edits: 1, metadata: { event_type: ALERT_EVENT } }]);

    const joined = [{ alertId: 'a1', users: [], hosts: ['web2.example.com'] }];
    await send({ ...opened, key: 'a1.joined-2.slack', kind: 'grew', thread: ref, joined, alerts: [{ ...alert, count: 12 }] });
    expect(slack.messages[1]).toMatchObject({
      threadTs: slack.messages[0]?.ts,
      text: '[HIGH] Title: new host: web2.example.com; 12 events',
    });
  });

  it('says in the channel, too, that an alert which slept is open again', async () => {
    await send();
    const thread = refOf(slack.messages[0]);
    const joined = [{ alertId: 'a1', users: [], hosts: [], woke: 'its time is over' }];
    await send({ ...opened, key: 'a1.woke-3.slack', kind: 'grew', thread, joined });
    expect(slack.messages[1]).toMatchObject({
      threadTs: slack.messages[0]?.ts,
      text: '[HIGH] Title: ⏰ open again: its time is over; 1 event',
    });
    expect(slack.calls.at(-1)?.args).toMatchObject({ reply_broadcast: true });
  });

  it('tells one person or channel alone, as text, and says what may be a repeat', async () => {
    const answer = [['👂 ', { bold: '<!channel> *x*' }, ' at ', { at: 0 }]] as const;
    const whisper = (place: string | null, possibleRepeat = false) =>
      slackBot.whisper?.({ key: `heard.${place}`, place, answer, possibleRepeat }, contextOf());
    expect(await whisper('UANA000001')).toMatchObject({ verdict: 'delivered', ref: expect.stringMatching(/^DANA000001\//) });
    expect(await whisper(null)).toMatchObject({ verdict: 'delivered' });
    expect(slack.messages).toMatchObject([
      {
        channel: 'DANA000001',
        text: expect.stringMatching(/^👂 \*&lt;!channel&gt; ∗x∗\* at <!date\^0/),
        metadata: { event_type: ALERT_EVENT },
      },
      { channel: slack.channel },
    ]);
    expect(slack.calls[0]?.args).toMatchObject({ parse: 'none', link_names: false, unfurl_links: false });
    // The channel can be read: it is there already. A conversation is not found by the person's name, so that it is told again.
    expect(await whisper(null, true)).toMatchObject({ verdict: 'delivered' });
    expect(slack.messages).toHaveLength(2);
    await whisper('UANA000001', true);
    expect(slack.messages[2]?.text).toContain('This may be a repeat');
    expect(await whisper('CNOWHERE01')).toMatchObject({ verdict: 'reject', why: expect.stringContaining('channel_not_found') });
  });

  describe('with a picture', () => {
    const picture = { png: new Uint8Array([1, 2, 3]), name: 'alerts.png', alt: 'Mon: 3 <!here>', text: [[{ code: 'Mon ███ 3' }]] };
    const whisper = (over: object = {}, signal?: AbortSignal) =>
      slackBot.whisper?.(
        { key: 'd1', place: null, answer: [['📊 Words']], picture, possibleRepeat: false, ...over },
        contextOf({}, signal),
      );
    const blocksOf = (message: SlackMessage | undefined) => JSON.stringify(message?.blocks);
    const again = async (over: Parameters<typeof startSlackApi>[0]) => {
      await slack.stop();
      slack = await startSlackApi({ limited: false, ...over });
    };

    it('uploads it without its token, and shows it below the words', async () => {
      expect(await whisper()).toEqual({ verdict: 'delivered', ref: refOf(slack.messages[0]) });
      expect(slack.files.uploads).toMatchObject([{ name: 'alerts.png', alt: picture.alt, bytes: Buffer.from(picture.png) }]);
      expect(slack.messages).toMatchObject([
        {
          text: '📊 Words',
          blocks: [{ type: 'section' }, { type: 'image', alt_text: picture.alt, slack_file: { id: slack.files.uploads[0]?.id } }],
          metadata: { event_payload: { key: 'd1' } },
        },
      ]);
    });

    it('waits until Slack has looked at it', async () => {
      await again({ filesTakeMs: 500 });
      expect(await whisper()).toMatchObject({ verdict: 'delivered' });
      expect(slack.calls.filter(({ method }) => method === 'chat.postMessage').map(({ error }) => error)).toEqual([
        'invalid_blocks',
        undefined,
      ]);
      expect(slack.messages).toHaveLength(1);
      expect(blocksOf(slack.messages[0])).toContain('slack_file');
    });

    it('goes with signs where Slack does not come to show it', { timeout: 20_000 }, async () => {
      await again({ filesTakeMs: 60_000 });
      expect(await whisper({}, AbortSignal.timeout(15_000))).toMatchObject({ verdict: 'delivered' });
      expect(slack.messages).toMatchObject([{ text: '📊 Words\n`Mon ███ 3`' }]);
      expect(blocksOf(slack.messages[0])).not.toMatch(/slack_file|lacks/);
    });

    it('goes with signs, and says why, where the app may not upload', async () => {
      await again({ scopes: ['chat:write', 'channels:history'] });
      expect(await whisper()).toMatchObject({ verdict: 'delivered' });
      expect(slack.messages[0]?.text).toBe('📊 Words\n`Mon ███ 3`\nThe chart is of signs because the app lacks the scope `files:write`.');
      expect(slack.files.uploads).toEqual([]);
    });

    it.each([
      ['the upload is refused', () => slack.files.breakUploads(403)],
      ['the upload fails', () => slack.files.breakUploads(500)],
      ['no address is given', () => slack.script({ kind: 'error', error: 'fatal_error', on: 'files.getUploadURLExternal' })],
      [
        'the address is not of Slack',
        () =>
          slack.script({
            kind: 'answer',
            status: 200,
            body: '{"ok":true,"upload_url":"http://127.0.0.1:1/upload","file_id":"F000000001"}',
            on: 'files.getUploadURLExternal',
          }),
      ],
      ['it cannot be completed', () => slack.script({ kind: 'error', error: 'file_not_found', on: 'files.completeUploadExternal' })],
    ])('goes with signs where %s', async (_, breaks) => {
      breaks();
      expect(await whisper()).toMatchObject({ verdict: 'delivered' });
      expect(slack.messages).toMatchObject([{ text: '📊 Words\n`Mon ███ 3`' }]);
    });

    it('waits where Slack says so, and posts nothing', async () => {
      slack.script({ kind: 'answer', status: 429, body: '', headers: { 'retry-after': '7' }, on: 'files.completeUploadExternal' });
      expect(await whisper()).toEqual({ verdict: 'retry', why: 'Slack: 429, too many calls', afterMs: 7_000 });
      expect(slack.messages).toEqual([]);
    });

    it('goes with signs where the attempt before took too long', async () => {
      expect(await whisper({ possibleRepeat: true, triedAt: Date.now() })).toMatchObject({ verdict: 'delivered' });
      expect(slack.messages[0]?.text).toMatch(/^📊 Words\n`Mon ███ 3`\n↻ This may be a repeat/);
      expect(slack.files.uploads).toEqual([]);
    });

    it('is looked for before it is uploaded again', async () => {
      slack.script({ kind: 'reset', act: true, on: 'chat.postMessage' });
      expect(await whisper()).toMatchObject({ verdict: 'retry', ambiguous: true });
      expect(await whisper({ possibleRepeat: true, triedAt: Date.now() })).toEqual({ verdict: 'delivered', ref: refOf(slack.messages[0]) });
      expect([slack.messages.length, slack.files.uploads.length]).toEqual([1, 1]);
    });
  });

  it('waits as long as Slack says when it is told to slow down', async () => {
    await send();
    await send();
    expect(await send()).toEqual({ verdict: 'retry', why: 'Slack: 429, too many calls', afterMs: 1_000 });
  });

  describe('when it does not know what became of a message', () => {
    const repeated = { ...opened, possibleRepeat: true, triedAt: Date.now() };

    it('finds it by its metadata, and posts nothing', async () => {
      slack.script({ kind: 'reset', act: true });
      expect(await send()).toMatchObject({ verdict: 'retry', ambiguous: true });
      expect(await send(repeated)).toEqual({ verdict: 'delivered', ref: refOf(slack.messages[0]) });
      expect(slack.messages).toHaveLength(1);
    });

    it('posts it again as a possible repeat where it is not there', async () => {
      slack.script({ kind: 'reset' });
      await send();
      expect(await send(repeated)).toMatchObject({ verdict: 'delivered' });
      expect(slack.messages).toMatchObject([{ text: expect.stringMatching(/^\(possible repeat\)/) }]);
    });

    it('finds it in a thread', async () => {
      await send();
      const reply = { ...opened, key: 'a1.grew-10.slack', kind: 'grew', thread: refOf(slack.messages[0]) } as const;
      slack.script({ kind: 'hang', act: true });
      expect(await slackBot.send(reply, contextOf({}, AbortSignal.timeout(200)))).toMatchObject({ verdict: 'retry', ambiguous: true });
      expect(await send({ ...repeated, ...reply, possibleRepeat: true })).toEqual({ verdict: 'delivered', ref: refOf(slack.messages[1]) });
      expect(slack.messages).toHaveLength(2);
    });

    it('looks through pages of what others wrote meanwhile', async () => {
      await send();
      const [own] = slack.messages;
      const ts = (i: number) => `${Math.floor(Date.now() / 1_000) + 1}.${String(i).padStart(6, '0')}`;
      const others = Array.from({ length: 250 }, (_, i) => ({ ...(own as SlackMessage), ts: ts(i), metadata: undefined, botId: 'B9' }));
      await slack.stop();
      slack = await startSlackApi({ messages: own === undefined ? [] : [own, ...others] });
      expect(await send(repeated)).toEqual({ verdict: 'delivered', ref: refOf(own) });
      expect(called().filter((method) => method === 'conversations.history')).toHaveLength(3);
    });

    it('does not take the metadata of another app for its own', async () => {
      await send();
      const [own] = slack.messages;
      await slack.stop();
      slack = await startSlackApi({ messages: own === undefined ? [] : [{ ...own, botId: 'B0EVIL' }] });
      await send(repeated);
      expect(slack.messages).toHaveLength(2);
    });

    it('posts it as a possible repeat where it may not read the channel', async () => {
      await slack.stop();
      slack = await startSlackApi({ scopes: ['chat:write'] });
      slack.script({ kind: 'reset', act: true });
      await send();
      expect(await send(repeated)).toMatchObject({ verdict: 'delivered' });
      expect(slack.messages).toMatchObject([{}, { text: expect.stringMatching(/^\(possible repeat\)/) }]);
    });

    it('asks again while Slack does not say', async () => {
      slack.outage({ kind: 'answer', status: 503, body: '<html>' });
      expect(await send(repeated)).toMatchObject({ verdict: 'retry', ambiguous: true });
      slack.outage({ kind: 'answer', status: 429, body: '', headers: { 'retry-after': '7' } });
      expect(await send(repeated)).toMatchObject({ verdict: 'retry', ambiguous: true, afterMs: 7_000 });
      expect(slack.messages).toHaveLength(0);
    });
  });

  it.each([
    ['invalid_auth', {}, /bot token is not valid/, true],
    ['account_inactive', {}, /bot that was removed/, true],
    ['not_in_channel', {}, /\/invite/, true],
    ['channel_not_found', {}, /ID such as C0123456789/, true],
    ['is_archived', {}, /unarchive/, true],
    ['missing_scope', { needed: 'chat:write', provided: 'users:read' }, /the scope chat:write/, true],
    ['msg_too_long', {}, /too long/, undefined],
    ['invalid_blocks', {}, /^Slack: invalid_blocks$/, undefined],
    ['something_new', {}, /^Slack: something_new$/, undefined],
  ])('%s is a dead letter that says how to mend it', async (error, more, why, target) => {
    slack.script({ kind: 'error', error, more });
    const delivery = await send();
    expect(delivery).toMatchObject({ verdict: 'reject', why: expect.stringMatching(why) });
    expect(delivery).toHaveProperty('verdict', 'reject');
    expect('target' in delivery ? delivery.target : undefined).toBe(target);
  });

  it.each([
    [500, '<html>oops', { verdict: 'retry', ambiguous: true }],
    [200, '<html>sign in to the hotel', { verdict: 'retry', ambiguous: true }],
    [200, '{"ok":false,"error":"internal_error"}', { verdict: 'retry', why: 'Slack: internal_error', ambiguous: true }],
    [200, '{"ok":false,"error":"ratelimited"}', { verdict: 'retry', why: 'Slack: ratelimited', ambiguous: false }],
    [200, '{"ok":true}', { verdict: 'retry', ambiguous: true }],
    [401, 'no', { verdict: 'reject', target: true }],
    [403, 'blocked by your proxy', { verdict: 'reject', target: true, why: expect.stringContaining('proxy') }],
    [302, '', { verdict: 'reject', target: true }],
  ])('%i %s', async (status, body, expected) => {
    slack.script({ kind: 'answer', status, body, headers: { location: 'https://example.com' } });
    expect(await send()).toMatchObject(expected);
  });

  it('says that its message, or the thread, was removed', async () => {
    await send();
    const ref = refOf(slack.messages[0]);
    slack.remove(slack.messages[0]?.ts ?? '');
    expect(await edit(ref, opened)).toMatchObject({ verdict: 'reject', gone: true });
    expect(await send({ ...opened, thread: ref })).toMatchObject({ verdict: 'reject', gone: true });
    slack.script({ kind: 'error', error: 'edit_window_closed' });
    const fixed = await edit(ref, opened);
    expect(fixed).toMatchObject({ verdict: 'reject', why: 'Slack: edit_window_closed' });
    expect(fixed).not.toHaveProperty('gone');
  });

  it('knows that nothing arrived where nobody listens, and tells neither token nor address', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const address = closed.address();
    await new Promise((resolve) => closed.close(resolve));
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await send(opened, { api_url: `http://127.0.0.1:${port}/api` })).toEqual({
      verdict: 'retry',
      why: 'Slack: cannot be reached (ECONNREFUSED)',
    });
  });

  it('sends the token to nobody but Slack', () => {
    const accepts = (over: Readonly<Record<string, unknown>>) =>
      slackBot.config.safeParse({ token: 'xoxb-1', channel: 'C0123456789', ...over }).success;
    for (const url of ['https://slack.com/api/', 'https://slack.com/api', 'https://slack-gov.com/api/', 'http://127.0.0.1:99/api/']) {
      expect(accepts({ api_url: url }), url).toBe(true);
    }
    for (const url of [
      'https://slack.com.example.com/api/',
      'https://notslack.com/api/',
      'http://slack.com/api/',
      'https://example.com/?https://slack.com/api/',
      'https://slack.com@example.com/api/',
      'https://slack.com/other/',
      'http://169.254.169.254/api/',
    ]) {
      expect(accepts({ api_url: url }), url).toBe(false);
    }
    expect(accepts({ token: 'xoxp-1' })).toBe(false);
    expect(accepts({ channel: '#security' })).toBe(false);
  });
});

describe('the simulator', () => {
  it("is Slack to Slack's own client", async () => {
    const slack = await startSlackApi();
    try {
      const client = new WebClient(slack.token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true });
      expect(await client.auth.test()).toMatchObject({ ok: true, bot_id: slack.botId });
      const metadata = { event_type: 'made_up', event_payload: { key: 'k' } };
      const posted = await client.chat.postMessage({ channel: slack.channel, text: 'one', metadata });
      await client.chat.update({ channel: slack.channel, ts: posted.ts ?? '', text: 'two' });
      await client.chat.postMessage({ channel: slack.channel, text: 'reply', thread_ts: posted.ts ?? '' });
      const history = await client.conversations.history({ channel: slack.channel, include_all_metadata: true });
      expect(history.messages).toMatchObject([{ text: 'two', metadata }]);
      const replies = await client.conversations.replies({ channel: slack.channel, ts: posted.ts ?? '' });
      expect(replies.messages).toMatchObject([{ text: 'two' }, { text: 'reply' }]);
      await expect(client.chat.postMessage({ channel: 'C000', text: 'x' })).rejects.toMatchObject({ data: { error: 'channel_not_found' } });
      const post = () => client.chat.postMessage({ channel: slack.channel, text: 'x' });
      const burst = await Promise.allSettled(Array.from({ length: 9 }, post));
      expect(burst.at(-1)).toMatchObject({ status: 'rejected', reason: { retryAfter: 1 } });
    } finally {
      await slack.stop();
    }
  });
});
