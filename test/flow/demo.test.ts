import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { overSocket } from '../../src/lib/socket-client.ts';
import { earshot, eventually } from '../support/hub-process.ts';

/** The demo, as a user starts it. */
class Demo {
  readonly folder: string;
  said = '';
  #child: ChildProcess;

  constructor(folder: string, ...options: readonly string[]) {
    this.folder = folder;
    const child = spawn(process.execPath, ['bin/earshot.js', 'demo', '--data-dir', folder, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const leave = () => void child.kill('SIGKILL');
    process.once('exit', leave);
    child.once('exit', () => process.off('exit', leave));
    const collect = (chunk: Buffer) => {
      this.said += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    this.#child = child;
  }

  async until(words: RegExp): Promise<RegExpExecArray> {
    return await eventually(
      async () => {
        const found = words.exec(this.said);
        if (found === null && this.#child.exitCode !== null) throw new Error(`the demo ended: ${this.said}`);
        return found ?? undefined;
      },
      { withinMs: 90_000 },
    );
  }

  async get<T>(path: string): Promise<T> {
    const { body } = await overSocket(join(this.folder, 'data', 'run', 'hub.sock'), { method: 'GET', path });
    return JSON.parse(body.toString()) as T;
  }

  async stop(): Promise<number | null> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
    return this.#child.exitCode;
  }
}

interface Top {
  readonly total: number;
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

const DATASETS = ['acme.crm', 'linux.auditd', 'linux.auth', 'linux.cron', 'osirium.pam', 'segura.pam', 'segura.system'];

async function countsOf(demo: Demo, field: string): Promise<Record<string, number>> {
  const from = new Date(Date.now() - 10 * 86_400_000).toISOString();
  const { values } = await demo.get<Top>(`/api/events/top?${new URLSearchParams({ field, from, size: '20' })}`);
  return Object.fromEntries(values.map(({ value, count }) => [value, count]));
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);

describe('earshot demo', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'earshot-demo-')), 'data-demo');
  let demo: Demo;
  let lines = 0;

  beforeAll(async () => {
    demo = new Demo(folder, '--days', '1');
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
    demo = new Demo(folder, '--once');
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
