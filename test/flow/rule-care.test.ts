import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { earshot, eventually } from '../support/hub-process.ts';
import { ruleText } from '../support/sigma-rule.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const SU = (who: string): string => `<86>Nov 20 10:00:00 web01 su[11]: FAILED SU (to ${who}) bob on pts/1`;
const RULE = file('su.yml', ruleText('selection:\n  event.action: su\n  user.effective.name: root\ncondition: selection'));
const tests = (expect: 'match' | 'no_match') =>
  `rule: su\ntests:\n  - { name: fires, raw: '${SU('root')}', expect: ${expect} }\n  - { name: is quiet, raw: '${SU('deploy')}', expect: no_match }\n`;
file('su.test.yml', tests('match'));

describe('test', () => {
  it('reports as JSON; what was rejected has its place', async () => {
    const broken = file('broken.yml', 'title: B\n');
    const { code, stdout } = await earshot(['test', folder, '--json']);
    rmSync(broken);
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ rules: 1, cases: 2, untested: [], failures: [], mutation: { tried: 5, noticed: 4 } });
    expect(report.rejected[0]).toEqual({ file: broken, line: 1, column: 1, reason: expect.stringContaining('`') });
  });

  it('of a rule without tests is good, unless tests are asked for', async () => {
    const path = file('lonely.yml', ruleText('s:\n  f: x\ncondition: s'));
    const good = await earshot(['test', path]);
    expect(good).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('1 have no tests') });
    expect(await earshot(['test', path, '--require-tests'])).toMatchObject({ code: 1, stdout: 'lonely: has no tests\n' });
    rmSync(path);
  });

  it('of nothing has failed', async () => {
    expect((await earshot(['test', file('empty.yml', ''), '--json'])).code).toBe(1);
    rmSync(join(folder, 'empty.yml'));
    expect(await earshot(['test', join(folder, 'nosuch.yml')])).toMatchObject({ code: 2, stdout: '' });
  });

  it('writes for build servers and for the Navigator', async () => {
    const paths = { junit: join(folder, 'report.xml'), navigator: join(folder, 'layer.json') };
    await earshot(['test', 'rules/linux', '--junit', paths.junit, '--navigator', paths.navigator]);
    expect(readFileSync(paths.junit, 'utf8')).toContain(
      '<testcase name="fires on a failure" classname="linux_su_to_root_failed" time="0"/>',
    );
    const layer = JSON.parse(readFileSync(paths.navigator, 'utf8'));
    expect(layer.versions.layer).toBe('4.5');
    expect(layer.techniques.map(({ techniqueID }: { techniqueID: string }) => techniqueID)).toContain('T1110.001');
    expect(await earshot(['test', 'rules/linux', '--junit', '/nowhere/at/all.xml'])).toMatchObject({ code: 2 });
  });

  it('runs again when a file changes', async () => {
    const child = spawn(process.execPath, ['bin/earshot.js', 'test', RULE, '--watch', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const reports = () => out.split('\n').slice(0, -1);
    await eventually(async () => reports().length === 1);
    file('su.test.yml', tests('no_match'));
    await eventually(async () => reports().length >= 2);
    file('su.test.yml', tests('match'));
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(JSON.parse(reports()[0] ?? '').failures).toEqual([]);
    expect(JSON.parse(reports()[1] ?? '').failures).toContainEqual({ rule: 'su', name: 'fires', reason: 'fired' });
  });
});

describe('explain', () => {
  it('shows a rule as it is read', async () => {
    const { code, stdout } = await earshot(['explain', 'linux_su_to_root_failed']);
    expect(code).toBe(0);
    for (const part of ['id         22fd9cab', 'log source product: linux, service: auth', 'selection: user.effective.name: root'])
      expect(stdout).toContain(part);
    const [json] = (await earshot(['explain', RULE, '--json'])).stdout.split('\n');
    expect(JSON.parse(json ?? '')).toMatchObject({ name: 'su', fields: ['event.action', 'user.effective.name'], tree: { kind: 'and' } });
  });

  it('shows what a correlation counts', async () => {
    const counted = 'correlation: { type: event_count, rules: [su], group-by: [user.name], timespan: 5m, condition: { gte: 3 } }';
    const rule = `${ruleText('s:\n  f: x\ncondition: s')}\nname: su\n---\ntitle: C\nid: 5f1c0a99-7d0e-4b3e-9a57-0c8a1f5b2e11\nname: many\n${counted}\n`;
    const path = file('two.yml', rule);
    const { code, stdout } = await earshot(['explain', path]);
    rmSync(path);
    expect(code).toBe(0);
    expect(stdout).toContain('counts     event_count of two\nwithin     300 s\nfor each   user.name\nholds when gte 3\n');
  });

  it('says why not, line by line', async () => {
    const { code, stdout } = await earshot(['explain', RULE, '-'], `${SU('root')}\n${SU('deploy')}\n{"a":1}\n`);
    expect(code).toBe(0);
    expect(stdout).toContain('su: A (medium) fires on line 1');
    expect(stdout).toContain('does not fire on line 2\nWhy not:\n  selection: user.effective.name: root (user.effective.name is "deploy")');
    expect(stdout).toContain(
      'does not fire on line 3\nWhy not:\n  log source product: linux: event.module is "http", and must be linux or syslog',
    );
  });

  it('takes fields as they are with --raw', async () => {
    const path = file(
      'raw.yml',
      ruleText('s:\n  Image|endswith: \\cmd.exe\ncondition: s').replace('taxonomy: ecs\n', '').replace('linux', 'windows'),
    );
    const { code, stdout } = await earshot(['explain', path, '--raw', '-'], '{"Image":"C:\\\\CMD.EXE"}\n{"Image":7}\n');
    rmSync(path);
    expect(code).toBe(0);
    expect(stdout).toContain('raw: A (medium) fires on line 1');
    expect(stdout).toContain('s: Image|endswith: \\cmd.exe (Image is "7")');
    expect(await earshot(['explain', RULE, '--raw', '-'], 'plain\n')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('line 1: '),
    });
  });

  it('shows what would move the cursor as text', async () => {
    const { stdout } = await earshot(['explain', RULE, '-'], `${SU('\x1b]0;owned\x07\u202e')}\n`);
    expect(stdout).toContain('owned');
    for (const hostile of ['\x1b', '\x07', '\u202e']) expect(stdout).not.toContain(hostile);
  });

  it('shows a baseline, silence and a correlation as they are read, and of an event each rule that they count', async () => {
    const silence = await earshot(['explain', 'silence_pam']);
    expect(silence).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('looks for  each event.dataset that does not speak any more'),
    });
    const path = join(folder, 'more.yml');
    const rule =
      'title: R\nname: r\nid: 00000000-0000-4000-8000-0000000000a1\nlogsource: { product: linux }\ndetection: { s: { event.action: x }, condition: s }';
    writeFileSync(path, `${rule}\n---\ntitle: Many\nname: many\nbaseline: { rules: [r], group-by: [user.name] }`);
    const { stdout } = await earshot(['explain', path]);
    expect(stdout).toContain(
      'looks for  more events a day of “more” than the most on a day, for each user.name, in 30 days, once there are 14',
    );
    const counted = await earshot(['explain', path, '-'], `${SU('root')}\n`);
    expect(counted.stdout).toContain('does not fire on line 1');
    expect(counted.stderr).toContain('the rules that it counts are explained');
    expect((await earshot(['explain', 'silence_pam', '--json'])).stdout).toContain('"forget_secs":1209600');
  });

  it('explains a stored event, and says what the hub recorded', async () => {
    const here = ['--data-dir', join(folder, 'data')];
    await earshot(['import', '--source', 'syslog', file('su.log', `${SU('root')}\n`), ...here]);
    const found = JSON.parse((await earshot(['search', 'event.action:su', '--json', '--since', '2000-01-01', ...here])).stdout);
    const { id } = found.event;
    const { stdout } = await earshot(['explain', 'linux_su_to_root_failed', id, '--json', ...here]);
    expect(JSON.parse(stdout)).toMatchObject({ event: id, fires: true, recorded: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const other = await earshot(['explain', RULE, id, ...here]);
    expect(other.stdout).toContain('When it came, the rule did not fire');
    expect(await earshot(['explain', RULE, '1-999999', ...here])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no event'),
    });
  });

  it.each([
    [['explain', 'linux_su_to_root_faild'], 'did you mean linux_su_to_root_failed?'],
    [['explain', 'rules'], 'is a folder'],
    [['explain', 'linux_su_to_root_failed', 'nosuch.log'], 'is no file, and no id of an event'],
  ])('%j is wrong use', async (args, why) => {
    expect(await earshot(args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(why) });
  });
});
