import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RecordingTelemetry } from '../../test/support/recording-telemetry.ts';
import type { DetectedBlock } from '../model/detected.ts';
import type { Event } from '../model/event.ts';
import { FieldSet } from '../model/field-set.ts';
import { toKept } from '../model/live-event.ts';
import type { Block } from '../raw-log/block.ts';
import { Pump, type PumpDeps } from './pump.ts';

const HIT = { id: 'r', version: '1', title: 'A Rule', level: 'high', matches: [] } as const;

function block(id: number, texts: readonly string[], more: Partial<Block> = {}): Block {
  const records = texts.map((text, i) => ({
    seq: id + i,
    receivedAt: 1_000,
    source: 's',
    origin: { transport: 'tcp' } as const,
    bytes: Buffer.from(text),
  }));
  const chain = { previous: '', hash: '', count: records.length };
  return {
    id,
    node: 1,
    lastSeq: id + texts.length - 1,
    records,
    keys: [],
    checkpoints: [],
    chain,
    alreadyStored: false,
    replayed: false,
    attempts: 0,
    ...more,
  };
}

/** A pump over fakes: what was stored and committed, and when. `hold` keeps a block from the store. */
function create(over: Partial<PumpDeps> = {}) {
  const told: string[] = [];
  const stored: Event[] = [];
  const committed: DetectedBlock[] = [];
  const held = new Map<number, () => void>();
  const telemetry = new RecordingTelemetry();
  const pump = new Pump({
    node: 1,
    stages: () => ({
      decode: ({ bytes }) => ({ text: bytes.toString(), notes: [], format: 'text', message: bytes.toString() }),
      normalize: (_, { text }) => {
        if (text === 'fault') throw new Error('a bug');
        return { timestamp: 0, fields: FieldSet.of({ message: text }) };
      },
      enrich: () => undefined,
      detect: ({ text }) => ({ hits: text.startsWith('hit') ? [HIT] : [], deferred: [] }),
    }),
    writer: (of) => {
      const events: Event[] = [];
      return {
        add: (event) => void events.push(toKept(event)),
        store: async () => {
          if (of.records.some(({ bytes }) => bytes.includes('hold'))) await new Promise<void>((resolve) => held.set(of.id, resolve));
          if (!of.alreadyStored) stored.push(...events);
        },
      };
    },
    commit: async (detected) => void committed.push(detected),
    begun: async () => undefined,
    released: async ({ id }, by) => void told.push(`${id} ${by}`),
    onMismatch: () => undefined,
    lastEvent: { enter: () => 0, leave: () => undefined },
    tail: { see: () => undefined },
    words: () => ({ hear: () => undefined, take: () => [] }),
    ear: () => ({ hear: () => undefined, take: () => [] }),
    mayAlert: () => (rule) => rule !== 'counted',
    lateAfterMs: () => 500,
    telemetry,
    now: () => 2_000,
    ...over,
  });
  return { pump, told, stored, committed, held, telemetry };
}

describe('Pump', () => {
  it('alerts in order, and does not wait for the store with it', async () => {
    const { pump, told, committed, held } = create();
    await pump.take(block(1, ['hit hold']));
    await pump.take(block(2, ['b']));
    await expect.poll(() => told).toEqual(expect.arrayContaining(['1 alerted', '2 alerted', '2 stored']));
    expect(told).not.toContain('1 stored');
    expect(committed.map(({ firstSeq }) => firstSeq)).toEqual([1, 2]);
    held.get(1)?.();
    await pump.idle();
    expect(told).toContain('1 stored');
  });

  it('asks the same rules of all events of a block, however they are reloaded meanwhile', async () => {
    const rules = (version: string) => () => ({ hits: [{ ...HIT, version }], deferred: [] });
    let detect = rules('old');
    let judged = 0;
    const { pump, committed } = create({
      stages: () => ({
        decode: ({ bytes }) => ({ text: bytes.toString(), notes: [], format: 'text', message: bytes.toString() }),
        normalize: (_, { text }) => ({ timestamp: 0, fields: FieldSet.of({ message: text }) }),
        enrich: () => undefined,
        detect,
      }),
      tail: { see: () => void judged++ },
    });
    const texts = Array.from({ length: 3_000 }, (_, i) => `hit ${i}`);
    const first = pump.take(block(1, texts));
    // Other work gets its turn between slices of a block: so does a reload.
    await expect.poll(() => judged, { interval: 0 }).toBeGreaterThan(0);
    expect(judged).toBeLessThan(texts.length);
    detect = rules('new');
    await Promise.all([first, pump.take(block(3_001, texts))]);
    await pump.idle();
    const versions = committed.map(({ hits }) => [...new Set(hits.map(({ hit }) => hit.version))]);
    expect(versions).toEqual([['old'], ['new']]);
  });

  it('sends nothing of rules that are there to be counted, and counts their hits', async () => {
    const counted = { ...HIT, id: 'counted' };
    const { pump, stored, committed, telemetry } = create({
      stages: () => ({
        decode: ({ bytes }) => ({ text: bytes.toString(), notes: [], format: 'text', message: bytes.toString() }),
        normalize: (_, { text }) => ({ timestamp: 0, fields: FieldSet.of({ message: text }) }),
        enrich: () => undefined,
        detect: ({ text }) => ({ hits: text === 'both' ? [counted, HIT] : [counted], deferred: [] }),
      }),
    });
    await pump.take(block(1, ['one', 'both']));
    await pump.idle();
    expect(committed[0]?.hits.map(({ seq, hit }) => [seq, hit.id])).toEqual([[2, 'r']]);
    expect(stored.map(({ hits }) => hits.length)).toEqual([1, 2]);
    expect(telemetry.value('earshot_rule_hits_total', { rule: 'counted' })).toBe(2);
  });

  it('gives hits what alerting needs, late ones marked', async () => {
    const { pump, committed, telemetry } = create();
    await pump.take(block(5, ['a', 'hit']));
    await pump.idle();
    expect(committed[0]?.hits).toMatchObject([{ eventId: '1-6', seq: 6, source: 's', hit: HIT, late: true }]);
    expect(telemetry.value('earshot_rule_hits_total', { rule: 'r' })).toBe(1);
    expect(telemetry.value('earshot_stored_events_total')).toBe(2);
  });

  it('keeps an event bare when a stage fails on it, and the others whole', async () => {
    const { pump, stored, telemetry } = create();
    await pump.take(block(1, ['a', 'fault', 'b']));
    await pump.idle();
    expect(stored.map(({ fields }) => fields.tags ?? 'whole')).toEqual(['whole', ['pipeline_fault'], 'whole']);
    expect(stored[1]?.raw.toString()).toBe('fault');
    expect(telemetry.value('earshot_undecoded_events_total', { reason: 'pipeline_fault' })).toBe(1);
  });

  it('lets the writer finish what the store has, and alerts all the same', async () => {
    const { pump, told, stored, committed, telemetry } = create();
    await pump.take(block(1, ['hit'], { alreadyStored: true }));
    await pump.idle();
    expect(stored).toEqual([]);
    expect(telemetry.value('earshot_stored_events_total')).toBe(0);
    expect(committed[0]?.hits).toHaveLength(1);
    expect(told.sort()).toEqual(['1 alerted', '1 stored']);
  });

  it('sets the event aside that ended the process twice, in a block that was replayed', async () => {
    const lastEvent = { enter: (seq: number) => (seq === 2 ? 2 : 0), leave: () => undefined };
    const { pump, stored } = create({ lastEvent });
    await pump.take(block(1, ['a', 'hit', 'b'], { attempts: 2, replayed: true }));
    await pump.idle();
    expect(stored.map(({ fields, hits }) => [fields.tags ?? 'whole', hits.length])).toEqual([
      ['whole', 0],
      [['set_aside'], 0],
      ['whole', 0],
    ]);
  });

  it('says that it begins with a replayed block when its turn is there, and not before', async () => {
    const begun: number[] = [];
    let go = () => {};
    const first = new Promise<void>((resolve) => {
      go = resolve;
    });
    const begin = ({ id }: Block) => (begun.push(id) === 1 ? first : Promise.resolve());
    const { pump, stored } = create({ begun: begin });
    const taken = [1, 2, 3].map((id) => pump.take(block(id, ['a'], { replayed: id < 3 })));
    await setImmediate();
    expect({ begun, stored }).toEqual({ begun: [1], stored: [] });
    go();
    await Promise.all(taken);
    await pump.idle();
    expect({ begun, stored: stored.length }).toEqual({ begun: [1, 2], stored: 3 });
  });

  it('tells of a block that cannot be carried, and goes on with the next', async () => {
    const { pump, told, telemetry } = create({
      commit: async ({ firstSeq }) => {
        if (firstSeq === 1) throw new Error('refused');
      },
    });
    await pump.take(block(1, ['a']));
    await pump.take(block(2, ['b']));
    await expect(pump.idle()).rejects.toThrow('refused');
    expect(told.sort()).toEqual(['1 stored', '2 alerted', '2 stored']);
    expect(telemetry.logs).toMatchObject([{ level: 'error' }]);
  });
});
