// Rules on the stream: events per second of one core for 100, 1,000 and 3,000 rules, how long loading takes, memory, and rsigma beside it.
// Run: npm run bench:detect [-- folder of public rules]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFolders } from '../../src/detect/sigma/load.ts';
import { type LaneName, laneLines } from './events.ts';
import { findRsigma, RSIGMA_VERSION, runRsigma } from './rsigma.ts';
import { writeRules } from './rules.ts';

const EVENTS = 20_000;
const COUNTS = [100, 1_000, 3_000];
const LANES: readonly LaneName[] = ['identity-cloud', 'windows-mixed'];
/** The young generation as large as the judge thread may have it: V8's own grows with what is allocated, and that is nothing of rules. */
const FLAGS = ['--expose-gc', '--max-semi-space-size=16', '--min-semi-space-size=16'];
const RUN = new URL('./run.ts', import.meta.url).pathname;

interface Rate {
  readonly median: number;
  readonly best: number;
}

interface Speed {
  readonly parsing: Rate;
  readonly withParsing: Rate;
  readonly alone: Rate;
  readonly hitsPerEvent: number;
  readonly candidatesP95: number;
}

interface Stretch {
  readonly longestMs: number;
  readonly perSecond: number;
  readonly tookMs: number;
}

type Reload = Readonly<Record<'sliced' | 'whole', Readonly<Record<'calm' | 'during' | 'after', Stretch>>>>;

function tellReload({ sliced: { calm, during, after }, whole }: Reload): void {
  const longest = Math.max(during.longestMs, after.longestMs);
  console.log(
    `    the same rules made ready meanwhile: ${shown(during.tookMs)} ms, ${shown(during.perSecond)} events/s (${shown(calm.perSecond)} without); from block to block at most ${shown(longest)} ms of the processor (${shown(calm.longestMs)} without, ${shown(whole.during.longestMs)} where they are made ready at once)`,
  );
}

const shown = (n: number): string => Math.round(n).toLocaleString('en');
const rate = ({ median, best }: Rate): string => `${shown(median)} (best ${shown(best)})`;

function child(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...FLAGS, RUN, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function loading(rules: string, cache: string): { readonly rules: number; readonly rejected: number; readonly loadMs: number } {
  return JSON.parse(child('load', rules, cache)) as ReturnType<typeof loading>;
}

/** Hits first: what does not find the same is not quicker, it does something else. */
function beside(program: string, rules: string, cache: string, eventsFile: string, folder: string): void {
  const theirs = runRsigma(program, rules, eventsFile, EVENTS, folder);
  const ours = child('hits', rules, cache, eventsFile).split('\n');
  const differing = Array.from({ length: EVENTS }, (_, n) => n).filter((n) => (ours[n] ?? '') !== (theirs.hits.get(n) ?? ''));
  console.log(
    `    rsigma ${RSIGMA_VERSION}: ${shown(theirs.eventsPerSecond)} events/s with parsing, load ${theirs.loadMs} ms; events with other hits: ${differing.length}`,
  );
  for (const n of differing.slice(0, 5)) console.log(`      event ${n}: here [${ours[n] ?? ''}], rsigma [${theirs.hits.get(n) ?? ''}]`);
}

function main(folder: string, publicRules: string): void {
  const rsigma = findRsigma();
  console.log(
    `load of the machine at the start: ${loadavg()
      .map((each) => each.toFixed(1))
      .join(' ')}; Node ${process.version}`,
  );
  for (const count of COUNTS) {
    const rules = join(folder, `rules-${count}`);
    const cache = join(folder, `cache-${count}`);
    writeRules(publicRules, rules, count);
    const cold = loading(rules, cache);
    const cached = loading(rules, cache);
    console.log(`${cold.rules} rules (${cold.rejected} rejected): load cold ${shown(cold.loadMs)} ms, cached ${shown(cached.loadMs)} ms`);
    for (const lane of LANES) {
      const someFile = join(folder, 'some.ndjson');
      const eventsFile = join(folder, `${lane}-${count}.ndjson`);
      const lines = laneLines(lane, EVENTS, loadFolders([rules], { mapping: 'none' }).rules);
      writeFileSync(eventsFile, `${lines.join('\n')}\n`);
      const speed = JSON.parse(child('speed', rules, cache, eventsFile)) as Speed;
      writeFileSync(someFile, `${lines.slice(0, 1_000).join('\n')}\n`);
      const { rssMib } = JSON.parse(child('memory', rules, cache, someFile)) as { rssMib: number };
      const bytes = Math.round(lines.reduce((sum, line) => sum + line.length, 0) / lines.length);
      console.log(`  ${lane} (${bytes} B, ${speed.hitsPerEvent.toFixed(4)} hits/event), events/s of one core`);
      console.log(`    with parsing ${rate(speed.withParsing)}, rules alone ${rate(speed.alone)}, parsing alone ${rate(speed.parsing)}`);
      console.log(`    candidates p95 ${speed.candidatesP95}, memory of a process that judges ${shown(rssMib)} MiB`);
      tellReload(JSON.parse(child('reload', rules, cache, someFile)) as Reload);
      if (rsigma !== undefined) beside(rsigma, rules, cache, eventsFile, folder);
    }
  }
  console.log(
    `load of the machine at the end: ${loadavg()
      .map((each) => each.toFixed(1))
      .join(' ')}`,
  );
}

const publicRules = process.argv[2] ?? new URL('../../../shared/corpora/sigma/rules_selected', import.meta.url).pathname;
if (!existsSync(publicRules)) {
  console.error(`there is no folder of public Sigma rules at ${publicRules}: name one, such as \`rules\` of a checkout of SigmaHQ`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-detect-'));
try {
  main(folder, publicRules);
} finally {
  rmSync(folder, { recursive: true });
}
