import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlackApiSimulator, type SlackMessage, startSlackApi } from '../../../test/simulators/slack-api.ts';
import { clickPayload, signedForm } from '../../../test/simulators/slack-clicks.ts';
import { NOTHING_WAITS } from '../../../test/support/click-doors.ts';
import { blockOf, hitOf, ruleOf } from '../../../test/support/detected.ts';
import { fakeActs } from '../../../test/support/fake-acts.ts';
import { fakeAsks } from '../../../test/support/fake-asks.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { createAlerting } from '../../alert/alerting.ts';
import { type Alerts, createAlerts } from '../../alert/alerts.ts';
import { alertSettings } from '../../alert/settings.ts';
import { createFront } from '../../api/front.ts';
import { slackBot } from '../../integrations/slack/bot-notifier.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { type Settings, settingsSchema } from '../../settings.ts';
import type { State } from '../../store/state/state.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { ClickDoor } from './click-door.ts';
import { Clicks } from './clicks.ts';

const SECRET = 'made-up-signing-secret';
const [ANA, BOB, VERA, RON, DAN, GONE, STRANGER] = ['UANA00', 'UBOB00', 'UVERA0', 'URON00', 'UDAN00', 'UGONE0', 'USTRANGER'];

describe('clicks', () => {
  let test: TestState;
  let slack: SlackApiSimulator;
  let alerts: Alerts;
  let clicks: Clicks;
  let app: FastifyInstance;
  let url: string;
  let audits: AuditEvent[];
  let id: string;

  const bot = () => ({ type: 'slack_bot', token: slack.token, channel: slack.channel, api_url: slack.apiUrl });
  const settings = () =>
    settingsSchema.parse({
      notifiers: {
        security: {
          ...bot(),
          signing_secret: SECRET,
          app_id: 'A0123456789',
          people: { [ANA]: 'Ana', [BOB]: 'bob', [VERA]: 'vera', [RON]: 'ron', [DAN]: 'dan', [GONE]: 'gone' },
        },
      },
    });
  const newClicks = (state: State = test.state) =>
    new Clicks(
      {
        settings: settings(),
        state,
        alerts,
        acting: fakeActs,
        asking: fakeAsks,
        telemetry: silent,
        fetch,
        audit: (event) => void audits.push(event),
      },
      NOTHING_WAITS,
    );
  const doorUnder = ({ notifiers }: Settings = settings()) =>
    new ClickDoor({
      notifiers: () => notifiers,
      keep: async (click) => {
        await test.state.clicks.keep([click]);
        clicks.wake();
      },
      now: Date.now,
    });

  /** Tells of the alert, as the hub does. */
  const tell = async (): Promise<SlackMessage> => {
    const { type: _, ...given } = bot();
    const config = slackBot.config.parse({ ...given, signing_secret: SECRET });
    const notification = { key: `k${slack.messages.length}`, kind: 'opened', more: 0, possibleRepeat: false, joined: [] } as const;
    const context = { config, fetch, signal: AbortSignal.timeout(5_000) };
    const delivery = await slackBot.send({ ...notification, alerts: await alerts.told([id]) }, context);
    expect(delivery.verdict).toBe('delivered');
    const message = slack.messages.at(-1);
    if (message === undefined) throw new Error('nothing was told');
    return message;
  };

  beforeEach(async () => {
    test = await testState(Date.now);
    slack = await startSlackApi({ signingSecret: SECRET, limited: false });
    alerts = createAlerts(test.state, Date.now);
    audits = [];
    const user = (name: string, role: 'viewer' | 'responder', datasets = ['*']) =>
      test.state.users.create({ name, displayName: '', role, datasets });
    await user('ana', 'responder');
    await user('bob', 'responder');
    await user('vera', 'viewer');
    await user('ron', 'responder', ['windows.*']);
    const dan = await user('dan', 'responder');
    await test.state.users.change(dan?.id ?? '', { disabled: true });
    const alerting = createAlerting({
      state: test.state,
      settings: alertSettings.parse({}),
      ruleInfo: ruleOf,
      isQuiet: () => false,
      router: () => ({ notifiers: ['security'], following: [], targets: () => ['security'] }),
      telemetry: silent,
      now: Date.now,
    });
    await alerting.commitBlock(blockOf(1, 1, [hitOf({ seq: 1, at: Date.now(), fields: { 'event.dataset': 'linux.auth' } })]));
    const page = await alerts.list({});
    id = page.ok ? (page.value.alerts[0]?.id ?? '') : '';
    clicks = newClicks();
    const door = doorUnder();
    app = createFront(
      {
        listens: (type) => door.listens(type),
        click: (type, request) => door.take(type, request),
        command: async () => ({ kind: 'refused' }),
        onAudit: () => undefined,
        telemetry: silent,
        now: Date.now,
      },
      { apiSocket: '/nowhere', behindProxy: false },
    );
    url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/slack/interactivity`;
  });

  afterEach(async () => {
    await clicks.stop();
    await app.close();
    await slack.stop();
    await test.remove();
  });

  const click = async (user: string, action: string, choice?: string, message?: SlackMessage, times?: number) =>
    slack.click({ message: message ?? (await tell()), user, action, url, ...(choice && { choice }), ...(times && { times }) });
  const answered = async (count: number) => {
    await slack.until(() => slack.responses.length >= count);
    return slack.responses.map(({ user, args }) => `${user}: ${args.text}`);
  };
  const history = async () => (await alerts.get(id))?.history.map(({ change, actor }) => `${change} ${actor}`);
  const present = async () => await alerts.get(id);

  it.each([
    ['acknowledge', undefined, { state: 'acknowledged' }],
    ['take', undefined, { state: 'acknowledged', assignee: 'ana' }],
    ['snooze', '8h', { state: 'snoozed' }],
    ['snooze', 'tomorrow', { state: 'snoozed' }],
    ['resolve', 'false_positive', { state: 'resolved', resolution: 'false_positive' }],
    ['resolve', 'expected', { state: 'resolved', resolution: 'expected' }],
  ])('%s %s is done in the name of who clicked, told to them alone, and audited', async (action, choice, after) => {
    clicks.start();
    expect(await click(ANA, action, choice)).toMatchObject([{ status: 200 }]);
    expect(await answered(1)).toEqual([expect.stringMatching(/^UANA00: Done: /)]);
    expect(slack.responses[0]?.args).toMatchObject({ response_type: 'ephemeral', replace_original: false });
    expect(await present()).toMatchObject(after);
    expect((await history())?.slice(1).every((line) => line.endsWith(' ana'))).toBe(true);
    expect((await present())?.history.at(-1)?.about).toMatchObject({ via: 'slack' });
    expect(audits).toMatchObject([
      {
        outcome: 'success',
        actor: 'ana',
        actorKind: 'user',
        message: expect.stringContaining('via slack'),
        about: { via: 'slack', via_person: ANA },
      },
    ]);
  });

  it.each([
    [STRANGER, 'does not know who you are. Ask an administrator to write'],
    [GONE, 'has no user gone'],
    [VERA, 'vera, with the role viewer, may read alerts and not change them'],
    [DAN, 'the user dan is disabled'],
    [RON, 'its events are not for you to see'],
  ])('of %s changes nothing, and says why', async (user, why) => {
    clicks.start();
    expect(await click(user, 'resolve', 'false_positive')).toMatchObject([{ status: 200 }]);
    expect(await answered(1)).toEqual([expect.stringContaining(why)]);
    expect(await history()).toEqual(['opened earshot']);
    expect(audits).toMatchObject([{ outcome: 'failure', about: { via: 'slack', via_person: user } }]);
  });

  it('that is sent again runs once', async () => {
    clicks.start();
    await click(ANA, 'acknowledge', undefined, undefined, 3);
    await answered(1);
    await alerts.change(id, { act: { kind: 'reopen' }, actor: 'bob' });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await history()).toEqual(['opened earshot', 'acknowledged ana', 'reopened bob']);
    expect(slack.responses).toHaveLength(1);
  });

  it('that was kept before a kill runs afterwards, once', async () => {
    // A hub that ends before it comes to its work.
    clicks = newClicks({ ...test.state, clicks: { ...test.state.clicks, due: async () => [] } });
    expect(await click(ANA, 'acknowledge')).toMatchObject([{ status: 200 }]);
    expect(await history()).toEqual(['opened earshot']);
    alerts = createAlerts(await test.reopen(), Date.now);
    for (let start = 0; start < 2; start++) {
      clicks = newClicks();
      clicks.start();
      await answered(1);
      await clicks.stop();
    }
    expect(await history()).toEqual(['opened earshot', 'acknowledged ana']);
    expect(slack.responses).toHaveLength(1);
  });

  it('of many at once are run in their order, each once, however many are of one alert', async () => {
    const message = await tell();
    const acts = ['acknowledge', 'take', 'acknowledge', 'take', 'acknowledge', 'take', 'acknowledge', 'take'];
    for (const act of acts) expect(await click(ANA, act, undefined, message)).toMatchObject([{ status: 200 }]);
    clicks.start();
    expect((await answered(acts.length)).sort()).toEqual([
      'UANA00: Done: you have acknowledged the alert.',
      'UANA00: Done: you have taken the alert.',
      ...Array.from({ length: 6 }, () => 'UANA00: Nothing was done: the alert is so already.'),
    ]);
    expect(await history()).toEqual(['opened earshot', 'acknowledged ana', 'assigned ana']);
  });

  it('that cannot be run holds up none of the others', async () => {
    const message = await tell();
    const broken = { ...alerts, get: alerts.get, changeEach: alerts.changeEach };
    alerts = {
      ...broken,
      changeEach: async (changes) => {
        if (changes.some(({ wish }) => wish.act.kind === 'snooze')) throw new Error('the database refuses this one');
        return await broken.changeEach(changes);
      },
    };
    clicks = newClicks();
    for (const [act, choice] of [
      ['snooze', '1h'],
      ['acknowledge', undefined],
    ] as const)
      await click(ANA, act, choice, message);
    clicks.start();
    await answered(1);
    expect(await history()).toEqual(['opened earshot', 'acknowledged ana']);
    const [waiting] = await test.state.read((db) =>
      db.selectFrom('clicks').select(['state', 'attempts']).where('state', '=', 'kept').execute(),
    );
    expect(waiting).toEqual({ state: 'kept', attempts: 1 });
  });

  it('of two people at once ends in one state, and both are told', async () => {
    const message = await tell();
    clicks.start();
    await Promise.all([click(ANA, 'resolve', 'true_positive', message), click(BOB, 'resolve', 'benign', message)]);
    const told = await answered(2);
    expect(told.filter((text) => text.includes('Done: you have resolved the alert'))).toHaveLength(1);
    expect(told.filter((text) => /(ana|bob) was quicker \(resolved (true positive|benign)\)/.test(text))).toHaveLength(1);
    expect(await history()).toEqual(['opened earshot', expect.stringMatching(/^resolved (ana|bob)$/)]);
  });

  it('goes on what the same person has clicked before, although the message does not show it yet', async () => {
    const message = await tell();
    clicks.start();
    await click(ANA, 'acknowledge', undefined, message);
    await answered(1);
    await click(ANA, 'resolve', 'benign', message);
    await answered(2);
    expect(await history()).toEqual(['opened earshot', 'acknowledged ana', 'resolved ana']);
    await click(BOB, 'reopen', undefined, await tell());
    await answered(3);
    expect(await present()).toMatchObject({ state: 'open' });
    await click(BOB, 'acknowledge');
    await click(BOB, 'acknowledge', undefined, message);
    expect((await answered(5)).at(-1)).toContain('the alert is so already');
  });

  it('forged, recorded or broken is not taken', async () => {
    const payload = clickPayload({ message: await tell(), user: ANA, action: 'acknowledge' }, '', Date.now());
    const send = async ({ body, headers }: { body: string; headers: Record<string, string> }) =>
      (await app.inject({ method: 'POST', url: '/slack/interactivity', payload: body, headers })).statusCode;
    const now = Date.now();
    const good = signedForm(payload, SECRET, now);
    expect(await send(signedForm(payload, 'other', now))).toBe(401);
    expect(await send(signedForm(payload, SECRET, now - 301_000))).toBe(401);
    expect(await send({ ...good, body: good.body.replace('UANA00', 'UBOB00') })).toBe(401);
    expect(await send({ ...good, headers: { 'content-type': 'application/x-www-form-urlencoded' } })).toBe(401);
    expect(await send({ ...good, body: '' })).toBe(401);
    expect(await send(signedForm('{', SECRET, now))).toBe(400);
    expect(await send(signedForm({ ...payload, api_app_id: 'A0000000002' }, SECRET, now))).toBe(401);
    expect(await test.state.clicks.due('kept', 10)).toEqual([]);
    // Another channel's notifier would have other people.
    const elsewhere = { ...payload, container: { type: 'message', message_ts: '1.2', channel_id: 'C0000000009' } };
    expect(await send(signedForm(elsewhere, SECRET, now))).toBe(200);
    expect(await send(signedForm({ ...payload, type: 'shortcut' }, SECRET, now))).toBe(200);
    expect(await test.state.clicks.due('kept', 10)).toEqual([]);
    expect(await history()).toEqual(['opened earshot']);
  });

  it('is not heard without a signing secret', () => {
    const none = doorUnder(settingsSchema.parse({ notifiers: { security: bot() } }));
    const some = doorUnder();
    expect([some.listens('slack_bot'), none.listens('slack_bot'), some.listens('slack_webhook')]).toEqual([true, false, false]);
  });

  it('is forgotten once it is over, with where to answer', async () => {
    clicks.start();
    await click(ANA, 'acknowledge');
    await answered(1);
    await clicks.stop();
    const rows = await test.state.read((db) => db.selectFrom('clicks').select(['state', 'click']).execute());
    expect(rows).toEqual([{ state: 'told', click: null }]);
    expect(await test.state.clicks.prune(Date.now() - 60_000)).toBe(0);
    expect(await test.state.clicks.prune(Date.now() + 1)).toBe(1);
  });
});
