import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SlackSessionsSimulator, serveSlackSessions } from '../../../test/simulators/slack-sessions.ts';
import { startActing } from '../../../test/support/acting.ts';
import { blockOf, hitOf } from '../../../test/support/detected.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { untoldAlerting } from '../../../test/support/untold-alerting.ts';
import { createAlerts } from '../../alert/alerts.ts';
import type { ActAsk } from '../../model/click.ts';
import { settingsSchema } from '../../settings.ts';
import type { User } from '../../store/state/accounts.ts';
import { runActClick } from './act-clicks.ts';
import type { Acting } from './acting.ts';

let place: TestState;
let served: { readonly apiUrl: string; stop(): Promise<void> };
let slack: SlackSessionsSimulator;
let acting: Acting;
let users: Map<string, User>;
let alertId: string;
let clicks = 0;

beforeEach(async () => {
  place = await testState(Date.now);
  slack = new SlackSessionsSimulator({ people: [{ id: 'W0EXAMPLE02', name: 'Ben', email: 'ben@example.com', sessions: [] }] });
  served = await serveSlackSessions(slack);
  const settings = settingsSchema.parse({
    acts: { second_person: true, systems: { slack: { type: 'slack_sessions', token: slack.token, api_url: served.apiUrl } } },
  });
  acting = startActing(place.state, settings);
  users = new Map();
  for (const [name, role, datasets] of [
    ['ana', 'responder', '*'],
    ['bob', 'responder', '*'],
    ['ned', 'analyst', '*'],
    ['ron', 'responder', 'windows.*'],
  ] as const) {
    const user = await place.state.users.create({ name, displayName: '', role, datasets: [datasets] });
    if (user !== undefined) users.set(name, user);
  }
  const alerting = untoldAlerting(place.state, Date.now);
  await alerting.commitBlock(blockOf(1, 1, [hitOf({ seq: 1, user: 'ben@example.com' })]));
  const [row] = await place.state.read((db) => db.selectFrom('alerts').select('id').execute());
  alertId = row?.id ?? '';
});
afterEach(async () => {
  await acting.stop();
  await served.stop();
  await place.remove();
});

/** What somebody is told who clicks. */
async function clicked(name: string, ask: ActAsk, about = alertId): Promise<string> {
  const click = { key: `k${++clicks}`, alertId: about, shown: '', act: ask, by: 'U1' };
  await place.state.clicks.keep([{ notifier: 'security', click }]);
  const kept = { notifier: 'security', click, attempts: 0, receivedAt: 0 };
  const user = users.get(name);
  if (user === undefined) throw new Error(`there is no ${name}`);
  const refused = await runActClick({ acting, alerts: createAlerts(place.state, Date.now), state: place.state }, kept, ask, user);
  if (refused !== undefined) return refused;
  const run = (await place.state.clicks.due('run', 100)).find((each) => each.click.key === click.key);
  return run?.outcome?.answer ?? 'nothing was noted';
}

const SIGN_OUT = { kind: 'plan_sign_out', target: 'ben@example.com', devices: 'web' } as const;

describe('a click that asks for an act', () => {
  it('is for responders who may see the alert', async () => {
    expect(await clicked('ned', SIGN_OUT)).toMatch(/with the role analyst, may change nothing in other systems/);
    expect(await clicked('ron', SIGN_OUT)).toMatch(/the alert is gone, or its events are not for you to see/);
    expect(slack.calls).toEqual([]);
  });

  it('plans, and is confirmed by another person where the settings ask for one', async () => {
    expect(await clicked('ana', SIGN_OUT)).toMatch(/Nothing is done yet. Earshot signs Ben .* Another user must confirm it/);
    const [act] = await acting.list({ limit: 1 });
    const confirm: ActAsk = { kind: 'confirm_act', id: act?.id ?? '' };
    expect(await clicked('ana', confirm)).toMatch(/asks for another user/);
    expect(await clicked('ned', confirm)).toMatch(/with the role analyst/);
    expect(await clicked('bob', confirm, 'f'.repeat(32))).toMatch(/the alert is gone/);
    expect(slack.calls.some(({ method }) => method === 'admin.users.session.reset')).toBe(false);
    expect(await clicked('bob', confirm)).toMatch(/^Confirmed: Earshot signs Ben/);
    expect(await clicked('bob', confirm)).toMatch(/^Nothing was done: it is (confirmed|running|done) already/);
  });

  it('is run once, whichever hub takes it up', async () => {
    const click = { key: 'twice', alertId, shown: '', act: SIGN_OUT, by: 'U1' };
    await place.state.clicks.keep([{ notifier: 'security', click }]);
    const kept = { notifier: 'security', click, attempts: 0, receivedAt: 0 };
    const user = users.get('ana');
    if (user === undefined) throw new Error('there is no ana');
    const run = () => runActClick({ acting, alerts: createAlerts(place.state, Date.now), state: place.state }, kept, SIGN_OUT, user);
    const both = await Promise.allSettled([run(), run()]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await acting.list({ limit: 10 })).toHaveLength(1);
  });

  it('says what keeps it from being planned', async () => {
    expect(await clicked('ana', { ...SIGN_OUT, target: 'nobody' })).toMatch(/^Nothing was done: Nobody in Slack is known as nobody/);
  });
});
