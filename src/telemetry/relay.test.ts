import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { MetricsRegistry } from './registry.ts';
import { type LogLine, replayTelemetry, type TelemetryBatch, TelemetryRelay } from './relay.ts';

function relay() {
  const batches: TelemetryBatch[] = [];
  const lines: LogLine[] = [];
  return { batches, lines, relay: new TelemetryRelay({ batch: (batch) => batches.push(batch), log: (line) => lines.push(line) }) };
}

describe('TelemetryRelay', () => {
  it('sums what it is told, and hands it over once', async () => {
    const { relay: told, batches } = relay();
    told.count('earshot_received_events_total', { source: 'a b' }, 2);
    told.count('earshot_received_events_total', { source: 'a b' });
    told.gauge('earshot_raw_log_bytes', {}, 7);
    told.gauge('earshot_raw_log_bytes', {}, 9);
    told.observe('earshot_searchable_seconds', {}, 0.3);
    told.flush();
    told.flush();
    told.close();
    expect(batches).toHaveLength(1);

    const registry = new MetricsRegistry(pino(new PassThrough()));
    for (const batch of batches) replayTelemetry(structuredClone(batch), registry);
    const { text } = await registry.print();
    expect(text).toContain('earshot_received_events_total{source="a b"} 3\n');
    expect(text).toContain('earshot_raw_log_bytes 9\n');
    expect(text).toContain('earshot_searchable_seconds_bucket{le="0.5"} 1\n');
  });

  it('hands over what is left when it is closed, and log lines at once', () => {
    const { relay: told, batches, lines } = relay();
    told.log('warn', 'careful', { why: 'x' });
    expect(lines).toEqual([{ level: 'warn', message: 'careful', about: { why: 'x' } }]);
    told.count('earshot_stored_events_total', {}, 5);
    told.close();
    expect(batches.map(({ counts }) => counts)).toEqual([[['earshot_stored_events_total', '{}', 5]]]);
  });
});

describe('MetricsRegistry', () => {
  it('writes the log on one line each, whatever is in it', () => {
    const written = new PassThrough();
    new MetricsRegistry(pino(written)).log('error', 'bad\nthing', { error: 'a\n{"level":"info"}' });
    expect(String(written.read()).trimEnd().split('\n')).toHaveLength(1);
  });
});
