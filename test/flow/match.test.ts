import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { earshot } from '../support/hub-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-match-'));
const rules = join(folder, 'rules');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const WHOAMI = '5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e11';
const SUDO = '5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e12';

beforeAll(() => {
  mkdirSync(rules);
  file(
    'rules/whoami.yml',
    `title: Whoami\nid: ${WHOAMI}\nlogsource: { product: windows, category: process_creation }\ndetection: { s: { CommandLine|contains: whoami }, condition: s }\n`,
  );
  file(
    'rules/sudo.yml',
    `title: Sudo\nid: ${SUDO}\nlogsource: { product: linux }\ndetection: { s: { process.name: sudo }, condition: s }\n`,
  );
  file('rules/wrong.yml', 'title: Wrong\n');
});

const out = (text: string): unknown[] => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
const match = async (args: readonly string[], stdin = '') => {
  const { code, stdout, stderr } = await earshot(['match', '--json', ...args], stdin);
  return { code, lines: out(stdout), stderr };
};

describe('earshot match', () => {
  it('prints one line for each line that is not empty, and tells what it could not read', async () => {
    const { code, lines, stderr } = await match(
      ['--rules', rules, '--raw'],
      '{"CommandLine":"WHOAMI /all","process":{"name":"sudo"}}\r\n\n  \n[1]\n{"a":\n{"process.name":"sudo"}',
    );
    expect(lines).toEqual([
      { line: 1, rules: [SUDO, WHOAMI] },
      { line: 4, rules: [], error: 'not a JSON object' },
      { line: 5, rules: [], error: expect.stringContaining('JSON') },
      { line: 6, rules: [SUDO] },
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/rules\/wrong\.yml:1:1: .*missing/);
  });

  it('asks all rules, or those that may be for the log source', async () => {
    const event = '{"CommandLine":"whoami","process":{"name":"sudo"}}\n';
    const asked = async (...more: string[]) => (await match(['--rules', rules, '--raw', ...more], event)).lines;
    expect(await asked('--logsource', 'product=windows,category=process_creation')).toEqual([{ line: 1, rules: [WHOAMI] }]);
    expect(await asked('--logsource', 'product=linux')).toEqual([{ line: 1, rules: [SUDO] }]);
    expect(await asked('--logsource', 'product=macos')).toEqual([{ line: 1, rules: [] }]);
  });

  it('reads rules of several paths together, with the lists of a folder', async () => {
    for (const each of ['base', 'above', 'lists']) mkdirSync(join(folder, each));
    file(
      'base/admin.yml',
      `title: Admin\nid: ${SUDO}\nname: admin\nlogsource: { product: linux }\ndetection: { s: { user|expand: '%admins%' }, condition: s }\n`,
    );
    file(
      'above/many.yml',
      `title: Many\nid: ${WHOAMI}\ncorrelation: { type: event_count, rules: [admin], timespan: 1m, condition: { gte: 2 } }\n`,
    );
    file('lists/admins.yml', 'kind: account\nreason: Administrators\nauthor: ada@example.com\nentries: [{ value: ana }]\n');
    const events = ['ana', 'bob', 'ana'].map((user, i) => JSON.stringify({ user, '@timestamp': 1_000 * (i + 1) })).join('\n');
    const paths = `${join(folder, 'above')},${join(folder, 'base')}`;
    const { lines, stderr } = await match(['--rules', paths, '--lists', join(folder, 'lists'), '--raw'], events);
    expect(stderr).toBe('');
    expect(lines).toEqual([
      { line: 1, rules: [SUDO] },
      { line: 2, rules: [] },
      { line: 3, rules: [SUDO] },
      expect.objectContaining({ correlation: WHOAMI, count: 2, lines: [1, 3] }),
    ]);
    expect((await match(['--rules', paths, '--raw'], events)).code).toBe(2);
    expect((await match(['--rules', paths, '--lists', join(folder, 'gone'), '--raw'])).code).toBe(2);
  });

  it('without --raw reads events as a hub does', async () => {
    const event = { '@timestamp': '2026-11-20T10:00:00Z', host: { os: { type: 'linux' } }, process: { name: 'sudo' } };
    const other = { ...event, host: { os: { type: 'macos' } } };
    const { lines } = await match(['--rules', rules], `${JSON.stringify(event)}\n${JSON.stringify(other)}\n`);
    expect(lines).toEqual([
      { line: 1, rules: [SUDO] },
      { line: 2, rules: [] },
    ]);
  });

  it('reads files, plain and compressed, one after the other, and a single rule file', async () => {
    const event = '{"CommandLine":"whoami"}';
    const paths = [
      file('a.ndjson', `${event}\n{}`),
      file('b.gz', gzipSync(`{}\n${event}\n`)),
      file('c.zst', zstdCompressSync(Buffer.from(event))),
    ];
    const { code, lines } = await match(['--rules', join(rules, 'whoami.yml'), '--raw', ...paths]);
    expect(code).toBe(0);
    expect(lines.map((line) => (line as { rules: string[] }).rules.length)).toEqual([1, 0, 0, 1, 1]);
    expect(lines.map((line) => (line as { line: number }).line)).toEqual([1, 2, 3, 4, 5]);
    expect(await match(['--rules', rules, '--raw', join(folder, 'none'), paths[2] ?? ''])).toMatchObject({
      code: 1,
      lines: [{ line: 1, rules: [WHOAMI] }],
      stderr: expect.stringContaining('ENOENT'),
    });
  });

  it('tells wrong use: no rules, none that can be used, a log source that is none', async () => {
    for (const args of [
      [],
      ['--rules', join(folder, 'none')],
      ['--rules', join(rules, 'wrong.yml')],
      ['--rules', rules, '--logsource', 'x=y'],
    ]) {
      expect(await match(['--raw', ...args])).toMatchObject({ code: 2, lines: [] });
    }
  });

  it('stops when nobody reads any more, and answers before the input ends', async () => {
    const child = spawn(process.execPath, ['bin/earshot.js', 'match', '--json', '--raw', '--rules', rules], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.write('{"CommandLine":"whoami"}\n');
    const [first] = await once(child.stdout, 'data');
    expect(String(first)).toBe(`{"line":1,"rules":["${WHOAMI}"]}\n`);
    child.stdout.destroy();
    const feed = setInterval(() => child.stdin.write('{}\n'), 20);
    const [code] = await once(child, 'exit');
    clearInterval(feed);
    expect(code).toBe(0);
  });

  it('tells at the end what baselines found', async () => {
    const id = '5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e31';
    const path = file(
      'unusual.yml',
      `title: failed\nname: failed\nid: ${WHOAMI}\nlogsource: { product: windows }\ndetection: { s: { EventID: 4625 }, condition: s }\n---\n` +
        `title: more\nname: more\nid: ${id}\nbaseline: { rules: [failed], group-by: [User], least_history: 3d }\n`,
    );
    const days = ['01', '02', '03', '04', '04'].map((day) =>
      JSON.stringify({ '@timestamp': `2026-11-${day}T10:00:00Z`, EventID: 4625, User: 'Eve' }),
    );
    const { code, lines } = await match(['--raw', '--rules', path], days.join('\n'));
    expect(code).toBe(0);
    expect(lines.slice(5)).toEqual([
      {
        ...{
          baseline: id,
          group: { User: 'Eve' },
          start: '2026-11-04T00:00:00.000Z',
          first: '2026-11-04T10:00:00.000Z',
          last: '2026-11-04T10:00:00.000Z',
        },
        ...{ value: 2, norm: 1, history_days: 3, count: 2, lines: [4, 5] },
      },
    ]);
  });

  it('tells at the end what correlations found, by the time of @timestamp', async () => {
    const correlation = (id: string, title: string, body: string) =>
      `---\ntitle: ${title}\nname: ${title}\nid: ${id}\ncorrelation: ${body}\n`;
    const [brute, worked] = ['5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e21', '5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e22'];
    const single = (id: string, name: string, code: number) =>
      `title: ${name}\nname: ${name}\nid: ${id}\nlogsource: { product: windows }\ndetection: { s: { EventID: ${code} }, condition: s }\n`;
    const path = file(
      'logins.yml',
      [
        `${single(WHOAMI, 'failed', 4625)}---\n${single(SUDO, 'login', 4624)}`,
        correlation(brute, 'brute', '{ type: event_count, rules: [failed], group-by: [User], timespan: 1m, condition: { gte: 3 } }'),
        correlation(worked, 'worked', '{ type: temporal_ordered, rules: [brute, login], group-by: [User], timespan: 5m }'),
      ].join(''),
    );
    const event = (time: string | number | undefined, EventID: number, User: string) =>
      JSON.stringify({ '@timestamp': time, EventID, User });
    const events = [
      event('2026-11-20T10:00:20Z', 4625, 'bob'),
      event('2026-11-20T10:00:00Z', 4625, 'Bob'),
      event('2026-11-20T10:00:30Z', 4625, 'eve'),
      event(undefined, 4625, 'bob'),
      event('2026-11-20T12:00:40+02:00', 4625, 'BOB'),
      event(Date.UTC(2026, 10, 20, 10, 3), 4624, 'bob'),
    ];
    const { code, lines, stderr } = await match(['--rules', path, '--raw'], events.join('\n'));
    expect(code).toBe(0);
    expect(lines).toHaveLength(8);
    expect(lines.slice(6)).toEqual([
      {
        correlation: brute,
        group: { User: 'Bob' },
        first: '2026-11-20T10:00:00.000Z',
        last: '2026-11-20T10:00:40.000Z',
        count: 3,
        lines: [1, 2, 5],
      },
      {
        correlation: worked,
        group: { User: 'Bob' },
        first: '2026-11-20T10:00:00.000Z',
        last: '2026-11-20T10:03:00.000Z',
        count: 4,
        lines: [1, 2, 5, 6],
      },
    ]);
    expect(stderr).toContain('1 event takes part in no correlation');
  });
});
