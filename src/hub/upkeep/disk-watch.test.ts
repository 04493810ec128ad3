import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordingTelemetry } from '../../../test/support/recording-telemetry.ts';
import { diskLevel } from '../../store/health.ts';
import { DiskWatch } from './disk-watch.ts';

const ROOM = { warn_free_bytes: 0, min_free_bytes: 0 };
/** More than any disk has. */
const NONE = { warn_free_bytes: 2 ** 60, min_free_bytes: 2 ** 50 };
const LITTLE = { warn_free_bytes: 2 ** 60, min_free_bytes: 0 };

let disk = ROOM;
let changes: boolean[];
let telemetry: RecordingTelemetry;
let watch: DiskWatch;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  disk = ROOM;
  changes = [];
  telemetry = new RecordingTelemetry();
  watch = new DiskWatch({
    folder: tmpdir(),
    settings: () => disk,
    onChange: ({ takesIn }) => changes.push(takesIn),
    telemetry,
  });
});
afterEach(async () => {
  await watch.stop();
  vi.useRealTimers();
});

const lookAgain = async (settings: typeof disk) => {
  disk = settings;
  vi.advanceTimersByTime(2_000);
  // The look itself takes real time; its stop waits for it, and its start looks once more.
  await watch.stop();
  await watch.start();
};

describe('DiskWatch', () => {
  it('knows of a full disk as soon as it has started', async () => {
    disk = NONE;
    await watch.start();
    expect(watch.refusal).toContain('disk.min_free_bytes');
    expect(changes).toEqual([false]);
  });

  it('tells when nothing more is taken in, and when there is room again, once each', async () => {
    await watch.start();
    expect({ changes, refusal: watch.refusal }).toEqual({ changes: [], refusal: undefined });
    await lookAgain(NONE);
    expect(changes).toEqual([false]);
    await lookAgain(ROOM);
    expect({ changes, refusal: watch.refusal }).toEqual({ changes: [false, true], refusal: undefined });
    expect(telemetry.logs).toEqual([
      { level: 'error', message: 'the disk is nearly full: nothing more is taken in' },
      { level: 'info', message: 'the disk has room again' },
    ]);
  });

  it('warns of a disk that fills, and takes in', async () => {
    disk = LITTLE;
    await watch.start();
    expect({ logs: telemetry.logs, refusal: watch.refusal }).toEqual({
      logs: [{ level: 'warn', message: 'the disk is filling' }],
      refusal: undefined,
    });
  });

  it('names as many bytes as let a stopped intake start again, and not many more', async () => {
    disk = NONE;
    await watch.start();
    const [, free, more] = /has (\d+) bytes free: free (\d+) more/.exec(watch.refusal ?? '')?.map(Number) ?? [];
    const withBytes = (bytes: number) => diskLevel((free ?? 0) + bytes, { ...NONE, warn_free_bytes: 0 }, 'stop');
    expect(withBytes(more ?? 0)).toBe('ok');
    expect(withBytes((more ?? 0) - 2)).toBe('stop');
  });

  it('says so when the free space cannot be seen, and goes on', async () => {
    watch = new DiskWatch({ folder: '/nosuch', settings: () => disk, onChange: () => undefined, telemetry });
    await watch.start();
    expect(telemetry.logs).toEqual([{ level: 'error', message: 'the free space could not be seen; it is tried again' }]);
  });
});
