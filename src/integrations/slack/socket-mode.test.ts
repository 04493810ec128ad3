import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, startSlackApi } from '../../../test/simulators/slack-api.ts';
import { Secret } from '../../lib/secret.ts';
import { SocketMode } from './socket-mode.ts';

describe('sockets to Slack', () => {
  let slack: SlackApiSimulator;
  let mode: SocketMode | undefined;
  let heard: { what: string; payload: unknown }[];
  let unheard: unknown[];
  let stands: (string | undefined)[];
  let hear: (what: 'click' | 'command', payload: unknown) => Promise<Readonly<Record<string, unknown>> | undefined>;

  beforeEach(async () => {
    slack = await startSlackApi({ limited: false });
    heard = [];
    unheard = [];
    stands = [];
    hear = async () => undefined;
  });
  afterEach(async () => {
    await mode?.stop();
    await slack.stop();
  });

  const open = (token = slack.appToken) => {
    mode = new SocketMode(
      { apiUrl: slack.apiUrl, appToken: new Secret(token), firstWaitMs: 20, silenceMs: 600 },
      {
        fetch,
        hear: async (what, payload) => {
          heard.push({ what, payload });
          return await hear(what, payload);
        },
        onUnheard: (error) => void unheard.push(error),
        onStand: (why) => void stands.push(why),
      },
    );
  };
  const up = (count = 2) => slack.until(() => slack.sockets.open === count);
  const command = (times?: number) => slack.sockets.tell('slash_commands', { command: '/earshot', text: 'help' }, times);

  it('are two, and what comes over any of them is acknowledged with its answer', async () => {
    open();
    await up();
    hear = async (what) => (what === 'command' ? { text: 'here' } : { text: 'not for a click' });
    expect(await command()).toMatchObject([{ acknowledged: true, payload: { text: 'here' } }]);
    const [click] = await slack.sockets.tell('interactive', { type: 'block_actions' });
    expect(click).toEqual({ acknowledged: true, ms: expect.any(Number) });
    expect(await slack.sockets.tell('events_api', { type: 'event_callback' })).toMatchObject([{ acknowledged: true }]);
    expect(heard.map(({ what }) => what)).toEqual(['command', 'click', 'click']);
    expect(stands.at(-1)).toBeUndefined();
    await mode?.stop();
    await slack.until(() => slack.sockets.open === 0);
  });

  it('acknowledge only what is kept: what is not, comes again', async () => {
    open();
    await up();
    hear = async () => {
      if (heard.length === 1) throw new Error('the database is down');
      return { text: 'at last' };
    };
    const answers = await command();
    expect(answers).toMatchObject([{ acknowledged: false }, { acknowledged: true, payload: { text: 'at last' } }]);
    expect(unheard).toHaveLength(1);
  });

  it('are replaced before they end, and nothing is unheard meanwhile', async () => {
    open();
    await up();
    slack.sockets.disconnect('warning', 400);
    let again = 0;
    for (let i = 0; i < 40; i++) {
      const answers = await command();
      expect(answers.at(-1)).toMatchObject({ acknowledged: true });
      again += answers.length - 1;
      await sleep(15);
    }
    // What Slack sends in the very moment in which it closes.
    expect(again).toBeLessThanOrEqual(1);
    expect(slack.sockets.opened).toBe(4);
    expect(slack.sockets.most).toBeLessThanOrEqual(4);
    await up();
    expect(stands.filter((why) => why !== undefined)).toEqual([]);
  });

  it('wait for what is being kept before they close', async () => {
    open();
    await up();
    let finish = () => {};
    hear = () =>
      new Promise((resolve) => {
        finish = () => resolve({ text: 'kept' });
      });
    const told = command(1);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    const stopped = mode?.stop();
    await sleep(50);
    finish();
    expect(await told).toMatchObject([{ acknowledged: true }]);
    await stopped;
  });

  it('come back when the network fails, and say so meanwhile', async () => {
    open();
    await up();
    slack.outage({ kind: 'error', error: 'internal_error', on: 'apps.connections.open' });
    slack.sockets.drop();
    await slack.until(() => slack.calls.filter(({ error }) => error === 'internal_error').length >= 3);
    expect(stands.at(-1)).toBe('Slack: internal_error');
    slack.outage(undefined);
    await up();
    await command();
    expect(stands.at(-1)).toBeUndefined();
  });

  it('are replaced when Slack pings no more', async () => {
    open();
    await up();
    await sleep(300);
    slack.sockets.silence();
    await slack.until(() => slack.sockets.opened === 4 && slack.sockets.open === 2);
    expect(await command()).toMatchObject([{ acknowledged: true }]);
  });

  it.each([
    ['a token that is not valid', 'xapp-wrong', 'invalid_auth: app_token is not valid'],
    ['a bot token', 'xoxb-0000000000-made-up', 'not_allowed_token_type: app_token is of the wrong kind'],
  ])('%s is told with its mend, and asked for again with growing waits', async (_, token, why) => {
    open(token);
    await slack.until(() => slack.calls.length >= 3);
    expect(stands.at(-1)).toContain(why);
    await sleep(200);
    expect(slack.calls.length).toBeLessThan(12);
  });

  it('go nowhere but to Slack', async () => {
    slack.script(
      { on: 'apps.connections.open', kind: 'answer', status: 200, body: '{"ok":true,"url":"wss://example.com/link"}' },
      { on: 'apps.connections.open', kind: 'answer', status: 200, body: '{"ok":true,"url":"ws://192.0.2.1/link"}' },
    );
    open();
    await up();
    expect(stands.slice(0, 2)).toEqual([
      "Slack: an answer without an address of Slack's",
      "Slack: an answer without an address of Slack's",
    ]);
  });
});
