// One measurement in a process of its own: what is measured before does not warm what is measured after. Prints JSON.
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { type LoadedRules, loadFolders } from '../../src/detect/sigma/load.ts';
import type { Logsource, Route } from '../../src/detect/sigma/logsource.ts';
import { NestedFields } from '../../src/detect/stream/nested-reader.ts';
import { compileInSteps, compileRules, type RuleSet } from '../../src/detect/stream/rule-set.ts';
import { RuleCache } from '../../src/hub/rules/rule-cache.ts';
import { packRules, unpackInSteps, unpackRules } from '../../src/hub/rules/rule-snapshot.ts';
import { inSlices } from '../../src/lib/steps.ts';
import type { Value } from '../../src/model/event.ts';

const ROUNDS = 5;
/** Events of a block. */
const BLOCK = 250;
const [what, rulesDir = '', cacheDir = '', eventsFile = ''] = process.argv.slice(2);

const started = performance.now();
const loaded = new RuleCache(cacheDir, (error) => {
  throw error;
}).rules({ folders: [rulesDir], placeholders: new Map() }, (): LoadedRules => loadFolders([rulesDir], { mapping: 'none' }));
const ruleSet = compileRules(loaded.rules, { routeOf: byName });
const loadMs = performance.now() - started;

if (what === 'load') console.log(JSON.stringify({ rules: loaded.rules.length, rejected: loaded.rejected.length, loadMs }));
else if (what === 'hits')
  for (const line of lines())
    console.log(
      ruleSet
        .match(judged(line))
        .map(({ id }) => id)
        .sort()
        .join(','),
    );
else if (what === 'memory') console.log(JSON.stringify({ rssMib: memory(ruleSet) }));
else if (what === 'reload') console.log(JSON.stringify(await reload(ruleSet)));
else console.log(JSON.stringify(speed(ruleSet)));

function lines(): string[] {
  return readFileSync(eventsFile, 'utf8').split('\n').filter(Boolean);
}

/** The bench's events name their log source; one that a rule does not state may be any. */
function byName(logsource: Logsource): Route {
  return (['product', 'service', 'category'] as const).flatMap((part) => {
    const value = logsource[part];
    return value === undefined ? [] : [{ fields: [`ls_${part}`], values: [value] }];
  });
}

function judged(line: string) {
  return { fields: new NestedFields(JSON.parse(line) as { [key: string]: Value }), text: '', timestamp: 0, source: '' };
}

function speed(set: RuleSet) {
  const all = lines();
  const candidates = all.map((line) => {
    set.match(judged(line));
    return set.lastCandidates;
  });
  candidates.sort((a, b) => a - b);
  const parsing = perSecond(all.length, () => {
    for (const line of all) JSON.parse(line);
  });
  const withParsing = perSecond(all.length, () => {
    for (const line of all) set.match(judged(line));
  });
  const events = all.map(judged);
  let hits = 0;
  const alone = perSecond(all.length, () => {
    for (const event of events) hits += set.match(event).length;
  });
  return {
    parsing,
    withParsing,
    alone,
    hitsPerEvent: hits / all.length / (ROUNDS + 1),
    candidatesP95: candidates[Math.floor(candidates.length * 0.95)],
  };
}

/** Blocks are judged one after the other while the same rules are made ready again, as the judge thread does it: in slices, or at once. */
async function reload(before: RuleSet) {
  const events = lines().map(judged);
  for (const event of events) before.match(event);
  const packed = packRules(loaded);
  const options = { routeOf: byName };
  const making = async () => {
    const { rules } = await inSlices(unpackInSteps(packed));
    return await inSlices(compileInSteps(rules, options, before));
  };
  await judgeDuring(before, events, making);
  const sliced = await judgeDuring(before, events, making);
  const whole = await judgeDuring(before, events, async () => compileRules(unpackRules(packed).rules, options));
  return { sliced, whole };
}

/**
 * Judges for half a second, then while `making` is under way, then half a second by what it made. The longest way from block to block is
 * in milliseconds of the thread's processor time: by the wall, a busy machine is what is measured.
 */
async function judgeDuring(before: RuleSet, events: readonly ReturnType<typeof judged>[], making: () => Promise<RuleSet>) {
  let set = before;
  let at = 0;
  let last = threadMs();
  const blocksUntil = async (isOver: () => boolean) => {
    const start = performance.now();
    let [judgedEvents, longest] = [0, 0];
    while (!isOver()) {
      for (let i = 0; i < BLOCK; i++) set.match(events[at++ % events.length] as (typeof events)[number]);
      judgedEvents += BLOCK;
      await setImmediate();
      longest = Math.max(longest, threadMs() - last);
      last = threadMs();
    }
    const tookMs = performance.now() - start;
    return { longestMs: longest, perSecond: (judgedEvents / tookMs) * 1000, tookMs };
  };
  const forHalfASecond = () => {
    const end = performance.now() + 500;
    return blocksUntil(() => performance.now() >= end);
  };
  const calm = await forHalfASecond();
  let made: RuleSet | undefined;
  void making().then((done) => {
    made = done;
  });
  const during = await blocksUntil(() => made !== undefined);
  set = made ?? set;
  const after = await forHalfASecond();
  return { calm, during, after };
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Of a process that has judged for a while and has little else; one without any rule has some 60 MiB. */
function memory(set: RuleSet): number {
  for (let round = 0; round < 20; round++) for (const line of lines()) set.match(judged(line));
  globalThis.gc?.();
  return process.memoryUsage().rss / 1024 ** 2;
}

/** Events in a second of the processor, the threads of V8 counted in: of the rounds, the middle and the best. */
function perSecond(count: number, work: () => void): { median: number; best: number } {
  work();
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (count / (user + system)) * 1e6;
  }).sort((a, b) => b - a);
  return { median: Math.round(rounds[ROUNDS >> 1] ?? 0), best: Math.round(rounds[0] ?? 0) };
}
