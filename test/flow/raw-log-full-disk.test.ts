import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

const Outcome = z.object({
  refusal: z.string(),
  whenFull: z.looseObject({ open: z.boolean(), reason: z.string(), fault: z.string() }),
  refusedAgain: z.string(),
  acknowledged: z.array(z.number()),
  released: z.array(z.number()),
  replayed: z.array(z.number()),
  after: z.looseObject({ open: z.boolean(), damagedFiles: z.number() }),
});

/** Runs a script with its folder on a disk of its own, of 8 MiB; nothing where this machine lets nobody mount. */
function runOnSmallDisk(script: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-full-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const mount = 'mount -t tmpfs -o size=8m tmpfs "$1" || exit 77; shift; exec "$@"';
  for (const flags of ['-m', '-Urm']) {
    const args = [flags, 'sh', '-c', mount, 'sh', folder, process.execPath, script, folder];
    const ran = spawnSync('unshare', args, { encoding: 'utf8', timeout: 60_000 });
    if (ran.status === 0) return ran.stdout;
    const forbidden = ran.error !== undefined || ran.status === 77 || ran.stderr.startsWith('unshare:');
    if (!forbidden) throw new Error(`the script failed: ${ran.stderr}`);
  }
  return undefined;
}

it('stands a full disk: refuses, keeps what was acknowledged, and goes on when there is room', (context) => {
  const output = runOnSmallDisk(join(import.meta.dirname, 'raw-log-full-disk-run.ts'));
  if (output === undefined) {
    if (process.env.CI === 'true') throw new Error('this machine lets nobody mount a file system: a full disk was not tried');
    console.warn('NOT TRIED: a full disk. This machine lets nobody mount a file system (unshare -m).');
    return context.skip();
  }
  const outcome = Outcome.parse(JSON.parse(output));
  expect(outcome.refusal).toBe('EAR_RAW_LOG_IO');
  expect(outcome.whenFull).toMatchObject({ open: false, reason: 'fault', fault: expect.stringContaining('ENOSPC') });
  expect(outcome.refusedAgain).toBe('EAR_RAW_LOG_IO');
  expect(outcome.released.length).toBeGreaterThan(0);
  expect(outcome.replayed.length).toBeGreaterThan(0);
  const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
  expect(sorted([...outcome.released, ...outcome.replayed])).toEqual(sorted(outcome.acknowledged));
  expect(outcome.after).toMatchObject({ open: true, damagedFiles: 0 });
});
