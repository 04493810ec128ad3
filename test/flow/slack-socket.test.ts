import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { homeOpened } from '../simulators/slack-clicks.ts';
import { eventually } from '../support/hub-process.ts';
import { SlackHub } from '../support/slack-hub.ts';

vi.setConfig({ testTimeout: 40_000 });

const [ANA, STRANGER] = ['UANA000001', 'USTRANGER1'];
let at: SlackHub;

beforeAll(async () => {
  at = await SlackHub.start({
    slack: { limited: false },
    settings: (bot, slack) => ({
      notifiers: {
        security: {
          ...bot,
          token: slack.token,
          app_token: slack.appToken,
          team_id: 'T0123456789',
          app_id: 'A0123456789',
          people: { [ANA]: 'ana' },
        },
      },
      routes: [{ name: 'all', when: { query: '*' }, to: ['security'] }],
    }),
  });
  await at.post('/api/users', { name: 'ana', role: 'responder', datasets: ['*'] });
  await at.slack.until(() => at.slack.sockets.open === 2);
});

afterAll(() => at.stop());

const clicked = async (user: string, action: string, choice?: string, times?: number) =>
  at.slack.clickOverSocket({
    message: at.present(user),
    user: ANA,
    action,
    ...(choice !== undefined && { choice }),
    ...(times !== undefined && { times }),
  });
const states = (history: readonly { change: string; actor: string }[]) => history.map(({ change, actor }) => `${change} ${actor}`);

it('does what is clicked although nothing of the hub can be reached by Slack', async () => {
  const message = await at.toldOf('alice');
  expect(await clicked('alice', 'take')).toMatchObject([{ acknowledged: true }]);
  await at.slack.until(() => at.shown('alice').includes('ana has it'));
  expect(await at.alertOf(message)).toMatchObject({ state: 'acknowledged', assignee: 'ana' });
  await at.slack.until(() => at.slack.responses.length === 1);
  expect(at.slack.responses[0]).toMatchObject({ user: ANA, args: { text: 'Done: you have taken the alert.' } });
  const posted = await fetch(`http://127.0.0.1:${at.hub.ports.api}/slack/interactivity`, { method: 'POST' });
  expect(posted.status).toBe(404);
});

it('runs once what comes over both sockets, and over the next ones', async () => {
  const message = await at.toldOf('bob');
  expect(await clicked('bob', 'acknowledge', undefined, 4)).toHaveLength(4);
  at.slack.sockets.disconnect('refresh_requested', 200);
  await at.slack.until(() => at.slack.sockets.opened >= 4 && at.slack.sockets.open === 2);
  await clicked('bob', 'resolve', 'benign');
  const { history } = await eventually(async () => {
    const alert = await at.alertOf(message);
    return alert.state === 'resolved' && alert;
  });
  expect(states(history)).toEqual(['opened earshot', 'acknowledged ana', 'resolved ana']);
  expect(history.at(-1)?.about).toEqual({ resolution: 'benign', via: 'slack' });
  expect(at.slack.sockets.most).toBeLessThanOrEqual(4);
});

it('answers /earshot with the acknowledgement, for whoever typed it alone', async () => {
  const typed = (user: string, team = 'T0123456789', app = 'A0123456789') =>
    at.slack.sockets.tell('slash_commands', { user_id: user, team_id: team, api_app_id: app, command: '/earshot', text: 'status' });
  expect(await typed(ANA)).toMatchObject([
    { acknowledged: true, payload: { response_type: 'ephemeral', text: expect.stringContaining('Alerts that you may see') } },
  ]);
  expect(await typed(STRANGER)).toMatchObject([{ payload: { text: expect.stringContaining('does not know who you are') } }]);
  // Of another workspace in which the same app is installed.
  const [other] = await typed(ANA, 'T0000000002');
  expect(other).toEqual({ acknowledged: true, ms: expect.any(Number) });
  // Of another app, whatever it is installed in.
  expect(await typed(ANA, 'T0123456789', 'A0000000002')).toEqual([{ acknowledged: true, ms: expect.any(Number) }]);
});

it('shows each on their Home tab what they may see, and does what is clicked there', async () => {
  await at.toldOf('dora');
  const open = (user: string, event: string) => at.slack.sockets.tell('events_api', homeOpened(user, event));
  const shown = (user: string) => JSON.stringify(at.slack.homes.get(user)?.blocks ?? []);
  expect(await open(ANA, 'Ev1')).toMatchObject([{ acknowledged: true }]);
  await open(STRANGER, 'Ev2');
  await at.slack.until(() => shown(ANA).includes('dora') && at.slack.homes.has(STRANGER));
  expect(shown(STRANGER)).toContain('does not know who you are');
  expect(shown(STRANGER)).not.toContain('dora');

  const { id: view = '', blocks = [] } = at.slack.homes.get(ANA) ?? {};
  const message = at.present('dora');
  const { id: alert } = await at.alertOf(message);
  await at.slack.clickOverSocket({ message: { ...message, blocks }, view, alert, user: ANA, action: 'resolve', choice: 'expected' });
  await at.slack.until(() => shown(ANA).includes('Done: you have resolved the alert.'));
  expect(shown(ANA)).not.toContain('dora');
  expect(await at.alertOf(message)).toMatchObject({ state: 'resolved', resolution: 'expected' });
  // Told again, it is known.
  const { version } = at.slack.homes.get(ANA) ?? {};
  await open(ANA, 'Ev1');
  await open(ANA, 'Ev3');
  await at.slack.until(() => at.slack.homes.get(ANA)?.version !== version);
  expect(at.slack.homes.get(ANA)?.version).toBe((version ?? 0) + 1);
});

it('runs what was kept when the hub was killed, and comes back to Slack by itself', async () => {
  const message = await at.toldOf('carol');
  expect(await clicked('carol', 'acknowledge', undefined, 2)).toMatchObject([{ acknowledged: true }, { acknowledged: true }]);
  await at.hub.kill('SIGKILL');
  await at.hub.start();
  await at.slack.until(() => at.slack.sockets.open === 2 && at.shown('carol').includes('Acknowledged'));
  expect(states((await at.alertOf(message)).history)).toEqual(['opened earshot', 'acknowledged ana']);
});

it('runs and answers a command that was kept when the hub was killed, and knows it when Slack tells of it again', async () => {
  const payload = {
    ...{ user_id: ANA, team_id: 'T0123456789', api_app_id: 'A0123456789', command: '/earshot' },
    ...{ text: 'who touched dora', trigger_id: '1.2.killed', response_url: at.slack.answerAddress(ANA) },
  };
  const before = at.slack.responses.length;
  process.kill(at.hub.enginePid() ?? 0, 'SIGSTOP');
  const [first] = await at.slack.sockets.tell('slash_commands', payload);
  expect(first).toMatchObject({ acknowledged: true, payload: { text: expect.stringMatching(/^Looking/) } });
  await at.hub.kill('SIGKILL');
  await at.hub.start();
  await at.slack.until(() => at.slack.sockets.open === 2 && at.slack.responses.length > before);
  const text = at.slack.responses[before]?.args.text;
  expect(text).toMatch(/^\*dora\*: 1 name, 1 event/);
  expect(await at.slack.sockets.tell('slash_commands', payload)).toMatchObject([{ acknowledged: true, payload: { text } }]);
  expect(at.slack.responses).toHaveLength(before + 1);
}, 60_000);

it('says that its sockets are down, and that they are up again', async () => {
  const upIs = async (value: 0 | 1) => {
    const { text } = await at.hub.getText('/metrics');
    return text.includes(`earshot_click_line_up{notifier="security"} ${value}`);
  };
  expect(await eventually(() => upIs(1))).toBe(true);
  at.slack.outage({ on: 'apps.connections.open', kind: 'error', error: 'link_disabled' });
  at.slack.sockets.drop();
  expect(await eventually(() => upIs(0))).toBe(true);
  // At first it only knows that they were cut; why no others are to be had it learns as it asks for them.
  const { lines } = await eventually(async () => {
    const outbox = (await at.hub.get('/api/outbox')).json as { lines: { notifier: string; why: string; since: string }[] };
    return outbox.lines.some(({ why }) => why.includes('Socket Mode is switched off')) && outbox;
  });
  expect(lines).toEqual([{ notifier: 'security', why: expect.any(String), since: expect.any(String) }]);
  at.slack.outage(undefined);
  expect(await eventually(() => upIs(1))).toBe(true);
  expect((await at.hub.get('/api/outbox')).json).toMatchObject({ lines: [] });
});

it('does what is clicked of one alert among several in a message', async () => {
  at.slack.script({ on: 'chat.postMessage', kind: 'answer', status: 429, body: '', headers: { 'retry-after': '2' } });
  await at.opened(...['erin', 'frank', 'grace'].map((user) => ({ user })));
  const told = () => at.slack.messages.find(({ text }) => /^\d+ alerts/.test(text) && text.includes('frank'));
  await at.slack.until(() => told() !== undefined);
  const message = told();
  if (message === undefined) throw new Error('nothing was told of frank');
  const { json } = await at.hub.get('/api/alerts?person=frank');
  const [{ id: alert } = { id: '' }] = (json as { alerts: { id: string }[] }).alerts;
  expect(await at.slack.clickOverSocket({ message, alert, user: ANA, action: 'take' })).toMatchObject([{ acknowledged: true }]);
  const { total } = await eventually(async () => {
    const counts = (await at.hub.get('/api/alerts/counts?assignee=ana&person=frank')).json as { total: number };
    return counts.total === 1 && counts;
  });
  expect(total).toBe(1);
  expect((await at.hub.get('/api/alerts/counts?assignee=ana&person=erin')).json).toMatchObject({ total: 0 });
});
