import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SlackAuditSimulator } from '../../../test/simulators/slack-audit-api.ts';
import {
  type SlackPerson,
  type SlackSessionsOptions,
  SlackSessionsSimulator,
  serveSlackSessions,
} from '../../../test/simulators/slack-sessions.ts';
import { FakeEngine } from '../../../test/support/api.ts';
import { blockOf, hitOf } from '../../../test/support/detected.ts';
import { person } from '../../../test/support/person.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { untoldAlerting } from '../../../test/support/untold-alerting.ts';
import { createAlerts } from '../../alert/alerts.ts';
import type { ActWish } from '../../api/deps.ts';
import { type Act, type ExpectedAct, standText } from '../../model/act.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { PersonNames } from '../../model/person.ts';
import type { Wisher } from '../../respond/act-life.ts';
import { settingsSchema } from '../../settings.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { Acting, type ActingDeps } from './acting.ts';

const BEN = 'W0EXAMPLE02';
const ANA: Wisher = { name: 'ana', kind: 'user' };
const BOB: Wisher = { name: 'bob', kind: 'user' };
const TOKEN: Wisher = { name: 'bob', kind: 'token' };
const MINUTE = 60_000;

const session = (id: number, device: 'mobile' | 'web') => ({ id, device, os: 'OS', ip: '192.0.2.9' });
const people = (): SlackPerson[] => [
  { id: BEN, name: 'Ben Martin', email: 'ben@example.com', sessions: [session(1, 'mobile'), session(2, 'web')] },
  { id: 'W0EXAMPLE03', name: 'Eva Ott', email: 'eva@example.com', sessions: [session(3, 'web')] },
  { id: 'W0EXAMPLE04', name: 'Robot', email: 'robot@example.com', is: 'bot', sessions: [] },
  { id: 'W0EXAMPLE05', name: 'Olga Own', email: 'olga@example.com', is: 'primary_owner', sessions: [] },
];

let place: TestState;
let slack: SlackSessionsSimulator;
let served: { readonly apiUrl: string; stop(): Promise<void> };
let now: number;
let audits: AuditEvent[];
let awaited: (readonly ExpectedAct[])[];
let opened: Acting[];

beforeEach(async () => {
  now = Date.now();
  audits = [];
  awaited = [];
  opened = [];
  place = await testState(() => now);
  await serve({});
});
afterEach(async () => {
  for (const each of opened) await each.stop();
  await served.stop();
  await place.remove();
});

async function serve(options: Partial<SlackSessionsOptions>): Promise<void> {
  await served?.stop();
  slack = new SlackSessionsSimulator({ people: people(), ...options });
  served = await serveSlackSessions(slack);
}

const settingsOf = (acts: Readonly<Record<string, unknown>> = {}, heard = true) =>
  settingsSchema.parse({
    ...(heard && { sources: { log: { type: 'slack_audit', token: 'xoxp-0-made-up' } } }),
    acts: { systems: { slack: { type: 'slack_sessions', token: slack.token, api_url: served.apiUrl } }, ...acts },
  });

function acting(settings = settingsOf(), more: Partial<ActingDeps> = {}): Acting {
  const one = new Acting({
    state: place.state,
    engine: new FakeEngine(),
    alerts: createAlerts(place.state, () => now),
    settings: () => settings,
    names: () => new PersonNames([person('bmartin', { displayName: 'Ben', names: ['ben', BEN] })], []),
    awaitActs: async (expected) => void awaited.push(expected),
    audit: (event) => void audits.push(event),
    holder: 'hub-1',
    fetch,
    telemetry: silent,
    now: () => now,
    ...more,
  });
  opened.push(one);
  one.start();
  return one;
}

const WISH: ActWish = { targets: [BEN], devices: 'all', reason: 'a test' };

async function planned(one: Acting, wish: Partial<ActWish> = {}, by = ANA): Promise<Act> {
  const act = await one.plan({ ...WISH, ...wish }, by);
  if (!act.ok) throw new Error(act.error.message);
  return act.value;
}

/** Why it is not even planned. */
async function refusal(one: Acting, wish: Partial<ActWish>): Promise<string> {
  const act = await one.plan({ ...WISH, ...wish }, ANA);
  return act.ok ? 'planned' : `${act.error.code} ${act.error.message}`;
}

const until = async (one: Acting, id: string, ...states: Act['state'][]): Promise<Act> =>
  await vi.waitFor(
    async () => {
      const act = await one.get(id);
      expect(states).toContain(act?.state);
      return act as Act;
    },
    { timeout: 8_000, interval: 20 },
  );

const asked = () => slack.calls.filter(({ method }) => /reset|invalidate/.test(method)).map(({ method, args }) => ({ method, args }));
const prove = (one: Acting, act: Act) =>
  place.state.transaction((tx) =>
    one.prove(tx, [{ act: act.id, targets: [BEN], action: 'user_session_reset_by_admin', entry: 'e1', at: now, eventId: '1-1' }]),
  );

describe('an act', () => {
  it('is planned first, which changes nothing, and run once it is confirmed', async () => {
    const one = acting();
    const act = await planned(one, { targets: ['ben@example.com'], devices: 'mobile' });
    expect(act).toMatchObject({ state: 'planned', effect: 'signs Ben Martin (ben@example.com) out of Slack on phones and tablets alone' });
    expect(asked()).toEqual([]);
    await one.confirm(act.id, BOB);
    const done = await until(one, act.id, 'done');
    expect(asked()).toEqual([{ method: 'admin.users.session.reset', args: { user_id: BEN, mobile_only: true, web_only: false } }]);
    expect(slack.people[0]?.sessions.map(({ device }) => device)).toEqual(['web']);
    expect(standText(done)).toBe('done, not proven yet');
    await vi.waitFor(
      () =>
        expect(audits.map(({ action, actor, actorKind }) => [action, actor, actorKind].join(' ').trim())).toEqual([
          'act_planned ana user',
          'act_confirmed bob user',
          'act_running',
          'act_done',
        ]),
      { timeout: 5_000 },
    );
  });

  it('is awaited by the judge before the other system is asked', async () => {
    const order: string[] = [];
    const one = acting(settingsOf(), {
      awaitActs: async ([first]) => void (first !== undefined && order.push(`awaited, ${asked().length} asked`)),
    });
    const act = await planned(one);
    await one.confirm(act.id, ANA);
    await until(one, act.id, 'done');
    expect(order[0]).toBe('awaited, 0 asked');
  });

  it('ends one session, or those of several people', async () => {
    const one = acting();
    const single = await planned(one, { session: '2' });
    expect(single.effect).toBe('ends the session 2 of Ben Martin (ben@example.com) in Slack (Computer, OS, 192.0.2.9)');
    const many = await planned(one, { targets: [BEN, 'eva@example.com', BEN] });
    for (const { id } of [single, many]) {
      await one.confirm(id, ANA);
      await until(one, id, 'done');
    }
    expect(asked()).toEqual([
      { method: 'admin.users.session.invalidate', args: { user_id: BEN, session_id: 2, team_id: 'T0123456789' } },
      { method: 'admin.users.session.resetBulk', args: { user_ids: [BEN, 'W0EXAMPLE03'], mobile_only: false, web_only: false } },
    ]);
    expect(await refusal(one, { session: '77' })).toMatch(/^EAR_ACT_REFUSED .*has no session 77/);
    expect(await refusal(one, { session: '2', targets: [BEN, 'eva@example.com'] })).toMatch(/name that person alone/);
  });

  it('is not planned for whom it may not touch, and says why', async () => {
    const one = acting(settingsOf({ protected: ['EVA@example.com', 'bmartin'], most_targets: 2 }));
    expect(await refusal(one, { targets: ['W0EXAMPLE03'] })).toMatch(/^EAR_ACT_LIMIT Eva Ott .* is a protected account \(acts.protected\)/);
    expect(await refusal(one, {})).toMatch(/^EAR_ACT_LIMIT Ben Martin .* protected/);
    expect(await refusal(one, { targets: ['a', 'b', 'c'] })).toBe('EAR_ACT_LIMIT 3 at once are too many: acts.most_targets is 2.');
    expect(await refusal(one, { targets: ['W0EXAMPLE04'] })).toMatch(/is a bot/);
    expect(await refusal(one, { targets: ['W0EXAMPLE05'] })).toMatch(/primary owner/);
    expect(await refusal(one, { targets: ['W0EXAMPLE99'] })).toBe(
      'EAR_ACT_REFUSED Slack: user_not_found: there is nobody known as W0EXAMPLE99 in Slack',
    );
    expect(await refusal(one, { targets: ['nobody'] })).toMatch(/give their member ID or their mail address/);
    expect(await refusal(one, { system: 'vault' })).toMatch(/^EAR_ACT_SYSTEM .*acts.systems has no vault/);
    expect(audits.every(({ action, outcome }) => action === 'act_refused' && outcome === 'failure')).toBe(true);
    expect(audits).toHaveLength(8);
    expect(await refusal(acting(settingsSchema.parse({})), {})).toMatch(/^EAR_ACT_SYSTEM .*acts.systems is empty/);
  });

  it('finds whom it means among the names of the directory, and signs out nobody where they are of several', async () => {
    const named = (...names: string[]) => ({
      names: () =>
        new PersonNames(
          [
            {
              id: 'eott',
              displayName: 'Eva',
              names,
              emails: ['eva.old@example.com', 'eva@example.com'],
              groups: [],
              active: true,
              privileged: false,
              sources: [],
            },
          ],
          [],
        ),
    });
    // An account of Windows looks like an ID, and Slack knows the second address alone.
    const eva = await planned(acting(settingsOf(), named('WOTTEVA01')), { targets: ['eott'] });
    expect(eva.targets.map(({ id }) => id)).toEqual(['W0EXAMPLE03']);
    expect(await refusal(acting(settingsOf(), named(BEN, 'W0EXAMPLE03')), { targets: ['eott'] })).toBe(
      'EAR_ACT_REFUSED eott is several people in Slack: W0EXAMPLE02 is Ben Martin (ben@example.com), W0EXAMPLE03 is Eva Ott (eva@example.com). Give the member ID of the one you mean.',
    );
    // The ID of one of them means that one.
    expect((await planned(acting(settingsOf(), named(BEN, 'W0EXAMPLE03')), { targets: [BEN] })).targets.map(({ id }) => id)).toEqual([BEN]);
    slack.script({ on: 'users.info', kind: 'limited', seconds: 30 });
    expect(await refusal(acting(settingsOf(), named(BEN, 'W0EXAMPLE03')), { targets: ['eott'] })).toMatch(/429, too many calls: try again/);
  });

  it('is not run on whom the settings protect since it was planned', async () => {
    let settings = settingsOf();
    const one = acting(settings, { settings: () => settings });
    const act = await planned(one);
    settings = settingsOf({ protected: ['BEN@example.com'] });
    await one.confirm(act.id, ANA);
    expect((await until(one, act.id, 'refused')).history.at(-1)?.note).toBe(
      'Ben Martin (ben@example.com) is a protected account (acts.protected): no act touches it.',
    );
    expect(asked()).toEqual([]);
  });

  it('says that the events of the alert could not be read, where nobody is found without them', async () => {
    const alerting = untoldAlerting(place.state, () => now);
    await alerting.commitBlock(blockOf(1, 1, [hitOf({ seq: 1, user: 'mix', fields: { 'event.dataset': 'slack.audit' } })]));
    const [alert] = await place.state.read((db) => db.selectFrom('alerts').select('id').execute());
    const why = await refusal(acting(), { targets: ['mix'], alertId: alert?.id });
    expect(why).toMatch(/^EAR_ACT_REFUSED Nobody in Slack is known as mix: .* could not be read now: try again, or give their ID\.$/);
    expect(await refusal(acting(), { targets: ['mix'] })).not.toContain('could not be read');
  });

  it('touches nobody of whom it cannot be told whether they are protected', async () => {
    await serve({ scopes: ['users:read', 'admin.users:write'] });
    expect((await planned(acting())).targets).toMatchObject([{ label: 'Ben Martin (W0EXAMPLE02)' }]);
    const why = /^EAR_ACT_LIMIT Whether Ben Martin \(W0EXAMPLE02\) is a protected account cannot be told: .*users:read\.email/;
    expect(await refusal(acting(settingsOf({ protected: ['ceo@example.com'] })), {})).toMatch(why);
    expect((await planned(acting(settingsOf({ protected: ['W0EXAMPLE03'] })))).state).toBe('planned');
  });

  it('names the setting of the token where that is what is wrong', async () => {
    await serve({ scopes: ['users:read'] });
    const one = acting();
    const act = await planned(one);
    await one.confirm(act.id, ANA);
    expect((await until(one, act.id, 'failed')).history.at(-1)?.note).toMatch(
      /^Slack: missing_scope: the app of acts.systems.slack.token lacks the scope admin.users:write: add it/,
    );
    expect(await refusal(one, { targets: ['eva@example.com'] })).toMatch(
      /missing_scope: the app of acts.systems.slack.token lacks the scope users:read.email/,
    );
    await serve({ owner: { id: 'W0NOADMIN1', name: 'pia', isAdmin: false } });
    const two = acting();
    const other = await planned(two);
    await two.confirm(other.id, ANA);
    expect((await until(two, other.id, 'failed')).history.at(-1)?.note).toMatch(
      /not_an_admin: acts.systems.slack.token must be of an administrator/,
    );
  });

  it('waits for a second person where the settings ask for one, who is nobody’s own', async () => {
    const one = acting(settingsOf({ second_person: true }));
    const confirm = async (id: string, by: Wisher) => {
      const answer = await one.confirm(id, by);
      return answer.ok ? answer.value.state : answer.error.message;
    };
    const act = await planned(one);
    expect(await confirm(act.id, ANA)).toMatch(/asks for another user/);
    expect(await confirm(act.id, TOKEN)).toMatch(/asks for two users/);
    expect(await confirm(act.id, BOB)).toBe('confirmed');
    await until(one, act.id, 'done');
    const ofToken = await planned(one, {}, TOKEN);
    expect(await confirm(ofToken.id, ANA)).toBe('planned');
    expect(await confirm(ofToken.id, ANA)).toMatch(/asks for another user/);
    expect(asked()).toHaveLength(1);
    expect(await confirm(ofToken.id, BOB)).toBe('confirmed');
  });

  it('is over when nobody confirms it in time, or somebody takes it back', async () => {
    const one = acting();
    const [late, back] = [await planned(one), await planned(one)];
    expect(await one.cancel(back.id, BOB)).toMatchObject({ ok: true, value: { state: 'refused' } });
    expect(await one.confirm(back.id, ANA)).toMatchObject({ ok: false, error: { code: 'EAR_API_CONFLICT' } });
    now += 15 * MINUTE;
    expect(await one.confirm(late.id, ANA)).toMatchObject({ ok: false });
    expect((await until(one, late.id, 'refused')).history.at(-1)?.note).toBe('nobody confirmed it in time');
    expect(await one.confirm('0123456789abcdef', ANA)).toMatchObject({ ok: false, error: { code: 'EAR_API_NOT_FOUND' } });
    expect(asked()).toEqual([]);
  });

  it('is run once, whoever confirms it how often, and however many hubs there are', async () => {
    const [one, two] = [acting(), acting(settingsOf(), { holder: 'hub-2' })];
    const act = await planned(one);
    const answers = await Promise.all([one.confirm(act.id, ANA), two.confirm(act.id, BOB), one.confirm(act.id, BOB)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    await until(one, act.id, 'done');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(asked()).toHaveLength(1);
  });

  it('waits where Slack asks for patience, and is then run', async () => {
    slack.script({ on: 'admin.users.session.reset', kind: 'limited', seconds: 30 });
    const one = acting();
    const act = await planned(one);
    await one.confirm(act.id, ANA);
    await vi.waitFor(async () => expect((await one.get(act.id))?.attempts).toBe(1), { timeout: 5_000 });
    expect((await until(one, act.id, 'confirmed')).history.at(-1)?.note).toMatch(/429.*; it is tried again/);
    expect((await one.get(act.id))?.dueAt).toBe(now + 30_000);
    now += 30_000;
    await until(one, act.id, 'done');
    expect(asked()).toHaveLength(2);
  });

  it('is not begun later than it was meant for, however often Slack asks for patience', async () => {
    const one = acting();
    const again = async (seconds: number) => {
      slack.script({ on: 'admin.users.session.reset', kind: 'limited', seconds });
      const before = asked().length;
      await vi.waitFor(() => expect(asked().length).toBeGreaterThan(before), { timeout: 5_000 });
    };
    const act = await planned(one);
    slack.script({ on: 'admin.users.session.reset', kind: 'limited', seconds: 540 });
    await one.confirm(act.id, ANA);
    await vi.waitFor(async () => expect((await one.get(act.id))?.attempts).toBe(1), { timeout: 5_000 });
    await until(one, act.id, 'confirmed');
    now += 9 * MINUTE;
    await again(540);
    expect((await until(one, act.id, 'failed')).history.at(-1)?.note).toMatch(/429.*; it could not begin in time: plan it again/);
    now += 9 * MINUTE;
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(asked()).toHaveLength(2);
  });

  it('is not asked again when what came of it is not known; proof settles it', async () => {
    slack.script({ on: 'admin.users.session.reset', kind: 'reset', act: true });
    const one = acting();
    const act = await planned(one);
    await one.confirm(act.id, ANA);
    expect(standText(await until(one, act.id, 'unknown'))).toBe('not known yet whether it was done');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(asked()).toHaveLength(1);
    await prove(one, act);
    expect(standText(await until(one, act.id, 'proven'))).toBe('done and proven');
  });

  it('is not asked again by a hub that was killed while it asked', async () => {
    slack.script({ on: 'admin.users.session.reset', kind: 'hang', act: true });
    const one = acting();
    const act = await planned(one);
    await one.confirm(act.id, ANA);
    await until(one, act.id, 'running');
    await vi.waitFor(() => expect(asked()).toHaveLength(1));
    // The next life of the same hub; the first would hear nothing for another twenty seconds.
    const next = acting();
    expect((await until(next, act.id, 'unknown')).history.at(-1)?.note).toMatch(/the hub ended while it asked/);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(asked()).toHaveLength(1);
    await prove(next, act);
    await until(next, act.id, 'proven');
  });

  it('says plainly when no proof came, and takes one that comes late', async () => {
    const one = acting();
    const act = await planned(one);
    await one.confirm(act.id, ANA);
    await until(one, act.id, 'done');
    now += 30 * MINUTE;
    await vi.waitFor(async () => expect((await one.get(act.id))?.proofMissed).toBe(true), { timeout: 5_000 });
    expect(standText((await one.get(act.id)) as Act)).toBe('done, and no proof came');
    await prove(one, act);
    await prove(one, act);
    const proven = await until(one, act.id, 'proven');
    expect(proven.history.filter(({ state }) => state === 'proven')).toHaveLength(1);
  });

  it('says that there is nothing from which proof could come', async () => {
    const one = acting(settingsOf({}, false));
    const act = await planned(one);
    await one.confirm(act.id, ANA);
    expect(standText(await until(one, act.id, 'done'))).toBe('done; no source is set from which proof could come');
    expect(awaited.flat()).toEqual([]);
  });

  it('is in the history of the alert that it answers', async () => {
    const alerting = untoldAlerting(place.state, () => now, { keepProofs: (tx, proofs) => one.prove(tx, proofs) });
    const one = acting();
    await alerting.commitBlock(blockOf(1, 1, [hitOf({ seq: 1 })]));
    const [alert] = await place.state.read((db) => db.selectFrom('alerts').select('id').execute());
    const act = await planned(one, { alertId: alert?.id });
    await one.confirm(act.id, ANA);
    await until(one, act.id, 'done');
    const proofs = [{ act: act.id, targets: [BEN], action: 'user_session_reset_by_admin', entry: 'e1', at: now, eventId: '1-9' }];
    const block = { ...blockOf(2, 9, []), proofs };
    await alerting.commitBlock(block);
    await alerting.commitBlock(block);
    const history = (await createAlerts(place.state, () => now).get(alert?.id ?? ''))?.history.filter(({ change }) => change === 'acted');
    expect(history?.map(({ actor, about }) => `${actor} ${about.state}`)).toEqual([
      'ana planned',
      'ana confirmed',
      'earshot done',
      'earshot proven',
    ]);
  });
});

describe('the simulator', () => {
  it('tells of what it did in the audit log, late', () => {
    const audit = new SlackAuditSimulator({ now: () => now });
    const simulator = new SlackSessionsSimulator({ people: people(), audit, lateMs: 5_000, now: () => now });
    simulator.answer('/api/admin.users.session.reset', JSON.stringify({ user_id: BEN }), 'application/json', `Bearer ${simulator.token}`);
    const read = () =>
      JSON.parse(audit.answer(new URL('http://127.0.0.1/audit/v1/logs'), `Bearer ${audit.token}`).body) as {
        entries: { action: string }[];
      };
    expect(read().entries).toEqual([]);
    now += 5_000;
    expect(read().entries).toMatchObject([{ action: 'user_session_reset_by_admin', details: { mobile_only: false } }]);
  });
});
