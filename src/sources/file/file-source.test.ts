import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryIntake } from '../../../test/support/memory-intake.ts';
import { RecordingTelemetry } from '../../../test/support/recording-telemetry.ts';
import type { RunningSource } from '../source.ts';
import { startFileSource } from './file-source.ts';
import { type FileSettings, fileSettings } from './settings.ts';

let folder: string;
let intake: MemoryIntake;
let telemetry: RecordingTelemetry;
let running: RunningSource<FileSettings> | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-file-'));
  intake = new MemoryIntake();
  telemetry = new RecordingTelemetry();
});

afterEach(async () => {
  intake.open = true;
  await stop();
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`);
const write = (name: string, from: number, to: number) =>
  appendFileSync(
    at(name),
    lines(from, to)
      .map((l) => `${l}\n`)
      .join(''),
  );

async function start(settings: object = {}) {
  running = await startFileSource({
    name: 'logs',
    settings: fileSettings.parse({
      paths: [at('app.log*')],
      poll_interval_ms: 10,
      refresh_interval_secs: 1,
      rotate_wait_secs: 1,
      ...settings,
    }),
    intake,
    telemetry,
    now: Date.now,
    loadCheckpoint: async () => intake.checkpoint,
  });
}

async function stop() {
  await running?.stop();
  running = undefined;
}

const sorted = () => intake.messages.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5)));

describe('the file source', () => {
  it('reads what is there and what comes, line by line, with its path', async () => {
    write('app.log', 0, 3);
    await start();
    await intake.atLeast(3);
    appendFileSync(at('app.log'), 'line 3\r\n\nline 4, unfin');
    await intake.atLeast(4);
    appendFileSync(at('app.log'), 'ished\n');
    await intake.atLeast(5);
    expect(intake.messages).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4, unfinished']);
    expect(intake.stored[0]?.origin).toEqual({ transport: 'file', path: at('app.log'), timeZone: 'UTC' });
  });

  it('starts at the end when it is told to, and reads new files whole', async () => {
    appendFileSync(at('app.log'), 'old\nhalf');
    await start({ from: 'end' });
    write('app.log.other', 0, 1);
    await intake.atLeast(1);
    appendFileSync(at('app.log'), ' a line\nline 1\n');
    await intake.atLeast(2);
    expect(sorted()).toEqual(lines(0, 2));
  });

  it('reads each line once over restarts', async () => {
    for (let i = 0; i < 5; i++) {
      write('app.log', i * 100, i * 100 + 100);
      await start();
      await intake.atLeast((i + 1) * 100);
      await stop();
    }
    expect(intake.messages).toEqual(lines(0, 500));
  });

  it('follows a rename, into the paths and out of them', async () => {
    for (const rotated of ['app.log.1', 'old-app']) {
      intake = new MemoryIntake();
      write('app.log', 0, 10);
      await start();
      await intake.atLeast(10);
      renameSync(at('app.log'), at(rotated));
      write(rotated, 10, 20);
      write('app.log', 20, 30);
      await intake.atLeast(30);
      expect(sorted()).toEqual(lines(0, 30));
      await stop();
      rmSync(at('app.log'));
      rmSync(at(rotated));
    }
  });

  it('follows a rename that happened while it did not run', async () => {
    write('app.log', 0, 10);
    await start({ paths: [at('app.log')] });
    await intake.atLeast(10);
    await stop();
    write('app.log', 10, 20);
    renameSync(at('app.log'), at('app.log.1'));
    write('app.log', 20, 30);
    await start({ paths: [at('app.log')] });
    await intake.atLeast(30);
    expect(sorted()).toEqual(lines(0, 30));
  });

  it('follows copy and truncate, and reads no line of the copy again', async () => {
    write('app.log', 0, 10);
    await start();
    await intake.atLeast(10);
    intake.open = false;
    write('app.log', 10, 20);
    await stop();
    copyFileSync(at('app.log'), at('app.log.1'));
    truncateSync(at('app.log'));
    write('app.log', 20, 30);
    intake.open = true;
    await start();
    await intake.atLeast(30);
    copyFileSync(at('app.log'), at('app.log.2'));
    write('app.log', 30, 40);
    await intake.atLeast(40);
    truncateSync(at('app.log'));
    write('app.log', 40, 50);
    await intake.atLeast(50);
    expect(sorted()).toEqual(lines(0, 50));
  });

  it('does not read a copy of a file that it follows', async () => {
    write('app.log', 0, 100);
    await start({ paths: [at('app.log*'), at('other')] });
    await intake.atLeast(100);
    copyFileSync(at('app.log'), at('app.log.1'));
    write('other', 100, 101);
    await intake.atLeast(101);
    write('other', 101, 102);
    await intake.atLeast(102);
    expect(sorted()).toEqual(lines(0, 102));
  });

  it('reads no line again of a copy that has less than was read', async () => {
    write('app.log', 0, 200);
    await start({ paths: [at('app.log*'), at('other')] });
    await intake.atLeast(200);
    writeFileSync(
      at('being-copied'),
      lines(0, 150)
        .map((l) => `${l}\n`)
        .join(''),
    );
    write('app.log', 200, 300);
    await intake.atLeast(300);
    truncateSync(at('app.log'));
    write('app.log', 300, 310);
    await intake.atLeast(310);
    renameSync(at('being-copied'), at('app.log.1'));
    write('other', 310, 311);
    await intake.atLeast(311);
    write('other', 311, 312);
    await intake.atLeast(312);
    expect(sorted()).toEqual(lines(0, 312));
  });

  it('starts anew in a truncated file that grew beyond where it was', async () => {
    write('app.log', 0, 10);
    await start();
    await intake.atLeast(10);
    await stop();
    writeFileSync(
      at('app.log'),
      lines(10, 100)
        .map((l) => `${l}\n`)
        .join(''),
    );
    await start();
    await intake.atLeast(100);
    expect(sorted()).toEqual(lines(0, 100));
  });

  it('reads a deleted file to its end, with a last line that has no end', async () => {
    write('app.log', 0, 10);
    await start({ rotate_wait_secs: 0 });
    await intake.atLeast(10);
    appendFileSync(at('app.log'), 'line 10\nline 11');
    await intake.atLeast(11);
    rmSync(at('app.log'));
    await intake.atLeast(12);
    expect(intake.messages).toEqual(lines(0, 12));
  });

  it('keeps the beginning of a line that is too long, also over a restart within it', async () => {
    const long = 'x'.repeat(3_000_000);
    appendFileSync(at('app.log'), `line 0\n${long}`);
    await start({ max_line_bytes: 1000 });
    await intake.atLeast(2);
    await stop();
    appendFileSync(at('app.log'), `${long}\n${'y'.repeat(1001)}\nline 3\n`);
    await start({ max_line_bytes: 1000 });
    await intake.atLeast(4);
    expect(intake.messages).toEqual(['line 0', 'x'.repeat(1000), 'y'.repeat(1000), 'line 3']);
    expect(intake.stored.map((b) => b.origin.truncated ?? false)).toEqual([false, true, true, false]);
    expect(telemetry.value('earshot_truncated_events_total', { source: 'logs', reason: 'too_long' })).toBe(2);
  });

  it('waits while the raw log takes nothing, and moves on only when it does', async () => {
    intake.failure = new Error('disk full');
    write('app.log', 0, 10);
    await start();
    await telemetry.until(() => telemetry.logs.some((l) => l.message.includes('disk full')));
    await stop();
    expect(intake.checkpoint).toBeUndefined();
    intake.failure = undefined;
    await start();
    await intake.atLeast(10);
    expect(intake.messages).toEqual(lines(0, 10));
  });

  it('goes on without a file that cannot be read, and leaves compressed ones alone', async () => {
    write('app.log', 0, 2);
    write('app.log.gz', 90, 91);
    await start({ paths: [at('missing.log'), folder, at('app.log*')] });
    await intake.atLeast(2);
    write('missing.log', 2, 3);
    await intake.atLeast(3);
    expect(sorted()).toEqual(lines(0, 3));
  });
});
