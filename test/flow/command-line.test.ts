import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { rawLogBytes } from '../support/raw-log-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-cli-'));
const dataDir = join(folder, 'data');
const here = ['--data-dir', dataDir];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of that content. */
function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const lines = (animal: string, count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => `${animal} number ${from + i} went by\n`).join('');

type Json = Record<string, unknown> & { readonly event: Record<string, unknown> };
const jsonLines = (text: string): Json[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function count(query: string, where: readonly string[] = here): Promise<number> {
  const { code, stdout, stderr } = await earshot(['search', query, '--json', '--limit', '100000', '--since', '30d', ...where]);
  if (code !== 0) throw new Error(stderr);
  return jsonLines(stdout).length;
}

describe('a folder without a hub', () => {
  it('is made by the first import, for its user alone', async () => {
    const { code, stdout } = await earshot(['import', file('zebra.log', lines('zebra', 1200)), ...here]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('1200 events stored') });
    expect(await count('zebra')).toBe(1200);
  });

  it('stores the same content once: renamed, compressed, grown, in another form', async () => {
    const content = lines('zebra', 1200);
    const paths = [
      file('renamed.log', content),
      file('zebra.log.1.gz', gzipSync(content)),
      file('zebra.log.2.zst', zstdCompressSync(Buffer.from(content))),
      file('grown.log', content + lines('zebra', 100, 1201)),
    ];
    const { code, stdout } = await earshot(['import', '--json', ...paths, ...here]);
    expect(code).toBe(0);
    expect(jsonLines(stdout).map(({ events }) => events)).toEqual([0, 0, 0, 100]);
    expect(await count('zebra')).toBe(1300);
  });

  it('reads NDJSON and JSON arrays as events', async () => {
    const events = Array.from({ length: 30 }, (_, i) => ({ message: 'an okapi', user: { name: `user${i}` } }));
    const array = file('okapi.json', JSON.stringify(events.slice(0, 20), null, 2));
    const ndjson = file(
      'okapi.ndjson',
      events
        .map((event) => `${JSON.stringify(event)}\n`)
        .slice(20)
        .join(''),
    );
    expect((await earshot(['import', '--source', 'zoo', array, ndjson, ...here])).code).toBe(0);
    const { stdout } = await earshot(['search', 'okapi AND json.user.name:user7', '--json', ...here]);
    expect(jsonLines(stdout)).toMatchObject([{ json: { user: { name: 'user7' } }, earshot: { source: 'zoo' } }]);
    expect(await count('okapi')).toBe(30);
  });

  it('takes the good files of a list, tells of the others, and exits with 1', async () => {
    const locked = file('locked.log', lines('lynx', 3));
    chmodSync(locked, 0);
    mkdirSync(join(folder, 'folder.log'));
    const good = file('good.log', lines('lynx', 5));
    const broken = file('broken.gz', Buffer.concat([gzipSync(lines('mole', 50)).subarray(0, 30)]));
    const { code, stdout, stderr } = await earshot([
      'import',
      join(folder, 'nosuch.log'),
      join(folder, 'folder.log'),
      broken,
      good,
      ...here,
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${good}: 5 events stored`);
    expect(stderr).toContain('nosuch.log: there is no such file');
    expect(stderr).toContain('folder.log: not a file');
    expect(stderr).toContain('broken.gz: ');
    expect(stderr).not.toMatch(/\n\s+at /);
    if (process.getuid?.() !== 0) expect((await earshot(['import', locked, ...here])).stderr).toContain('may not be read');
    expect(await count('lynx')).toBe(5);
  });

  it('goes on after Ctrl-C where it stopped, and stores nothing twice', async () => {
    const path = file('gnu.log', lines('gnu', 400_000));
    const before = rawLogBytes(dataDir);
    const child = spawn(process.execPath, ['bin/earshot.js', 'import', path, ...here], { stdio: ['ignore', 'ignore', 'pipe'] });
    let talk = '';
    child.stderr.on('data', (chunk: Buffer) => {
      talk += chunk.toString();
    });
    // Something of it is on disk, and most of it is not.
    await eventually(async () => rawLogBytes(dataDir) > before + 1_000_000, { everyMs: 2 });
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect({ code, talk }).toEqual({ code: 1, talk: expect.stringContaining('the same command goes on from here') });
    expect(await count('"gnu number 1 went"')).toBe(1);
    const { stdout } = await earshot(['import', '--json', path, ...here]);
    const [result] = jsonLines(stdout);
    expect(Number(result?.resumedAt)).toBeGreaterThan(0);
    const { stdout: verified } = await earshot(['verify', '--json', ...here]);
    expect(JSON.parse(verified)).not.toHaveProperty('difference');
    expect(await count('gnu AND "number 400000"')).toBe(1);
    expect(await count('"gnu number 200000"')).toBe(1);
  });

  it('lets commands take turns', async () => {
    const runs = await Promise.all([
      earshot(['import', file('a.log', lines('heron', 10)), ...here]),
      earshot(['search', 'zebra', ...here]),
      earshot(['import', file('b.log', lines('stork', 10)), ...here]),
      earshot(['verify', ...here]),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await count('heron OR stork')).toBe(20);
  });

  it('says that no hub runs there', async () => {
    expect(await earshot(['reload', ...here])).toMatchObject({ code: 1, stderr: expect.stringContaining('no hub runs') });
  });
});

describe('with a running hub on it', () => {
  let hub: HubProcess;
  const there = () => ['--config', hub.configFile];

  beforeAll(async () => {
    hub = await HubProcess.create({}, { dataDir: folder });
    await hub.start();
  });

  afterAll(async () => {
    await hub.kill('SIGTERM');
  });

  describe('search', () => {
    it('marks what is wrong with a query, and exits with 1', async () => {
      const { code, stdout, stderr } = await earshot(['search', 'user.name:(alice OR "bob', ...here]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      const [message, shown, mark] = stderr.split('\n');
      expect(message).toContain('EAR_SEARCH_SYNTAX');
      expect(shown?.[mark?.indexOf('^') ?? 0]).toBe('"');
    });

    it('pages on behind the 500 that come at a time, newest first and each once', async () => {
      const { stdout } = await earshot(['search', 'zebra', '--json', '--limit', '1250', ...here]);
      const ids = jsonLines(stdout).map(({ event }) => event.id);
      expect(new Set(ids).size).toBe(1250);
      expect((await earshot(['search', 'zebra', ...here])).stdout.split('\n')).toHaveLength(51);
    });

    it.each(['15m', '24h', '7d', '1w', 'now-1d', 'now-1d/d', '2020-01-31', '2020-01-31T10:00:00Z', '1577836800'])(
      'takes --since %s',
      async (since) => {
        expect(jsonLines((await earshot(['search', 'okapi', '--json', '--since', since, ...here])).stdout)).toHaveLength(30);
      },
    );

    it('finds nothing before the first event, and prints nothing then', async () => {
      expect(await earshot(['search', 'zebra', '--since', '2001-01-01', '--until', '2001-02-01', ...here])).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      });
    });

    it('prints the event nested, with its bytes and the rules that matched', async () => {
      const sudo = 'mallory : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/mallory ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow';
      const raw = Buffer.concat([Buffer.from(`<86>1 ${new Date().toISOString()} web01 sudo - - - ${sudo} `), Buffer.from([0xff])]);
      expect((await earshot(['import', file('sudo.log', raw), ...here])).code).toBe(0);
      const [found] = jsonLines((await earshot(['search', 'mallory', '--json', ...here])).stdout);
      expect(found).toMatchObject({
        event: { original: `${raw.subarray(0, -1)}\uFFFD`, original_base64: raw.toString('base64') },
        log: { syslog: { priority: 86, hostname: 'web01' } },
        earshot: { source: 'import', hits: [{ title: 'Sudo by Somebody Who Is Not in Sudoers', level: 'medium' }] },
      });
      expect((await earshot(['search', 'mallory', ...here])).stdout).toContain('[medium: Sudo by Somebody Who Is Not in Sudoers]');
    });

    it('ends without a word when its reader has seen enough', async () => {
      for (const command of [`search zebra --json --limit 1300 --data-dir '${dataDir}'`, 'try --json', '--help']) {
        const script = `set -o pipefail; yes hello | head -5000 | '${process.execPath}' bin/earshot.js ${command} | head -1 >/dev/null`;
        const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
        let talk = '';
        child.stderr.on('data', (chunk: Buffer) => {
          talk += chunk.toString();
        });
        await once(child, 'close');
        expect(talk).toBe('');
      }
    });
  });

  it('goes through it, and what was imported is found at once', async () => {
    const path = file('ibex.log', lines('ibex', 700));
    expect(await earshot(['import', path, ...there()])).toMatchObject({ code: 0 });
    expect(await count('ibex', there())).toBe(700);
    expect(await earshot(['import', path, ...there()])).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing new') });
    appendFileSync(path, lines('ibex', 1, 701));
    expect(await earshot(['import', path, '--data-dir', join(hub.dataDir, 'data')])).toMatchObject({ code: 0 });
    expect(await count('ibex', there())).toBe(701);
    expect(await earshot(['verify', ...there()])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^good: /) });
  });

  it('keeps tokens: made once, listed, revoked', async () => {
    expect((await earshot(['token', 'create', 'probe', '--scope', 'events:read', ...there()])).stdout).toMatch(/^ear_\S+\n$/);
    expect(await earshot(['token', 'create', 'probe', '--scope', 'events:read', ...there()])).toMatchObject({ code: 1 });
    expect((await earshot(['token', 'list', ...there()])).stdout).toContain('probe\tevents:read\t*\tnever used');
    expect(await earshot(['token', 'revoke', 'probe', ...there()])).toMatchObject({ code: 0 });
    expect(await earshot(['token', 'revoke', 'probe', ...there()])).toMatchObject({ code: 1 });
  });

  it('keeps users: made with a link, changed, removed; who is locked out gets another link', async () => {
    const user = (...args: string[]) => earshot(['user', ...args, ...there()]);
    const link = /^http:\/\/127\.0\.0\.1:\d+\/setup#[\w-]{43}\n$/;
    expect(await user('create', 'ada', '--role', 'analyst', '--datasets', 'linux.*,cef')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(link),
    });
    expect(await user('create', 'ada')).toMatchObject({ code: 1, stderr: expect.stringContaining('There is a user ada already') });
    expect((await user('list')).stdout).toContain('ada\tanalyst\tlinux.*,cef\tinvited\tnever signed in');
    expect((await user('change', 'Ada', '--role', 'viewer')).stdout).toContain('ada\tviewer\t');
    expect((await user('invite', 'ada')).stdout).toMatch(link);
    expect((await user('disable', 'ada')).stdout).toContain('\tdisabled\t');
    expect((await user('remove', 'ada')).stdout).toBe('removed: ada\n');
    expect(await user('remove', 'ada')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no user ada') });
  });

  it('refuses a second hub on the folder', async () => {
    expect(await earshot(['run', ...there()])).toMatchObject({ code: 1, stderr: expect.stringContaining('EAR_DATA_DIR_BUSY') });
  });

  it('works on what a killed hub left: stale socket and all', async () => {
    await hub.kill('SIGKILL');
    expect(existsSync(hub.socketPath)).toBe(true);
    expect(await count('ibex', there())).toBe(701);
    expect(await earshot(['verify', ...there()])).toMatchObject({ code: 0 });
    await hub.start();
    expect(await count('ibex', there())).toBe(701);
  });

  it('stops in order when it is told, and says nothing alarming', async () => {
    hub.log = '';
    await hub.kill('SIGTERM');
    expect(hub.log).toContain('stopping');
    expect(hub.log).not.toMatch(/"level":"(warn|error)"|SIGKILL/);
  });
});
