import { describe, expect, it } from 'vitest';
import type { CallPace, PacedFetch } from '../../lib/paced-fetch.ts';
import { Secret } from '../../lib/secret.ts';
import { callSlack, type SlackAnswer, type SlackMethod, slackPages } from './client.ts';

const TOKEN = 'xoxb-made-up';

/** Asks a Slack that answers so, and gives what was asked beside the answer. */
async function call(answer: () => Response, method: SlackMethod = 'auth.test', args: Readonly<Record<string, unknown>> = {}) {
  const asked: { url: string; init: RequestInit; pace: CallPace | undefined }[] = [];
  const fetch: PacedFetch = async (url, init, pace) => {
    asked.push({ url, init, pace });
    return answer();
  };
  const access = { apiUrl: 'https://slack.com/api/', token: new Secret(TOKEN), fetch, signal: AbortSignal.timeout(5_000) };
  return { answer: await callSlack(method, args, access), asked: asked[0] };
}
const reading = (body: string, status = 200, headers: Record<string, string> = {}) => new Response(body, { status, headers });
const brokenOff = () =>
  new Response(
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(Buffer.from('{"ok":tr'));
        controller.error(new Error('reset'));
      },
    }),
  );

describe('what Slack answers', () => {
  it.each<[string, () => Response, object]>([
    ['what it did', () => reading('{"ok":true,"user_id":"U1"}'), { kind: 'done', body: { ok: true, user_id: 'U1' } }],
    ['a refusal', () => reading('{"ok":false,"error":"not_in_channel"}'), { kind: 'refused', error: 'not_in_channel' }],
    [
      'a scope that is missing',
      () => reading('{"ok":false,"error":"missing_scope","needed":"chat:write<!>"}'),
      { kind: 'refused', error: 'missing_scope', needed: 'chat:write' },
    ],
    [
      'a word that is none',
      () => reading(`{"ok":false,"error":"<a>\\n${'x'.repeat(200)}"}`),
      { error: expect.stringMatching(/^ax{70,80}$/) },
    ],
    ['a word that every object has', () => reading('{"ok":false,"error":"constructor"}'), { kind: 'refused', error: 'constructor' }],
    ['an invalid token, in no JSON', () => reading('<html>Unauthorized', 401), { kind: 'refused', error: 'invalid_auth' }],
    ['a proxy', () => reading('<html>Forbidden', 403), { kind: 'refused', error: 'http_403' }],
    ['a redirect', () => reading('', 302, { location: 'https://example.com/' }), { kind: 'refused', error: 'http_302' }],
    [
      'too many calls, in no JSON',
      () => reading('Too many', 429, { 'retry-after': '7' }),
      { kind: 'failed', because: 'calls', retry: { verdict: 'retry', why: 'Slack: 429, too many calls', afterMs: 7_000 } },
    ],
    ['too many calls, by a word', () => reading('{"ok":false,"error":"ratelimited"}'), { because: 'calls', retry: { ambiguous: false } }],
    ['an outage', () => reading('<html>', 503), { kind: 'failed', retry: { why: 'Slack: 503', ambiguous: true } }],
    [
      'an outage, by a word',
      () => reading('{"ok":false,"error":"fatal_error"}', 500),
      { retry: { why: 'Slack: fatal_error', ambiguous: true } },
    ],
    ['trouble before anything was done', () => reading('{"ok":false,"error":"service_unavailable"}'), { retry: { ambiguous: false } }],
    ['nothing', () => reading(''), { kind: 'failed', retry: { ambiguous: true } }],
    ['no JSON', () => reading('<html>OK'), { kind: 'failed', retry: { ambiguous: true } }],
    ['JSON that is no answer', () => reading('[true]'), { kind: 'failed', retry: { ambiguous: true } }],
    ['a no without a word', () => reading('{"ok":false}'), { kind: 'failed', retry: { ambiguous: true } }],
    ['half of it', () => reading('{"ok":tr'), { kind: 'failed', retry: { ambiguous: true } }],
    ['what breaks off', brokenOff, { kind: 'failed', retry: { why: 'Slack: the answer broke off', ambiguous: true } }],
    ['more than is read', () => reading('x'.repeat(8_000_001)), { kind: 'failed', because: 'length' }],
  ])('%s', async (_, answer, meant) => {
    expect((await call(answer)).answer).toMatchObject(meant);
  });
});

describe('a call', () => {
  it('keeps to what its method gives each app and workspace, and each channel, and shows no token for it', async () => {
    const { asked } = await call(() => reading('{}'), 'admin.users.session.reset');
    expect(asked?.pace).toMatchObject({ api: 'slack', method: 'admin.users.session.reset', perMinute: 20 });
    const posts = await call(() => reading('{}'), 'chat.postMessage', { channel: 'C1' });
    expect(posts.asked?.pace).toMatchObject({ perMinute: 60, part: 'C1' });
    expect(JSON.stringify([asked?.pace, asked?.url])).not.toContain('made-up');
  });

  it('is a form where the method reads no JSON', async () => {
    const { asked } = await call(() => reading('{}'), 'users.lookupByEmail', { email: 'a+b@example.com' });
    expect(asked?.init).toMatchObject({
      body: 'email=a%2Bb%40example.com',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  });
});

describe('pages', () => {
  const read = async (pages: readonly object[], most = 10) => {
    const cursors: unknown[] = [];
    const fetch: PacedFetch = async (_, init) => {
      cursors.push(JSON.parse(String(init.body)).cursor);
      return Response.json(pages[cursors.length - 1] ?? { ok: false, error: 'internal_error' });
    };
    const access = { apiUrl: 'https://slack.com/api/', token: new Secret(TOKEN), fetch, signal: AbortSignal.timeout(5_000) };
    const answers: SlackAnswer[] = [];
    for await (const answer of slackPages('conversations.history', { channel: 'C1' }, access, most)) answers.push(answer);
    return { cursors, kinds: answers.map(({ kind }) => kind) };
  };
  const page = (cursor?: string) => ({ ok: true, response_metadata: cursor === undefined ? null : { next_cursor: cursor } });

  it('are read until there is no cursor, a fault, or enough', async () => {
    expect(await read([page('a'), page('b'), page('')])).toEqual({ cursors: [undefined, 'a', 'b'], kinds: ['done', 'done', 'done'] });
    expect(await read([page('a'), page()])).toEqual({ cursors: [undefined, 'a'], kinds: ['done', 'done'] });
    expect((await read([page('a')])).kinds).toEqual(['done', 'failed']);
    expect(
      (
        await read(
          Array.from({ length: 9 }, () => page('a')),
          3,
        )
      ).kinds,
    ).toHaveLength(3);
  });
});
