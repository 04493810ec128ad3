import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DemoProcess } from '../support/demo-process.ts';
import { earshot, eventually } from '../support/hub-process.ts';

interface Top {
  readonly total: number;
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

const DATASETS = ['acme.crm', 'linux.auditd', 'linux.auth', 'linux.cron', 'osirium.pam', 'segura.pam', 'segura.system'];

async function countsOf(demo: DemoProcess, field: string): Promise<Record<string, number>> {
  const from = new Date(Date.now() - 10 * 86_400_000).toISOString();
  const { values } = await demo.get<Top>(`/api/events/top?${new URLSearchParams({ field, from, size: '20' })}`);
  return Object.fromEntries(values.map(({ value, count }) => [value, count]));
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);

/** A button or a menu of the simulated channel, as its page has it. */
interface Button {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly choices: readonly string[];
}

const FORM = /<form [^>]*>(.*?)<\/form>/g;
const buttonsOf = (html: string): Button[] =>
  [...html.matchAll(FORM)].map(([, inside = '']) => {
    const fields = Object.fromEntries([...inside.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    const choices = [...inside.matchAll(/<option value="([^"]*)"/g)].map(([, value = '']) => value);
    return { action: fields.action ?? '', fields, choices };
  });

describe('earshot demo', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'earshot-demo-')), 'data-demo');
  let demo: DemoProcess;
  let lines = 0;

  beforeAll(async () => {
    demo = new DemoProcess(folder, '--days', '1');
    const [, count] = await demo.until(/(\d+) events of the past are in/);
    lines = Number(count);
  });

  afterAll(async () => {
    await demo.stop();
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  it('has the past in, each line once, through every door', async () => {
    const counts = await countsOf(demo, 'event.dataset');
    for (const dataset of DATASETS) expect(counts[dataset], dataset).toBeGreaterThan(10);
    const bySource = await countsOf(demo, 'earshot.source');
    expect(Object.keys(bySource)).toEqual(expect.arrayContaining(['crm', 'linux', 'osirium', 'segura']));
    // What is live comes on top.
    expect(sum(bySource)).toBeGreaterThanOrEqual(lines);
    expect(sum(bySource)).toBeLessThan(lines + 2_000);
  });

  it('knows who the vaults are: their approvals count, and one session has gone on beyond its own', async () => {
    const day = { from: new Date(Date.now() - 86_400_000).toISOString() };
    const found = async (q: string) =>
      (await demo.get<{ events: unknown[] }>(`/api/events?${new URLSearchParams({ q, ...day })}`)).events.length;
    expect(await found('event.action:request_approved')).toBeGreaterThan(0);
    expect(await found('tags:unproven_sender OR tags:dataset_mismatch')).toBe(0);
    const { sessions } = await demo.get<{ sessions: { person: string; approval: string; state: string }[] }>(
      `/api/sessions?${new URLSearchParams({ ...day, limit: '200' })}`,
    );
    // At a weekend there may be no more than what is planted.
    expect(sessions.filter(({ approval }) => approval === 'outran_window')).toMatchObject([{ person: 'pmurray', state: 'ended' }]);
    expect(sessions.filter(({ approval }) => approval === 'none').map(({ person }) => person)).toContain('bromario');
    expect(sessions.filter(({ approval }) => approval === 'outside_window')).toEqual([]);
  });

  it('has alerts of the past, at the times of their events', async () => {
    const { alerts } = await demo.get<{ alerts: { rule_name: string; first_at: string; level: string }[] }>('/api/alerts?limit=200');
    const rules = new Set(alerts.map((alert) => alert.rule_name));
    for (const rule of [
      'segura_root_password_viewed',
      'segura_command_cut_session',
      'segura_second_factor_removed',
      'linux_sudoers_edited',
    ])
      expect(rules, rule).toContain(rule);
    expect(alerts.length).toBeLessThan(60);
    expect(alerts.some(({ first_at: at }) => Date.parse(at) < Date.now() - 6 * 3_600_000)).toBe(true);
  });

  it('goes on with the present, and somebody breaks in', async () => {
    const live = await eventually(
      async () => {
        const q = 'cef.name:"Password Viewed" AND user.name:nreddy AND source.ip:203.0.113.66';
        const { events } = await demo.get<{ events: unknown[] }>(`/api/events?${new URLSearchParams({ q })}`);
        return events.length > 0 && events;
      },
      { withinMs: 110_000, everyMs: 500 },
    );
    expect(live).toHaveLength(1);
    const slack = (parse(readFileSync(join(folder, 'earshot.yaml'), 'utf8')) as { notifiers: { slack: { api_url: string } } }).notifiers
      .slack.api_url;
    await eventually(async () =>
      (await (await fetch(new URL('/', slack))).text()).includes('Password of a Root or Administrator Account Viewed'),
    );
  }, 180_000);

  it('lets the person who started it sign in by a link, once, and has no password of its own', async () => {
    const [, address, code] = await demo.until(/Sign in {8}(http:\S+)\/setup#(\S+)/);
    const look = () =>
      fetch(`${address}/api/setup/look`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: `${address}` },
        body: JSON.stringify({ code }),
      });
    expect(await (await look()).json()).toMatchObject({ first: false, name: 'demo' });
  });

  it('is refused while it runs already', async () => {
    const second = await earshot(['demo', '--data-dir', folder]);
    expect(second).toMatchObject({ code: 2 });
    expect(second.stderr).toContain('runs on');
  });

  it('ends in order, and a second start goes on without telling anything twice', async () => {
    expect(await demo.stop()).toBe(0);
    expect(existsSync(join(folder, 'data', 'run', 'hub.sock'))).toBe(false);
    const before = JSON.parse(readFileSync(join(folder, 'demo.json'), 'utf8')) as { until: number };
    expect(before.until).toBeGreaterThan(Date.now() - 60_000);
    demo = new DemoProcess(folder, '--once');
    await demo.until(/(\d+) events of the past are in|nothing to catch up/);
    const { events } = await demo.get<{ events: unknown[] }>(
      `/api/events?${new URLSearchParams({ q: 'cef.name:"Command detected - Block and interrupt session"' })}`,
    );
    expect(events).toHaveLength(1);
  }, 120_000);

  it('leaves a folder alone that is not a demo', async () => {
    const other = mkdtempSync(join(tmpdir(), 'earshot-not-a-demo-'));
    writeFileSync(join(other, 'thesis.txt'), 'the only copy');
    const { code, stderr } = await earshot(['demo', '--data-dir', other, '--fresh']);
    expect({ code, kept: existsSync(join(other, 'thesis.txt')) }).toEqual({ code: 2, kept: true });
    expect(stderr).toContain('not a demo');
    rmSync(other, { recursive: true });
  });

  it.each([
    ['--days', '0'],
    ['--seed', 'x'],
    ['--speed', '9999'],
  ])('says what %s takes', async (option, value) => {
    const { code, stderr } = await earshot(['demo', '--data-dir', join(folder, '..', 'unused'), option, value]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${option} takes a whole number`);
    expect(existsSync(join(folder, '..', 'unused'))).toBe(false);
  });
});

describe('earshot demo acme', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'earshot-acme-')), 'data-demo');
  let demo: DemoProcess;

  beforeAll(async () => {
    demo = new DemoProcess(folder, 'acme', '--days', '1', '--speed', '1');
    await demo.until(/events of the past are in/);
  });
  afterAll(async () => {
    await demo.stop();
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  const look = async () => await (await fetch(demo.channel)).text();
  const seen = (words: string) => eventually(async () => (await look()).includes(words), { withinMs: 90_000, everyMs: 500 });
  const click = ({ fields }: Button, choice?: string) =>
    fetch(new URL('/click', demo.channel), {
      method: 'POST',
      body: new URLSearchParams({ ...fields, ...(choice !== undefined && { choice }) }),
      redirect: 'manual',
    });
  const button = (wanted: (button: Button) => boolean) =>
    eventually(async () => buttonsOf(await look()).find(wanted), { withinMs: 90_000, everyMs: 500 });

  it('tells of the salesman who takes the leads, with the files', async () => {
    await seen('Somebody Who Leaves Takes Files Along');
    await seen('Glengarry-Leads.xlsx');
  });

  it('tells of the administrator who goes from machine to machine', async () => {
    await seen('Password of a Root or Administrator Account Viewed');
    await seen('Command of High Urgency in a Privileged Session');
  });

  it('signs the salesman out by a click, and the message proves it', async () => {
    const mine = 'all:mcalloway';
    const menu = await button(({ action, choices }) => action === 'sign_out' && choices.includes(mine));
    expect((await click(menu, mine)).status).toBe(303);
    await seen('Nothing is done yet. Earshot signs Matt Calloway');
    await click(await button(({ action }) => action === 'confirm_act'));
    await seen('Proven by the entry user_session_reset_by_admin');
    const { alerts } = await demo.get<{ alerts: { rule_name: string }[] }>('/api/alerts?limit=200');
    expect(alerts.map(({ rule_name: rule }) => rule)).not.toContain('slack_signed_out_by_administrator');
  });

  it('takes no clicks from other pages', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await fetch(new URL('/click', demo.channel), { method: 'POST', headers, body: 'ts=1' })).status).toBe(403);
  });
});
