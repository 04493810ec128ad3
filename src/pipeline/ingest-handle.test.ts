import { afterEach, describe, expect, it, vi } from 'vitest';
import { RecordingTelemetry } from '../../test/support/recording-telemetry.ts';
import type { RawBatch } from '../model/record.ts';
import { IngestHandle } from './ingest-handle.ts';

const ENTRY = new URL('../../test/support/ingest-worker.ts', import.meta.url);
const QUICK = { firstRetryMs: 1, lastRetryMs: 1, watchMs: 20, hangMs: 1_500, stopMs: 1_500 };

const running: IngestHandle[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((handle) => handle.stop()));
});

function create({ failFirst = false } = {}) {
  const telemetry = new RecordingTelemetry();
  let lives = 0;
  const handle = new IngestHandle({
    entry: ENTRY,
    init: () => ({ life: ++lives, failFirst }),
    answers: {
      commit: async () => undefined,
      lookupKey: async () => undefined,
      counting: () => undefined,
      tailed: () => undefined,
      checkpoint: async () => undefined,
    },
    telemetry,
    times: QUICK,
  });
  running.push(handle);
  return { handle, telemetry, lives: () => lives };
}

const batch = (source: string): RawBatch => ({ source, origin: { transport: 'internal' }, receivedAt: 0, messages: [] });

describe('IngestHandle', () => {
  it.each(['throw', 'exit', 'hang'])('starts a thread anew that ends by: %s', async (how) => {
    const { handle, telemetry, lives } = create();
    await handle.start();
    expect(await handle.append(batch('good'))).toMatchObject({ firstSeq: 1 });
    const ended = await handle.append(batch(how)).catch((error: unknown) => error);
    expect(ended).toMatchObject({ code: 'EAR_RAW_LOG_IO', message: expect.stringContaining('the ingest thread ended') });
    expect(handle.open).toBe(false);
    expect(handle.closedBecause).toContain('started anew');
    await handle.whenOpen();
    expect(await handle.append(batch('good'))).toMatchObject({ firstSeq: 2 });
    expect(lives()).toBe(2);
    expect(telemetry.logs.map(({ level }) => level)).toContain('error');
  });

  it('says at once when the first thread cannot start', async () => {
    const { handle, lives } = create({ failFirst: true });
    await expect(handle.start()).rejects.toThrow('cannot start');
    expect(lives()).toBe(1);
  });

  it('tells a new thread that the disk is full', async () => {
    const { handle } = create();
    await handle.start();
    handle.disk({ takesIn: false });
    await handle.append(batch('exit')).catch(() => undefined);
    await vi.waitFor(async () => expect(await handle.status()).toEqual({ life: 2 }));
    expect(handle.closedBecause).toBe('the disk is full');
  });

  it('stops a thread that hangs', async () => {
    const { handle } = create();
    await handle.start();
    const hung = handle.append(batch('hang')).catch((error: unknown) => error);
    await handle.stop();
    expect(await hung).toMatchObject({ code: 'EAR_RAW_LOG_IO' });
    await expect(handle.append(batch('good'))).rejects.toMatchObject({ code: 'EAR_RAW_LOG_IO' });
  });
});
