import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signedCommand } from '../test/simulators/slack-clicks.ts';
import { blockOf, hitOf, ruleOf } from '../test/support/detected.ts';
import { type TestState, testState } from '../test/support/state.ts';
import { createAlerting } from './alert/alerting.ts';
import { type Alerts, createAlerts } from './alert/alerts.ts';
import { alertSettings } from './alert/settings.ts';
import { answerCommand, type CommandsDeps } from './commands.ts';
import { settingsSchema } from './settings.ts';
import { silent } from './telemetry/telemetry.ts';

const SECRET = 'made-up-signing-secret';
const NOW = Date.UTC(2026, 0, 1, 12);

describe('a command', () => {
  let test: TestState;
  let alerts: Alerts;
  let health: { up: boolean; closedBecause: string | undefined };

  beforeEach(async () => {
    test = await testState(() => NOW);
    alerts = createAlerts(test.state, () => NOW);
    health = { up: true, closedBecause: undefined };
    await test.state.users.create({ name: 'vera', displayName: '', role: 'viewer', datasets: ['*'] });
    await test.state.users.create({ name: 'ron', displayName: '', role: 'analyst', datasets: ['windows.*'] });
    const alerting = createAlerting({
      state: test.state,
      settings: alertSettings.parse({}),
      ruleInfo: ruleOf,
      isQuiet: () => false,
      router: () => ({ notifiers: [], following: [], targets: () => [] }),
      telemetry: silent,
      now: () => NOW,
    });
    const hits = ['linux.auth', 'linux.auth', 'windows.security'].map((dataset, i) =>
      hitOf({ seq: i + 1, user: `user${i}`, at: NOW, fields: { 'event.dataset': dataset } }),
    );
    await alerting.commitBlock(blockOf(1, 3, hits));
    const page = await alerts.list({ about: 'user0' });
    if (page.ok) await alerts.change(page.value.alerts[0]?.id ?? '', { act: { kind: 'take' }, actor: 'vera' });
  });
  afterEach(() => test.remove());

  const deps = (): CommandsDeps => ({
    settings: settingsSchema.parse({
      notifiers: {
        security: {
          type: 'slack_bot',
          token: 'xoxb-made-up',
          channel: 'C0123456789',
          signing_secret: SECRET,
          people: { UVERA0: 'vera', URON00: 'Ron', UGONE0: 'gone' },
        },
      },
    }),
    state: test.state,
    alerts,
    engine: health,
    ingest: health,
  });
  const ask = async (user: string, text: string, secret = SECRET, at = NOW) => {
    const { headers, body } = signedCommand(user, text, secret, at);
    const answer = await answerCommand(deps(), 'slack_bot', { headers, body: Buffer.from(body), now: NOW });
    return answer.kind === 'answer' ? answer.text : answer.kind;
  };

  it('tells each what they may see', async () => {
    expect(await ask('UVERA0', ' Status ')).toContain(
      'Alerts that you may see: 2 open (2 high), 1 acknowledged, 0 snoozed; yours: 1.\nEarshot takes in',
    );
    expect(await ask('URON00', 'status')).toContain('1 open (1 high), 0 acknowledged, 0 snoozed; yours: 0.');
  });

  it('says what the hub cannot do', async () => {
    health = { up: false, closedBecause: 'the disk is full' };
    expect(await ask('UVERA0', 'status')).toContain(
      'cannot do all of its work: the event engine does not answer; nothing is taken in: the disk is full.',
    );
  });

  it('tells strangers nothing but what to do', async () => {
    expect(await ask('USTRANGER', 'status')).toMatch(/^Nothing was done: Earshot does not know who you are/);
    expect(await ask('UGONE0', 'status')).toMatch(/^Nothing was done: Earshot has no user gone/);
    expect(await ask('USTRANGER', '')).toContain('/earshot status');
    expect(await ask('USTRANGER', '<!channel> drop table')).toMatch(/^There is no such command\.\n`\/earshot status`/);
  });

  it('is not heard unsigned, late, or in another form', async () => {
    expect(await ask('UVERA0', 'status', 'other')).toBe('refused');
    expect(await ask('UVERA0', 'status', SECRET, NOW - 301_000)).toBe('refused');
    expect(await ask('constructor', 'status')).toBe('unreadable');
    expect(await ask('UVERA0', 'x'.repeat(4_001))).toBe('unreadable');
    expect(await answerCommand(deps(), 'slack_webhook', { headers: {}, body: Buffer.alloc(0), now: NOW })).toEqual({ kind: 'refused' });
  });
});
