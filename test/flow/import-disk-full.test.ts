import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../support/hub-process.ts';
import { idIn, ordinary } from '../support/numbered-messages.ts';
import { canMount, OwnDisk } from '../support/own-disk.ts';
import { PeerProcess } from '../support/peer-process.ts';
import { rawLogBytes } from '../support/raw-log-bytes.ts';

const MIB = 1024 * 1024;
const MIN_FREE_BYTES = 150 * MIB;
const LINES = 15_000;
/** How often the disk is looked at, and some. */
const LOOKED_AT_MS = 2_500;

let folder: string;
let disk: OwnDisk;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-import-full-'));
  const dataDir = join(folder, 'data');
  const bounds = { warn_free_bytes: MIN_FREE_BYTES, min_free_bytes: MIN_FREE_BYTES };
  writeFileSync(join(folder, 'earshot.yaml'), stringify({ data_dir: dataDir, disk: bounds }));
  disk = await OwnDisk.open(dataDir, 400 * MIB);
});

afterEach(async () => {
  await disk.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The command line, on the small disk; no hub runs there. */
function start(command: string, ...args: readonly string[]): PeerProcess {
  const earshot = [process.execPath, 'bin/earshot.js', command, '--config', join(folder, 'earshot.yaml'), ...args];
  const [program = '', ...rest] = disk.inside(earshot);
  const started = new PeerProcess(program, rest);
  onTestFinished(() => started.stop('SIGKILL'));
  return started;
}

const jsonLines = ({ output }: PeerProcess): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

function numberedFile(): string {
  const path = join(folder, 'import.log');
  writeFileSync(path, Array.from({ length: LINES }, (_, i) => `${ordinary('file', i, 600).line}\n`).join(''));
  return path;
}

async function expectAllOnce(): Promise<void> {
  const search = start('search', 'counted', '--json', '--limit', '100000');
  expect(await search.exit, search.output).toBe(0);
  const ids = search.output.split('\n').flatMap((line) => idIn(line) ?? []);
  expect({ events: ids.length, different: new Set(ids).size }).toEqual({ events: LINES, different: LINES });
  const verify = start('verify');
  expect(await verify.exit, verify.output).toBe(0);
}

describe.skipIf(!canMount())('a disk that fills under an import without a hub', () => {
  it('below disk.min_free_bytes it waits, gives up with words that help, and goes on when it is run again', async () => {
    const file = numberedFile();
    const importing = start('import', '--wait', '3', file);
    // Something of it is on disk, and most of it is not.
    await eventually(async () => rawLogBytes(disk.folder) > MIB, { everyMs: 2 });
    importing.signal('SIGSTOP');
    await disk.fillUntil(MIN_FREE_BYTES - 20 * MIB);
    await sleep(LOOKED_AT_MS);
    importing.signal('SIGCONT');
    expect(await importing.exit).toBe(1);
    expect(importing.output).toMatch(/^waiting up to 3 s: .* free \d+ more, or lower disk\.min_free_bytes \(157286400\)$/m);
    expect(importing.output).toMatch(/^\S+import\.log: .* free \d+ more, .*; then the same command goes on from here \(EAR_DISK_LOW\)$/m);
    expect(await disk.freeBytes()).toBeGreaterThan(MIN_FREE_BYTES / 2);

    const again = start('import', '--json', file);
    await eventually(async () => again.output.includes('waiting up to 300 s'));
    disk.makeRoom();
    expect(await again.exit, again.output).toBe(0);
    const [result] = jsonLines(again);
    expect(Number(result?.resumedAt)).toBeGreaterThan(0);
    expect(Number(result?.events)).toBeGreaterThan(0);
    await expectAllOnce();
  });

  it('takes nothing in on a disk that is too full from the start, and does not wait for each file', async () => {
    await disk.fillUntil(MIN_FREE_BYTES - 20 * MIB);
    const files = ['a', 'b', 'c'].map((name) => join(folder, `${name}.log`));
    for (const path of files) writeFileSync(path, `${path}\n`);
    const importing = start('import', '--json', '--wait', '2', ...files);
    expect(await importing.exit).toBe(1);
    expect(importing.output.match(/waiting up to 2 s/g)).toHaveLength(1);
    expect(jsonLines(importing).map(({ path, error }) => [path, String(error).includes('EAR_DISK_LOW')])).toEqual(
      files.map((path) => [path, true]),
    );
    const verify = start('verify', '--json');
    await verify.exit;
    expect(jsonLines(verify)).toMatchObject([{ verifiedEvents: 0 }]);
  });
});
