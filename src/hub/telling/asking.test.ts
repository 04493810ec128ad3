import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SmtpSimulator, startSmtp } from '../../../test/simulators/smtp.ts';
import { blockOf, hitOf, ruleOf } from '../../../test/support/detected.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { noteOnAlert } from '../../alert/alert-notes.ts';
import { createAlerting } from '../../alert/alerting.ts';
import { type AlertDetail, type Alerts, createAlerts } from '../../alert/alerts.ts';
import { alertSettings } from '../../alert/settings.ts';
import type { Ask, Said } from '../../model/ask.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { type Person, PersonNames } from '../../model/person.ts';
import { settingsSchema } from '../../settings.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { Asking } from './asking.ts';

const ANA = { name: 'ana', kind: 'user' } as const;
const HOUR = 3_600_000;

const alice: Person = {
  id: 'alice',
  displayName: 'Alice Example',
  names: [],
  emails: ['alice@example.com'],
  groups: [],
  active: true,
  privileged: false,
  sources: [],
};

let place: TestState;
let server: SmtpSimulator;
let alerts: Alerts;
let now: number;
let people: readonly Person[];
let audits: AuditEvent[];
let opened: Asking[];
let id: string;

beforeEach(async () => {
  now = Date.now();
  people = [alice];
  audits = [];
  opened = [];
  place = await testState(() => now);
  server = await startSmtp();
  alerts = createAlerts(place.state, () => now);
  [id = ''] = await openAlerts(1);
});
afterEach(async () => {
  for (const each of opened) await each.stop();
  await server.stop();
  await place.remove();
});

/** So many alerts about alice, each of a rule of its own. */
async function openAlerts(count: number): Promise<string[]> {
  const alerting = createAlerting({
    state: place.state,
    settings: alertSettings.parse({}),
    ruleInfo: ruleOf,
    isQuiet: () => false,
    router: () => ({ notifiers: ['security', 'pager'], following: [], targets: () => ['security'] }),
    telemetry: silent,
    now: () => now,
  });
  const before = (await alerts.counts({})).counts.reduce((sum, each) => sum + each.count, 0);
  const hits = Array.from({ length: count }, (_, i) => hitOf({ seq: before + i + 1, at: now, rule: `rule-${before + i}` }));
  await alerting.commitBlock(blockOf(before + 1, before + count, hits));
  const page = await alerts.list({ limit: 100 });
  return page.ok ? page.value.alerts.map((each) => each.id) : [];
}

function asking(more: Readonly<Record<string, unknown>> = {}): Asking {
  const settings = settingsSchema.parse({
    api: { public_url: 'https://earshot.example.com' },
    notifiers: {
      mail: { type: 'mail', host: '127.0.0.1', port: server.port, tls: 'none', from: 'earshot@example.com', to: ['soc@example.com'] },
    },
    asking: { by: 'mail', ...more },
    outbox: { send_timeout_secs: 1 },
  });
  const one = new Asking({
    fetch,
    state: place.state,
    alerts,
    settings: () => settings,
    names: () => new PersonNames(people, []),
    onQueued: () => undefined,
    audit: (event) => void audits.push(event),
    holder: 'hub-1',
    telemetry: silent,
    now: () => now,
  });
  opened.push(one);
  one.start();
  return one;
}

async function asked(one: Asking): Promise<Ask> {
  const ask = await one.ask({ alertId: id, datasets: ['*'] }, ANA);
  if (!ask.ok) throw new Error(ask.error.message);
  return ask.value;
}
const refusal = async (one: Asking, alertId = id, datasets = ['*']): Promise<string> => {
  const ask = await one.ask({ alertId, datasets }, ANA);
  return ask.ok ? 'asked' : `${ask.error.code} ${ask.error.message}`;
};
const stateIs = (ask: Ask, state: Ask['state']) =>
  vi.waitFor(async () => expect((await place.state.asks.get(ask.id))?.state).toBe(state), { timeout: 10_000, interval: 20 });
const linkOf = (i: number): string => /\/answer\/([^?\s]+)/.exec(server.mails[i]?.text ?? '')?.[1] ?? '';
const answer = async (one: Asking, link: string, said: Said, note = '') =>
  (await one.answer(link, { said, note, address: '192.0.2.1' })).kind;
const history = async () => ((await alerts.get(id))?.history ?? []).map(({ change, about }) => `${change} ${about.state ?? ''}`.trim());
const outbox = () => place.state.read((db) => db.selectFrom('outbox').select(['key', 'kind']).where('kind', '=', 'said').execute());

describe('asking', () => {
  it('sends one mail, and takes one answer', async () => {
    const one = asking();
    const ask = await asked(one);
    await stateIs(ask, 'sent');
    expect(server.mails.map(({ to }) => to)).toEqual([['alice@example.com']]);
    const both = await Promise.all([answer(one, linkOf(0), 'me'), answer(one, linkOf(0), 'not_me')]);
    expect(both.toSorted()).toEqual(['answered', 'given']);
    expect(await answer(one, linkOf(0), 'not_me')).toBe('answered');
    expect(await history()).toEqual(['opened', 'asked sending', 'asked sent', 'answered answered']);
    expect(await outbox()).toEqual([{ key: `${id}.said-${ask.id}.security`, kind: 'said' }]);
    expect((await alerts.get(id))?.state).toBe('open');
    expect(audits.map(({ action }) => action)).toEqual(['person_asked', 'person_asked_sent', 'person_answered']);
    // What is kept does not open the link.
    expect(JSON.stringify(await place.state.asks.get(ask.id))).not.toContain(linkOf(0).split('.')[1]);
  });

  it('asks once for two clicks at once, and again only when it is over', async () => {
    const one = asking();
    const both = await Promise.all([refusal(one), refusal(one)]);
    expect(both.toSorted()).toEqual([expect.stringMatching(/^EAR_API_CONFLICT Alice Example was asked already, by ana on /), 'asked']);
    await vi.waitFor(() => expect(server.mails).toHaveLength(1), { timeout: 10_000 });
    now += 73 * HOUR;
    expect(await refusal(one)).toBe('asked');
  });

  it('takes no answer when it is too old, and says so', async () => {
    const one = asking({ answer_within_hours: 1 });
    const ask = await asked(one);
    await stateIs(ask, 'sent');
    now += HOUR;
    expect([(await one.look(linkOf(0))).kind, await answer(one, linkOf(0), 'me')]).toEqual(['expired', 'expired']);
    await stateIs(ask, 'expired');
    expect((await history()).at(-1)).toBe('asked expired');
    expect(await outbox()).toEqual([]);
  });

  it('knows no link but its own', async () => {
    const one = asking();
    const ask = await asked(one);
    await stateIs(ask, 'sent');
    const [askId = '', secret = ''] = linkOf(0).split('.');
    const wrong = `${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`;
    for (const link of [`${askId}.${wrong}`, `${'0'.repeat(16)}.${secret}`, `${askId}.`, '', "x' OR 1=1"])
      expect([(await one.look(link)).kind, await answer(one, link, 'me')]).toEqual(['unknown', 'unknown']);
    expect(await answer(one, linkOf(0), 'me')).toBe('given');
  });

  it('tries again while the mail server is not there, and gives up after some time', async () => {
    await server.stop();
    const one = asking();
    const ask = await asked(one);
    for (let attempt = 1; attempt <= 8; attempt++) {
      await vi.waitFor(async () => expect((await place.state.asks.get(ask.id))?.attempts).toBe(attempt), { timeout: 10_000, interval: 20 });
      // The outcome is written down right after.
      await new Promise((resolve) => setTimeout(resolve, 100));
      now += HOUR / 6;
    }
    await stateIs(ask, 'failed');
    const last = (await alerts.get(id))?.history.at(-1);
    expect(last).toMatchObject({ change: 'asked', note: 'mail: the server cannot be reached (ECONNREFUSED)', about: { state: 'failed' } });
    expect(audits.at(-1)).toMatchObject({ action: 'person_asked_failed', outcome: 'failure' });
    server = await startSmtp();
  }, 60_000);

  it('has links that work, whatever became of a mail', async () => {
    const one = asking();
    server.script({ at: 'DATA', drop: true, take: true });
    const ask = await asked(one);
    await vi.waitFor(() => expect(server.mails).toHaveLength(1), { timeout: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    now += HOUR / 6;
    await stateIs(ask, 'sent');
    // The same mail for systems that look at that, with a link of its own.
    expect(server.mails[1]?.messageId).toBe(server.mails[0]?.messageId);
    expect(linkOf(1)).not.toBe(linkOf(0));
    expect(await answer(one, linkOf(0), 'not_me')).toBe('given');
    expect(await answer(one, linkOf(1), 'me')).toBe('answered');
  });

  it('goes on where a hub was killed while it sent', async () => {
    const first = asking();
    server.script({ at: 'DATA', hang: true });
    const ask = await asked(first);
    await vi.waitFor(async () => expect((await place.state.asks.get(ask.id))?.attempts).toBe(1), { timeout: 10_000 });
    // The mail is with the server, which does not answer.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await first.stop();
    now += HOUR / 6;
    const second = asking();
    await stateIs(ask, 'sent');
    expect(await answer(second, linkOf(0), 'me')).toBe('given');
  });

  it('asks nobody who has left meanwhile, and marks the answer of one who has left since', async () => {
    const one = asking();
    const ask = await asked(one);
    await stateIs(ask, 'sent');
    people = [{ ...alice, active: false }];
    expect(await answer(one, linkOf(0), 'me', 'all good')).toBe('given');
    expect((await alerts.get(id))?.history.at(-1)).toMatchObject({
      note: 'all good',
      about: { said: 'me', doubt: 'they had left by then' },
    });

    people = [alice];
    await server.stop();
    const [, other = ''] = await openAlerts(1);
    const gone = await one.ask({ alertId: other, datasets: ['*'] }, ANA);
    people = [];
    now += HOUR / 6;
    if (!gone.ok) throw new Error(gone.error.message);
    await stateIs(gone.value, 'failed');
    server = await startSmtp();
  });

  it('does not fill a mailbox', async () => {
    const one = asking();
    const ids = await openAlerts(5);
    for (const each of ids.slice(0, 5)) expect(await refusal(one, each)).toBe('asked');
    expect(await refusal(one, ids[5])).toContain('EAR_ASK_REFUSED Nobody was asked: Alice Example has 5 questions open');
  });

  it('tells no names of events that the asker may not see', async () => {
    const evidence = [
      { eventId: '1-1', timestamp: now, dataset: 'linux.auth', user: 'alice', message: '', matches: [] },
      { eventId: '1-2', timestamp: now, dataset: 'hr.payroll', user: 'secret', message: '', matches: [] },
    ];
    const { get } = alerts;
    alerts = { ...alerts, get: async (each) => ({ ...(await get(each)), evidence }) as AlertDetail };
    const one = asking();
    expect(await refusal(one)).toContain('say whom: alice, secret');
    expect(await refusal(one, id, ['hr.*'])).toContain('does not know secret');
    expect(await refusal(one, id, ['windows.*'])).toContain('EAR_API_NOT_FOUND');
    expect(await refusal(one, id, ['linux.*'])).toBe('asked');
  });

  it('asks nobody while it is off, or of an alert that is not there', async () => {
    expect(await refusal(asking({ by: undefined }))).toContain('EAR_ASK_SETUP');
    expect(await refusal(asking(), 'f'.repeat(32))).toContain('EAR_API_NOT_FOUND');
    expect(audits.map(({ action }) => action)).toEqual(['ask_refused', 'ask_refused']);
    expect(asking({ by: undefined }).askable({ evidence: [] })).toEqual([]);
  });

  it('has an answer told, however many others were asked since', async () => {
    const one = asking();
    const ask = await asked(one);
    await stateIs(ask, 'sent');
    for (const other of ['b', 'c', 'd', 'e']) {
      const line = { change: 'asked', actor: 'ana', note: '', about: { ask: other, state: 'sent' } } as const;
      await place.state.transaction((tx) => noteOnAlert(tx, id, line, now));
    }
    expect(await answer(one, linkOf(0), 'not_me')).toBe('given');
    const [told] = await alerts.told([id]);
    expect(told?.asks?.map(({ change, about }) => `${change} ${about.ask}`)).toEqual([
      'asked b',
      'asked c',
      'asked d',
      'asked e',
      `answered ${ask.id}`,
    ]);
  });

  it('wakes an alert that sleeps for a no alone, and opens none that was resolved', async () => {
    const one = asking();
    const wish = (kind: 'snooze' | 'resolve') =>
      alerts.change(id, { act: kind === 'snooze' ? { kind, until: now + 100 * HOUR } : { kind }, actor: 'ana' });
    await wish('snooze');
    await stateIs(await asked(one), 'sent');
    expect(await answer(one, linkOf(0), 'me')).toBe('given');
    expect((await alerts.get(id))?.state).toBe('snoozed');
    await stateIs(await asked(one), 'sent');
    await wish('resolve');
    expect(await answer(one, linkOf(1), 'not_me')).toBe('given');
    expect((await alerts.get(id))?.state).toBe('resolved');
  });

  it('is forgotten after a time, and its link with it', async () => {
    const one = asking();
    await stateIs(await asked(one), 'sent');
    expect(await place.state.asks.prune(now - HOUR)).toBe(0);
    expect(await place.state.asks.prune(now + 1)).toBe(1);
    expect(await answer(one, linkOf(0), 'me')).toBe('unknown');
  });
});
