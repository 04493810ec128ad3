// One measurement in a process of its own: what is measured before does not warm what is measured after. Prints JSON.
import { readFileSync } from 'node:fs';
import { type LoadedRules, loadFolders } from '../../src/detect/sigma/load.ts';
import type { Logsource, Route } from '../../src/detect/sigma/logsource.ts';
import { NestedFields } from '../../src/detect/stream/nested-reader.ts';
import { compileRules, type RuleSet } from '../../src/detect/stream/rule-set.ts';
import type { Value } from '../../src/model/event.ts';
import { RuleCache } from '../../src/rule-cache.ts';

const ROUNDS = 5;
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
