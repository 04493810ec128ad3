import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../test/support/free-port.ts';
import { MemoryIntake } from '../test/support/memory-intake.ts';
import { RecordingTelemetry } from '../test/support/recording-telemetry.ts';
import { IngestSources } from './ingest-sources.ts';
import { settingsSchema } from './settings.ts';

/** Longer than until what could not be had is tried again. */
const A_WHILE_MS = 30_000;

describe('sources that could not be had', () => {
  let sources: IngestSources;
  let telemetry: RecordingTelemetry;
  let isAway: boolean;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    isAway = true;
    telemetry = new RecordingTelemetry();
    sources = new IngestSources({
      intake: new MemoryIntake(),
      telemetry,
      loadCheckpoint: async () => {
        if (isAway) throw new Error('the database is away');
        return undefined;
      },
      now: Date.now,
    });
  });

  afterEach(async () => {
    await sources.stopAll();
    vi.useRealTimers();
  });

  const faults = () => sources.status().map(({ name, fault }) => `${name}: ${fault ?? 'runs'}`);
  const wanted = (of: object) => settingsSchema.parse({ sources: of }).sources;

  it('are had as soon as they can be, and by nobody asking for it', async () => {
    const files = wanted({ logs: { type: 'file', paths: ['/nowhere/*.log'] } });
    expect(await sources.apply(files)).toEqual(['sources.logs: the database is away']);
    await vi.advanceTimersByTimeAsync(A_WHILE_MS);
    expect(faults()).toEqual(['logs: the database is away']);
    isAway = false;
    vi.advanceTimersByTime(A_WHILE_MS);
    await vi.waitFor(() => expect(faults()).toEqual(['logs: runs']));
    expect(telemetry.logs.filter(({ message }) => message.includes('source'))).toMatchObject([
      { level: 'error', message: 'a source could not be had as configured' },
      { level: 'info', message: 'a source is as configured now' },
    ]);
  });

  it('are had once the port is free', async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await sources.apply(wanted({ syslog: { type: 'syslog', tcp: { listen: `127.0.0.1:${port}` }, udp: false, relp: false } }));
    expect(faults()).toEqual([expect.stringContaining('EADDRINUSE')]);
    await new Promise((resolve) => other.close(resolve));
    vi.advanceTimersByTime(A_WHILE_MS);
    await vi.waitFor(() => expect(faults()).toEqual(['syslog: runs']));
  });

  it('are not had any more once all are stopped', async () => {
    await sources.apply(wanted({ logs: { type: 'file', paths: ['/nowhere/*.log'] } }));
    await sources.stopAll();
    isAway = false;
    vi.advanceTimersByTime(A_WHILE_MS);
    await sources.stopAll();
    expect(faults()).toEqual(['logs: the database is away']);
  });
});
