import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listPrivilegedSessionsEndpoint, onePrivilegedSessionEndpoint } from '../../src/api/contract/privileged-sessions.ts';
import { PrivilegedSessions } from '../../src/hub/privileged/privileged-sessions.ts';
import { SESSION_EVENTS } from '../../src/integrations/index.ts';
import { ok } from '../../src/lib/result.ts';
import type { Event } from '../../src/model/event.ts';
import { evaluate, type Stages } from '../../src/pipeline/evaluator.ts';
import { privilegedSessionsSettings } from '../../src/privileged/settings.ts';
import { settingsSchema } from '../../src/settings.ts';
import { buildStages } from '../../src/stages.ts';
import { as, NOW, setUpApi } from '../support/api.ts';
import { noTokens } from '../support/no-accounts.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

let store: SearchEngine;
let app: FastifyInstance;
let stages: Stages;
let seq = 0;
/** The events that were heard, by their lines. */
const ids = new Map<string, string>();

/** What a vault sends, as the hub stores it; the time is in the syslog header, to the second. */
function heard(at: number, rest: string, transport: 'tcp' | 'udp' = 'tcp'): Event {
  const date = new Date(at);
  const time = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, ' ')} ${date.toISOString().slice(11, 19)}`;
  seq += 1;
  ids.set(rest, `1-${seq}`);
  const bytes = Buffer.from(`<13>${time} vault01 ${rest}`);
  const origin = { transport, address: '192.0.2.1', port: 40_000, datasets: ['segura.pam', 'segura.system', 'osirium.pam'] } as const;
  const { event } = evaluate(stages, 1, { seq, receivedAt: Math.max(at, NOW - DAY), source: 'syslog', origin, bytes });
  return { ...event, fields: event.fields.toFields(), hits: [] };
}

const SEGURA = 'CEF:0|MT4|senhasegura|3.32.0';
const about = (who: string, machine: number, more = '') =>
  `sname=${who} Example suser=${who.toLowerCase()} dst=192.0.2.${machine} dhost=db${machine}.example.com duser=root src=198.51.100.9${more}`;
const started = (at: number, who: string, machine = 10, notice = seq) =>
  heard(at, `${SEGURA}|16|Session started|5|${about(who, machine, ' dpt=22')} suid=153 spid=${notice} msg=Session started for db`);
const ended = (at: number, who: string, machine = 10, notice = seq) =>
  heard(at, `${SEGURA}|17|Session finished|5|${about(who, machine)} suid=153 spid=${notice} msg=Session ended for db`);
const command = (at: number, who: string, machine = 10, kind = '33|Command detected - Allow') =>
  heard(at, `${SEGURA}|${kind}|5|${about(who, machine)} suid=44 msg=An audited command was detected! at ${at}`);
const stamp = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const request = (at: number, kind: string, who: string, by: string, until: number, machine = 10, over: 'tcp' | 'udp' = 'tcp') =>
  heard(
    at,
    `${SEGURA}|${kind}|5|sname=${by} Example suser=${by.toLowerCase()} suid=44 dst=192.0.2.${machine} duser=root cs1Label=Change Request cs1=S1 ` +
      `cs2Label=Validity Start cs2=${stamp(at)} cs3Label=Validity End cs3=${stamp(until)} cs4Label=Approver cs4=Max Example ` +
      `cs5Label=Requester cs5=${who} Example Cs6=Action Cs7=Start session`,
    over,
  );

beforeAll(async () => {
  store = await startSearchEngine();
  stages = buildStages(settingsSchema.parse({}), []).stages;
  const sessions = new PrivilegedSessions({
    engine: store.engine,
    products: SESSION_EVENTS,
    settings: () => privilegedSessionsSettings.parse({}),
    now: () => NOW,
  });
  const api = setUpApi({}, {}, { engine: store.engine, privilegedSessions: sessions, tokens: { ...noTokens, verify } });
  app = api.app;
  alerts = api.deps.alerts;
});

const verify = async (token: string) => ({ name: token, scopes: ['events:read'], datasets: token === 'ear_linux' ? ['linux.*'] : ['*'] });
let alerts: ReturnType<typeof setUpApi>['deps']['alerts'];

afterAll(async () => {
  await app.close();
  await store.stop();
});

beforeEach(() => {
  seq = 0;
  ids.clear();
});

async function list(query: Readonly<Record<string, string>> = {}, token = 'ear_all') {
  const answer = await app.inject({ url: `/api/sessions?${new URLSearchParams(query)}`, headers: as(token) });
  expect(answer.statusCode, answer.body).toBe(200);
  return listPrivilegedSessionsEndpoint.answer.parse(answer.json());
}

async function one(id: string, token = 'ear_all') {
  const answer = await app.inject({ url: `/api/sessions/${id}`, headers: as(token) });
  return answer.statusCode === 200 ? onePrivilegedSessionEndpoint.answer.parse(answer.json()) : answer.statusCode;
}

const MONTH = { from: new Date(NOW - 30 * DAY).toISOString() };
const seen = async (query: Readonly<Record<string, string>> = MONTH) =>
  (await list(query)).sessions.map(({ person, state, approval }) => `${person} ${state} ${approval}`);

describe('privileged sessions in what vaults sent', () => {
  it('have who, where, as whom, how long, what was done and whether it was approved', async () => {
    await store.fill([
      request(NOW - 5 * HOUR, '13|New request', 'Ana', 'Ana', NOW - 3 * HOUR),
      request(NOW - 5 * HOUR + MINUTE, '14|Request approved', 'Ana', 'Max', NOW - 3 * HOUR),
      ended(NOW - 4 * HOUR + 10 * MINUTE, 'Ana'),
      command(NOW - 4 * HOUR + 2 * MINUTE, 'Ana'),
      command(NOW - 4 * HOUR + 3 * MINUTE, 'Ana', 10, '32|Command detected - Block'),
      started(NOW - 4 * HOUR, 'Ana'),
    ]);
    const { sessions, products, cursor } = await list();
    expect([products, cursor]).toEqual([['segura', 'osirium'], undefined]);
    expect(sessions).toMatchObject([
      {
        ...{ id: '1-6', product: 'segura', dataset: 'segura.pam', vault: 'vault01', person: 'ana', person_name: 'Ana Example' },
        ...{ account: 'root', host: 'db10.example.com', address: '192.0.2.10', port: '22', source: '198.51.100.9' },
        ...{ state: 'ended', approval: 'approved', duration_secs: 600, cut: false, commands: 2, blocked: 1, guessed: false },
        requests: [
          { id: 'S1', state: 'approved', requester: 'ana', approver: 'Max Example', valid_until: new Date(NOW - 3 * HOUR).toISOString() },
        ],
      },
    ]);
    const found = await one('1-6');
    if (typeof found === 'number') throw new Error(`${found}`);
    expect(found.timeline.map(({ kind, event }) => [kind, event.id])).toEqual([
      ['asked', '1-1'],
      ['approved', '1-2'],
      ['started', '1-6'],
      ['command', '1-4'],
      ['command_blocked', '1-5'],
      ['ended', '1-3'],
    ]);
    expect(found.searches.machine?.q).toContain('host.name:"db10"');
    // By any of its events, and by none of others.
    expect(await one('1-5')).toMatchObject({ session: { id: '1-6' } });
    expect([await one('1-99'), await one('x')]).toEqual([404, 404]);
  });

  it('are open, ended, never ended, or without a start', async () => {
    await store.fill([
      started(NOW - HOUR, 'Open'),
      started(NOW - 25 * HOUR, 'Never'),
      started(NOW - 27 * HOUR, 'Late'),
      ended(NOW - 2 * HOUR, 'Late'),
      started(NOW - 30 * HOUR, 'Long'),
      ended(NOW - 7 * HOUR, 'Long'),
      heard(NOW - 20 * HOUR, `${SEGURA}|31|Command detected - Block and interrupt session|5|${about('Cut', 10)} suid=44`),
    ]);
    expect(await seen()).toEqual([
      'open open none',
      'late start_unheard not_told',
      'cut start_unheard not_told',
      'never never_ended none',
      'late never_ended none',
      'long ended none',
    ]);
    expect(await seen({ ...MONTH, state: 'never_ended' })).toEqual(['never never_ended none', 'late never_ended none']);
    expect(await seen({ ...MONTH, state: 'open' })).toEqual(['open open none']);
  });

  it('are outside what was approved, at their beginning or at their end', async () => {
    const from = NOW - 10 * HOUR;
    await store.fill([
      request(from, '13|New request', 'Ana', 'Ana', from + HOUR),
      request(from, '14|Request approved', 'Ana', 'Max', from + HOUR),
      request(from, '13|New request', 'Ben', 'Ben', NOW - HOUR, 11),
      started(from + 30 * MINUTE, 'Ana'),
      ended(from + 90 * MINUTE, 'Ana'),
      started(from + 100 * MINUTE, 'Ana'),
      ended(from + 110 * MINUTE, 'Ana'),
      request(from, '14|Request approved', 'Ben', 'Max', NOW - HOUR, 11),
      started(NOW - 2 * HOUR, 'Ben', 11),
    ]);
    expect(await seen()).toEqual(['ben open outran_window', 'ana ended outside_window', 'ana ended outran_window']);
    expect(await seen({ ...MONTH, approval: 'outside_window' })).toEqual(['ana ended outside_window']);
  });

  it('are approved by nobody where anybody could have written it', async () => {
    const from = NOW - 5 * HOUR;
    await store.fill([
      request(from, '13|New request', 'Ana', 'Ana', NOW - HOUR),
      request(from, '14|Request approved', 'Ana', 'Max', NOW - HOUR, 10, 'udp'),
      started(from + HOUR, 'Ana'),
    ]);
    expect(await seen()).toEqual(['ana open none']);
  });

  it('of Osirium begin when their end says, and have nothing of approvals', async () => {
    const line = (id: string, keys: string) => `CEF:0|Osirium|PxM Platform|8.1.2|${id}|4|${keys}`;
    const at = NOW - 3 * HOUR;
    const cef = (ms: number) => `Jan ${new Date(ms).getUTCDate()} 2026 ${new Date(ms).toISOString().slice(11, 19)}`;
    await store.fill([
      heard(at, line('2001|Device connection started', 'dhost=web01.example.com dpt=3389 dst=192.0.2.10 duser=svc suser=ada')),
      heard(
        at + HOUR,
        line('2002|Device connection ended', `dhost=web01.example.com duser=svc end=${cef(at + HOUR)} start=${cef(at)} suser=ada`),
      ),
      heard(
        at + 2 * HOUR,
        line(
          '2002|Device connection ended',
          `dhost=web02.example.com duser=svc end=${cef(at + 2 * HOUR)} start=${cef(at + HOUR)} suser=ada`,
        ),
      ),
    ]);
    expect(await list()).toMatchObject({
      sessions: [
        { host: 'web02.example.com', state: 'ended', approval: 'not_told', duration_secs: 3_600 },
        { host: 'web01.example.com', address: '192.0.2.10', state: 'ended', approval: 'not_told', duration_secs: 3_600 },
      ],
    });
    expect(await seen({ ...MONTH, product: 'segura' })).toEqual([]);
  });

  it('come page by page, without gap or repeat, over months and many of a second', async () => {
    const made = Array.from({ length: 120 }, (_, i) => NOW - (i < 40 ? i * HOUR : i < 80 ? 3 * DAY : i * 12 * HOUR));
    await store.fill(made.flatMap((at, i) => [started(at - 10 * MINUTE, `U${i}`, i + 1), ended(at - 5 * MINUTE, `U${i}`, i + 1)]));
    const all: string[] = [];
    for (let cursor: string | undefined, pages = 0; pages < 40; pages += 1) {
      const page = await list({ from: new Date(NOW - 90 * DAY).toISOString(), limit: '7', ...(cursor && { cursor }) });
      expect(page.sessions.length).toBeLessThanOrEqual(7);
      all.push(...page.sessions.map(({ person }) => person));
      ({ cursor } = page);
      if (cursor === undefined) break;
    }
    expect(all).toHaveLength(120);
    expect(new Set(all).size).toBe(120);
  });

  it('are found by person, account, and part of a machine', async () => {
    await store.fill([started(NOW - HOUR, 'Ana', 10), started(NOW - 2 * HOUR, 'Ben', 11), started(NOW - 3 * DAY, 'Ana', 12)]);
    const people = async (query: Readonly<Record<string, string>>) => (await list({ ...MONTH, ...query })).sessions.map(({ id }) => id);
    expect(await people({ person: 'ANA' })).toEqual(['1-1', '1-3']);
    expect(await people({ target: 'DB11' })).toEqual(['1-2']);
    expect(await people({ target: '192.0.2.12' })).toEqual(['1-3']);
    expect([await people({ account: 'root' }), await people({ account: 'roo' })]).toEqual([['1-1', '1-2', '1-3'], []]);
  });

  it('are there for nobody who may not see the events', async () => {
    await store.fill([started(NOW - HOUR, 'Ana'), ended(NOW - HOUR + SECOND, 'Ana')]);
    expect((await list({}, 'ear_linux')).sessions).toEqual([]);
    expect(await one('1-1', 'ear_linux')).toBe(404);
  });

  it('have the alerts with one of their events', async () => {
    await store.fill([started(NOW - HOUR, 'Ana')]);
    const page = await alerts.list({});
    const [alert] = page.ok ? page.value.alerts : [];
    if (alert === undefined) throw new Error('no alert');
    const before = alerts.list;
    const asked: unknown[] = [];
    Object.assign(alerts, {
      list: async (query: unknown) => {
        asked.push(query);
        return ok({ alerts: [alert, { ...alert, id: 'a2', evidence: [{ ...alert.evidence[0], eventId: '1-2' }] }] });
      },
    });
    expect((await list()).sessions).toMatchObject([{ id: '1-1', alerts: 1 }]);
    expect(asked).toMatchObject([{ persons: ['ana'] }]);
    expect(await one('1-1')).toMatchObject({ alerts: [{ id: 'a1' }] });
    Object.assign(alerts, { list: before });
  });

  it('are asked for alerts of their requests, and for such as are told when they are over', async () => {
    await store.fill([
      request(NOW - 5 * DAY - HOUR, '13|New request', 'Ana', 'Ana', NOW - 5 * DAY + HOUR),
      started(NOW - 5 * DAY, 'Ana'),
      ended(NOW - 5 * DAY + MINUTE, 'Ana'),
      started(NOW - 4 * DAY, 'Ben', 11),
    ]);
    const asked: { from: number; to: number }[] = [];
    const before = alerts.list;
    const list = async (query: { from: number; to: number }) => {
      asked.push(query);
      return ok({ alerts: [] });
    };
    Object.assign(alerts, { list });
    const [ana, ben] = [await one('1-2'), await one('1-4')];
    Object.assign(alerts, { list: before });
    expect(typeof ana === 'object' && ana.session).toMatchObject({ person: 'ana', state: 'ended' });
    expect(asked[0]?.from).toBeLessThanOrEqual(NOW - 5 * DAY - HOUR);
    expect(asked[0]?.to).toBeGreaterThan(NOW - 4 * DAY + HOUR);
    expect(typeof ben === 'object' && [ben.session.state, ben.searches.person.to]).toEqual([
      'never_ended',
      new Date(NOW - 3 * DAY + 1).toISOString(),
    ]);
  });
});
