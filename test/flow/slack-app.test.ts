import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SlackApiSimulator, SlackMessage } from '../simulators/slack-api.ts';
import { homeOpened, signedCommand, signedJson } from '../simulators/slack-clicks.ts';
import { eventually, type HubProcess } from '../support/hub-process.ts';
import { SlackHub } from '../support/slack-hub.ts';

vi.setConfig({ testTimeout: 40_000 });

const SECRET = 'made-up-signing-secret';
const [ANA, VERA, STRANGER] = ['UANA000001', 'UVERA00001', 'USTRANGER1'];
let at: SlackHub;
let hub: HubProcess;
let slack: SlackApiSimulator;

beforeAll(async () => {
  at = await SlackHub.start({
    slack: { limited: false },
    settings: (bot, { token }) => ({
      notifiers: { security: { ...bot, token, signing_secret: SECRET, people: { [ANA]: 'ana', [VERA]: 'vera' } } },
      routes: [{ name: 'all', when: { query: '*' }, to: ['security'] }],
    }),
  });
  ({ hub, slack } = at);
  await at.post('/api/users', { name: 'ana', role: 'responder', datasets: ['*'] });
  await at.post('/api/users', { name: 'vera', role: 'viewer', datasets: ['*'] });
});

afterAll(() => at.stop());

const click = (message: SlackMessage, user: string, action: string, choice?: string, times = 1) =>
  slack.click({
    message,
    user,
    action,
    times,
    url: `http://127.0.0.1:${hub.ports.api}/slack/interactivity`,
    ...(choice !== undefined && { choice }),
  });

it('does what is clicked, brings the message up to date, and answers who clicked', async () => {
  const message = await at.toldOf('alice');
  const [first] = await click(message, ANA, 'take');
  expect(first).toMatchObject({ status: 200 });
  // As long as Slack waits; how fast it is, is measured apart.
  expect(first?.ms).toBeLessThan(3_000);
  await slack.until(() => at.shown('alice').includes('Acknowledged'));
  expect(at.shown('alice')).toContain('ana has it');
  expect(at.shown('alice')).not.toContain('"action_id":"acknowledge"');
  expect(await at.alertOf(message)).toMatchObject({ state: 'acknowledged', assignee: 'ana' });

  await click(at.present('alice'), ANA, 'resolve', 'false_positive');
  await slack.until(() => at.shown('alice').includes('Resolved as false positive'));
  expect(at.shown('alice')).toContain('"action_id":"reopen"');
  expect(await at.alertOf(message)).toMatchObject({ state: 'resolved', resolution: 'false_positive' });
  await slack.until(() => slack.responses.length >= 2);
  expect(slack.responses.map(({ user, args }) => [user, args.text])).toEqual([
    [ANA, 'Done: you have taken the alert.'],
    [ANA, 'Done: you have resolved the alert.'],
  ]);

  const audited = await eventually(async () => {
    const { json } = await hub.get(
      `/api/events?q=${encodeURIComponent('event.dataset:earshot.audit earshot.audit.via:slack')}&from=now-1h`,
    );
    const { events } = json as { events: { fields: Record<string, unknown> }[] };
    return events.length >= 2 && events;
  });
  expect(audited.map(({ fields }) => fields['user.name'])).toEqual(['ana', 'ana']);
});

it('changes nothing for strangers and for those who may only read, and says why', async () => {
  const message = await at.toldOf('bob');
  const before = slack.responses.length;
  for (const user of [STRANGER, VERA]) expect(await click(message, user, 'acknowledge')).toMatchObject([{ status: 200 }]);
  await slack.until(() => slack.responses.length === before + 2);
  const told = slack.responses.slice(before).map(({ user, args }) => `${user} ${args.response_type} ${args.text}`);
  expect(told.sort()).toEqual([
    expect.stringMatching(/^USTRANGER1 ephemeral Nothing was done: Earshot does not know who you are/),
    expect.stringMatching(/^UVERA00001 ephemeral Nothing was done: vera, with the role viewer/),
  ]);
  expect((await at.alertOf(message)).history.map(({ change }) => change)).toEqual(['opened']);
});

it('answers /earshot for whoever types it alone, by what they may see', async () => {
  const ask = async (user: string, text: string) => {
    const { body, headers } = signedCommand(user, text, SECRET, Date.now());
    const answer = await fetch(`http://127.0.0.1:${hub.ports.api}/slack/commands`, { method: 'POST', headers, body });
    return { status: answer.status, json: await answer.json() };
  };
  expect(await ask(VERA, 'status')).toMatchObject({
    status: 200,
    json: {
      response_type: 'ephemeral',
      text: 'Alerts that you may see: 1 open (1 high), 0 acknowledged, 0 snoozed; yours: 0.\nEarshot takes in, judges and tells.',
    },
  });
  expect(await ask(STRANGER, 'status')).toMatchObject({ json: { text: expect.stringContaining('does not know who you are') } });
});

it('says who touched something, and records who asked', async () => {
  await Promise.all([at.toldOf('dora'), at.toldOf('emil')]);
  const url = `http://127.0.0.1:${hub.ports.api}/slack/commands`;
  const asked = async () => {
    const { json } = await slack.command({ url, user: VERA, text: 'who touched dora opened today' });
    const { text } = json as { text: string };
    return text.includes('1 event') && text;
  };
  const text = await eventually(asked);
  expect(text).toMatch(/^\*dora opened\*: 1 name, 1 event, from <!date/);
  expect(text).toMatch(/\n• \*dora\*: 1 event, <!date[^>]+>; vault_opened 1\n/);
  expect(text).not.toContain('emil');
  const { json } = await slack.command({ url, user: STRANGER, text: 'who touched dora' });
  expect(json).toMatchObject({ text: expect.stringContaining('does not know who you are') });
  await eventually(async () => {
    const { json } = await hub.get(
      `/api/events?q=${encodeURIComponent('earshot.audit.kind:who_touched user.name:vera')}%20event.dataset:*audit`,
    );
    return (json as { events: unknown[] }).events.length > 0;
  });
});

it('keeps what is muted out of the channel, says so there, and tells what still goes on when it is over', async () => {
  const url = `http://127.0.0.1:${hub.ports.api}/slack/commands`;
  const type = (user: string, text: string) => slack.command({ url, user, text, channel: slack.channel });
  const says = (text: string) => slack.until(() => slack.messages.some((message) => message.text.includes(text)));
  expect(await type(VERA, 'mute rule vault_opened')).toMatchObject({
    json: { text: expect.stringContaining('may read alerts and not mute') },
  });
  expect(await type(ANA, 'mute rule vault_opened for 2h because of a drill')).toMatchObject({
    json: { text: expect.stringMatching(/^Done: the rule \*vault_opened\* is muted in this channel until/) },
  });
  await says('🔕 ana has muted the rule *vault_opened* in this channel until');
  await at.opened({ user: 'frank' });
  await eventually(async () => {
    const { json } = await hub.get('/api/alerts?about=frank');
    return (json as { alerts: unknown[] }).alerts.length === 1;
  });
  // What is told later would come after this.
  await type(ANA, 'unmute all');
  await says('🔔 ana ended the mute of the rule *vault_opened*');
  expect(at.messageOf('frank')).toBeUndefined();
  await at.toldOf('frank');
});

it('runs a click once that Slack sends again, and that was kept when the hub was killed', async () => {
  const message = await at.toldOf('carol');
  expect(await click(message, ANA, 'acknowledge', undefined, 3)).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
  await hub.kill('SIGKILL');
  await hub.start();
  await slack.until(() => at.shown('carol').includes('Acknowledged'));
  const { state, history } = await at.alertOf(message);
  expect(state).toBe('acknowledged');
  expect(history.filter(({ change }) => change === 'acknowledged')).toEqual([expect.objectContaining({ actor: 'ana' })]);
});

it('shows somebody on their Home tab what they may see, without buttons for who may only read', async () => {
  await at.toldOf('dora');
  const tell = async (payload: object, secret = SECRET) => {
    const { body, headers } = signedJson(payload, secret, Date.now());
    const answer = await fetch(`http://127.0.0.1:${hub.ports.api}/slack/events`, { method: 'POST', headers, body });
    return { status: answer.status, json: await answer.json() };
  };
  expect(await tell({ type: 'url_verification', challenge: 'made-up' })).toEqual({ status: 200, json: { challenge: 'made-up' } });
  expect(await tell({ type: 'url_verification', challenge: 'made-up' }, 'other')).toMatchObject({ status: 401 });
  expect(await tell(homeOpened(VERA, 'Ev1'), 'other')).toMatchObject({ status: 401 });
  expect(await tell(homeOpened(VERA, 'Ev2'))).toEqual({ status: 200, json: {} });
  await slack.until(() => slack.homes.size > 0);
  const shown = JSON.stringify(slack.homes.get(VERA)?.blocks);
  expect(shown).toContain('HIGH: ');
  expect(shown).toContain('dora');
  expect(shown).not.toContain('action_id');
});
