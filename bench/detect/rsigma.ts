import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const RSIGMA_VERSION = '0.23.0';

const ROUTING = ['--logsource-routing', '--logsource-field-map', 'product=ls_product,service=ls_service,category=ls_category'];

/** Builds rsigma once, with the machine's own cargo; undefined, and a word about why, where that cannot be. */
export function findRsigma(): string | undefined {
  const root = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'earshot-bench', `rsigma-${RSIGMA_VERSION}`);
  const program = join(root, 'bin', 'rsigma');
  if (existsSync(program)) return program;
  console.error(`building rsigma ${RSIGMA_VERSION} into ${root}; this takes a quarter of an hour, once`);
  const { status, error } = spawnSync('cargo', ['install', '--locked', '--root', root, 'rsigma', '--version', RSIGMA_VERSION], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0) return program;
  console.error(`SKIPPED: rsigma cannot be built (${error?.message ?? `cargo ended with ${status}`}); nothing is compared`);
  return undefined;
}

export interface RsigmaRun {
  /** Ids of the rules that fired, sorted and joined, by the event's number. */
  readonly hits: ReadonlyMap<number, string>;
  readonly eventsPerSecond: number;
  readonly loadMs: number;
}

/** Its events per second are those of the whole run without the time that it needs for no event at all, on one core. */
export function runRsigma(program: string, rulesDir: string, eventsFile: string, count: number, folder: string): RsigmaRun {
  const none = join(folder, 'none.ndjson');
  writeFileSync(none, '\n');
  const args = ['engine', 'eval', '--rules', rulesDir, '--input-format', 'json', ...ROUTING];
  const hits = new Map<number, string[]>();
  for (const line of output(program, [...args, '--include-event'], eventsFile).split('\n')) {
    if (!line.startsWith('{')) continue;
    const { rule_id, event } = JSON.parse(line) as { rule_id?: string; event?: { n: number } };
    if (rule_id === undefined || event === undefined) continue;
    hits.set(event.n, [...(hits.get(event.n) ?? []), rule_id]);
  }
  const loadMs = least(() => output(program, args, none));
  const allMs = least(() => output(program, args, eventsFile));
  return {
    hits: new Map([...hits].map(([n, ids]) => [n, ids.sort().join(',')])),
    eventsPerSecond: Math.round((count / (allMs - loadMs)) * 1000),
    loadMs: Math.round(loadMs),
  };
}

/** Milliseconds of the processor of the quickest of three runs. */
function least(run: () => unknown): number {
  const rounds = Array.from({ length: 3 }, () => {
    const before = childrenCpuMs();
    run();
    return childrenCpuMs() - before;
  });
  return Math.min(...rounds);
}

function output(program: string, args: readonly string[], eventsFile: string): string {
  const input = openSync(eventsFile, 'r');
  const { status, stdout, stderr } = spawnSync(program, args, { stdio: [input, 'pipe', 'pipe'], maxBuffer: 2 ** 30, encoding: 'utf8' });
  closeSync(input);
  if (status !== 0) throw new Error(`rsigma ended with ${status}: ${stderr.slice(0, 500)}`);
  return stdout;
}

const TICK_MS = 10;

/** Of all children that have ended. */
function childrenCpuMs(): number {
  const [, ...fields] = readFileSync('/proc/self/stat', 'utf8').split(') ');
  const numbers = fields.join(') ').split(' ');
  return (Number(numbers[13]) + Number(numbers[14])) * TICK_MS;
}
