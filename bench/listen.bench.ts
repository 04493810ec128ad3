// What it costs the judge thread that people listen for words: CPU microseconds an event. Run: node bench/listen.bench.ts [rounds]

import { WordTap } from '../src/listen/word-tap.ts';
import type { LiveEvent } from '../src/model/live-event.ts';
import type { RawRecord } from '../src/model/record.ts';
import { evaluate } from '../src/pipeline/evaluator.ts';
import { settingsSchema } from '../src/settings.ts';
import { buildStages } from '../src/stages.ts';
import { subjectOf } from '../src/store/search/predicate.ts';
import { textSearch } from '../src/store/search/text-search.ts';
import { makeLines } from './whole-way/lines.ts';

const EVENTS = 20_000;
/** A loop over all phrases is asked of so many events. */
const OF_THE_LOOP = 20;
const rounds = Number(process.argv[2] ?? 15);

const { stages } = buildStages(settingsSchema.parse({}), []);
const { bytes, starts } = makeLines(EVENTS);
const now = Date.now();
const records: RawRecord[] = Array.from({ length: EVENTS }, (_, i) => ({
  seq: i + 1,
  receivedAt: now,
  source: 'syslog',
  origin: { transport: 'tcp', address: '192.0.2.1', port: 40_000 },
  bytes: bytes.subarray(starts[i], (starts[i + 1] ?? 0) - 1),
}));
const events: LiveEvent[] = records.map((record) => {
  const { event } = evaluate(stages, 1, record);
  return { ...event, timestamp: now };
});
const some = events[0];
console.log(
  `${EVENTS} events of ${(bytes.length / EVENTS).toFixed(0)} bytes, ${[...(some?.fields ?? [])].length} fields; medians of ${rounds} rounds`,
);

/** Names of machines, people and things; one of a hundred is that of somebody in the events. */
const KINDS = ['prod-db', 'payroll', 'vault', 'backup server', 'break glass', 'jdoe', 'web frontend', 'domain controller'];
const phrasesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => (i % 100 === 0 ? `user${i}` : `${KINDS[i % KINDS.length]?.replaceAll('-', ' ')} ${i}`));

console.log('\n| phrases | µs/event | events heard in | a loop over all of them, µs/event |\n|---|---|---|---|');
for (const count of [0, 1, 100, 10_000]) {
  const phrases = phrasesOf(count);
  const tap = new WordTap(phrases, () => Number.POSITIVE_INFINITY);
  const took: number[] = [];
  let heard = 0;
  for (let round = 0; round < rounds; round++) {
    took.push(measured(EVENTS, () => events.forEach((event) => void tap.hear(event))));
    heard = tap.take().reduce((sum, each) => sum + each.count, 0);
  }
  console.log(`| ${count} | ${median(took).toFixed(2)} | ${heard} | ${count === 0 ? '' : loop(phrases).toFixed(1)} |`);
}

/** Each phrase as a search of its own, asked of the message alone. */
function loop(phrases: readonly string[]): number {
  const searches = phrases.map((phrase) => textSearch([phrase]));
  const asked = events.slice(0, OF_THE_LOOP);
  return median(
    Array.from({ length: 3 }, () =>
      measured(OF_THE_LOOP, () => {
        for (const event of asked) {
          const { raw } = subjectOf({ ...event, fields: {} });
          for (const search of searches) search.test(raw);
        }
      }),
    ),
  );
}

function measured(count: number, work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / count;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}
