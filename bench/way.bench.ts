// The pure stages one after the other, as the ingest thread runs them: CPU microseconds an event, of one thread. Run: node bench/way.bench.ts [rounds]

import { SilenceTap } from '../src/detect/silence/silence-tap.ts';
import type { RawRecord } from '../src/model/record.ts';
import { evaluate } from '../src/pipeline/evaluator.ts';
import { settingsSchema } from '../src/settings.ts';
import { buildStages, readRuleFolders } from '../src/stages.ts';
import { BlockEncoder } from '../src/store/encode.ts';
import { makeLines } from './whole-way/lines.ts';

const BLOCK = 20_000;
const rounds = Number(process.argv[2] ?? 40);
const settings = settingsSchema.parse({});
const loaded = readRuleFolders(settings);
const { stages } = buildStages(settings, loaded.rules);
const tap = new SilenceTap(loaded.silences);
const { bytes, starts } = makeLines(BLOCK);
const origin = { transport: 'tcp', address: '192.0.2.1', port: 40_000 } as const;
const receivedAt = Date.now();
const records: RawRecord[] = Array.from({ length: BLOCK }, (_, i) => ({
  seq: i + 1,
  receivedAt,
  source: 'syslog',
  origin,
  bytes: bytes.subarray(starts[i], (starts[i + 1] ?? 0) - 1),
}));
const retention = { name: 'default', days: 90 };
const body = Buffer.allocUnsafeSlow(BLOCK * 900);
const originText = JSON.stringify(origin);

type Stage = 'decode' | 'normalize' | 'detect' | 'hear' | 'encode';
const cpu: Record<Stage, number[]> = { decode: [], normalize: [], detect: [], hear: [], encode: [] };
const whole: number[] = [];

for (let round = 0; round < rounds; round++) {
  whole.push(measured(oneBlock));
  byStage();
}
const median = (all: number[]) =>
  [...all]
    .slice(5)
    .sort((a, b) => a - b)
    [Math.floor((all.length - 5) / 2)]?.toFixed(2);
console.log('| stage | CPU µs/event, median |\n|---|---|');
for (const stage of ['decode', 'normalize', 'detect', 'hear', 'encode'] as const) console.log(`| ${stage} | ${median(cpu[stage])} |`);
console.log(`| all of them, event by event | ${median(whole)} |`);

function oneBlock(): void {
  const encoder = new BlockEncoder({ retentionOf: () => retention }, body);
  for (const record of records) encoder.add(evaluate(stages, 1, record).event, originText);
  encoder.finish();
}

function byStage(): void {
  const some = records.slice(0, 2_000);
  const scale = BLOCK / some.length;
  const decoded = some.map((record) => stages.decode(record));
  cpu.decode.push(scale * measured(() => some.forEach((record) => void stages.decode(record))));
  const normalized = some.map((record, i) => stages.normalize(record, decoded[i] ?? stages.decode(record)));
  cpu.normalize.push(
    scale * measured(() => some.forEach((record, i) => void stages.normalize(record, decoded[i] ?? stages.decode(record)))),
  );
  const judged = normalized.map(({ fields, timestamp }, i) => {
    const text = decoded[i]?.text ?? '';
    return { fields, timestamp, text, receivedAt: some[i]?.receivedAt ?? 0, source: 'syslog' };
  });
  cpu.detect.push(scale * measured(() => judged.forEach((event) => void stages.detect(event))));
  const events = some.map((record) => evaluate(stages, 1, record).event);
  cpu.hear.push(scale * measured(() => events.forEach((event) => void tap.hear(event))));
  const encoder = new BlockEncoder({ retentionOf: () => retention }, body);
  cpu.encode.push(
    scale *
      measured(() => {
        for (const event of events) encoder.add(event, originText);
      }),
  );
}

/** CPU microseconds an event of a whole block, of this thread alone. */
function measured(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / BLOCK;
}
