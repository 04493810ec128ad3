import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

/** A mount namespace of our own lets a small file system be mounted without touching the machine's. */
function canMount(): boolean {
  return spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /mnt']).status === 0;
}

const folder = mkdtempSync(join(tmpdir(), 'earshot-full-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const permitted = canMount();
if (!permitted && process.env.CI === 'true')
  throw new Error('The disk-full test needs the right to mount a tmpfs (unshare -m), and CI must have it.');
if (!permitted) process.stderr.write('\n*** SKIPPED: the disk-full test needs the right to mount a tmpfs (unshare -m). ***\n');

describe.skipIf(!permitted)('a full disk', () => {
  it('is told as such, loses nothing that was acknowledged, and is over when a day is dropped', () => {
    const filler = fileURLToPath(new URL('./disk-filler.ts', import.meta.url));
    const script = `mount -t tmpfs -o size=120m tmpfs ${folder} && exec ${process.execPath} ${filler} ${folder}`;
    const output = execFileSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8', timeout: 100_000 });
    const result: unknown = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    expect(result).toEqual({
      fault: 'disk_full',
      acknowledged: expect.any(Number),
      stored: 'acknowledged',
      afterDrop: 'stored',
      twice: 0,
      restarts: 0,
    });
    expect(result).not.toMatchObject({ acknowledged: 0 });
  });
});
