import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { earshot } from '../support/hub-process.ts';

type Json = Record<string, unknown> & { readonly event: Record<string, unknown> };
const jsonLines = (text: string): Json[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('use', () => {
  it.each(COMMANDS.map(({ name }) => [name] as const))('%s --help shows what it does, and an example', async (name) => {
    const { code, stdout } = await earshot([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: earshot ${name}`);
    expect(stdout).toMatch(/Examples:\n {2}\S/);
  });

  it('keeps what was compiled beside the packages, so that the next command starts sooner', async () => {
    await earshot(['--help']);
    expect(existsSync('node_modules/.cache/earshot')).toBe(true);
  });

  it.each([
    [[], ''],
    [['serch'], 'did you mean search?'],
    [['search'], 'search takes QUERY'],
    [['search', 'a', 'b'], 'search takes QUERY'],
    [['search', 'a', '--limt', '5'], 'did you mean --limit?'],
    [['search', 'a', '--limit', 'many'], '--limit takes a whole number'],
    [['search', 'a', '--since', 'yesterday'], '--since takes'],
    [['search', 'a', '--since', '1h', '--until', '2h'], '--since must be before --until'],
    [['search', 'a', '--data-dir', '/nowhere/at/all'], 'there is no data folder /nowhere/at/all'],
    [['verify', '--data-dir', '/nowhere/at/all'], 'there is no data folder'],
    [['search', 'a', '--config', '/nowhere.yaml'], 'there is no file /nowhere.yaml'],
    [['import'], 'import takes FILE'],
    [['import', '--source', 'earshot', 'a.log'], "Earshot's own events"],
    [['import', '--source', 'A B', 'a.log'], 'a name begins with a letter'],
    [['try', '--source', 'nosuch'], 'known: syslog, http, file'],
    [['convert', '--from', 'splunk', 'x'], '--from takes elastalert, wazuh, panther'],
    [['convert', '--from', 'wazuh'], 'convert takes FILE'],
    [['convert', '--from', 'wazuh', '/nowhere/x.xml'], '/nowhere/x.xml cannot be read'],
    [['convert', '--from', 'wazuh', '--logsource', 'colour=red', 'package.json'], '--logsource takes'],
    [['token', 'make', 'x'], 'token takes create, list or revoke'],
    [['user', 'make', 'x'], 'user takes list, create'],
    [['user', 'create'], 'user create needs a NAME'],
    [['user', 'create', 'x', '--role', 'god'], '--role takes viewer'],
    [['user', 'change', 'x'], 'say what is to change'],
  ])('%j is wrong use', async (args, why) => {
    const { code, stdout, stderr } = await earshot(args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) });
    expect(stderr).not.toMatch(/\n\s+at /);
    if (args.length > 0) expect(stdout).toBe('');
    expect(existsSync('/nowhere')).toBe(false);
  });
});

describe('try', () => {
  it('prints exactly one object a line, whatever the line', async () => {
    const input = ['plain', '', 'a\xff', 'n\0ul', 'c\rr', 'crlf\r', '{"user":{"name":"eve"}}', '{"broken":', 'last'].join('\n');
    const child = spawn(process.execPath, ['bin/earshot.js', 'try', '--json'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(Buffer.from(input, 'latin1'));
    let stdout = '';
    for await (const chunk of child.stdout) stdout += chunk;
    const tried = jsonLines(stdout);
    expect(tried.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(tried.map(({ source }) => source)).toEqual([
      'syslog',
      'syslog',
      'syslog',
      'syslog',
      'syslog',
      'syslog',
      'http',
      'http',
      'syslog',
    ]);
    expect(tried.map(({ event }) => (event.event as Json).original)).toEqual([
      'plain',
      '',
      'a\uFFFD',
      'n\0ul',
      'c\rr',
      'crlf',
      '{"user":{"name":"eve"}}',
      '{"broken":',
      'last',
    ]);
    expect((tried[2]?.event.event as Json | undefined)?.original_base64).toBe(Buffer.from('a\xff', 'latin1').toString('base64'));
    expect(tried[6]).toMatchObject({ event: { json: { user: { name: 'eve' } } }, hits: [], error: null, decoded: { format: 'json' } });
  });

  it('takes a type for a source, and shows header fields and hits', async () => {
    const line =
      '<86>Nov 21 10:00:00 web01 sudo: mallory : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/mallory ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow\n';
    const { code, stdout } = await earshot(['try', '--source', 'syslog', '--json'], line);
    expect(code).toBe(0);
    const [tried] = jsonLines(stdout);
    expect(Object.keys(tried ?? {})).toEqual(['line', 'source', 'decoded', 'event', 'hits', 'error']);
    expect(tried).toMatchObject({
      source: 'syslog',
      event: { host: { name: 'web01' }, log: { syslog: { priority: 86, appname: 'sudo', hostname: 'web01' } }, user: { name: 'mallory' } },
      hits: [{ title: 'Sudo by Somebody Who Is Not in Sudoers', level: 'medium', id: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    });
  });

  it('takes of a line of 10 MB the beginning, and the next one whole', async () => {
    const { code, stdout } = await earshot(['try', '--json'], `${'x'.repeat(10_000_000)}\nnext\n`);
    expect(code).toBe(0);
    const [long, next] = jsonLines(stdout);
    expect(String((long?.event.event as Json | undefined)?.original).length).toBe(1024 * 1024);
    expect(long).toMatchObject({ decoded: { notes: ['truncated'] } });
    expect(next).toMatchObject({ line: 2, event: { event: { original: 'next' } } });
  });

  it('shows what would move the cursor as text', async () => {
    const { stdout } = await earshot(['try'], '\x1b]0;owned\x07 \u202egnp.exe\n');
    expect(stdout).toContain('\\u001b]0;owned\\u0007');
    for (const hostile of ['\x1b', '\x07', '\u202e']) expect(stdout).not.toContain(hostile);
  });
});
