import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { arch, cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../../test/support/free-port.ts';
import { HubProcess } from '../../test/support/hub-process.ts';
import { cpuSeconds, histogramQuantile, residentMiB } from './process-stats.ts';
import { startRsyslog } from './rsyslog.ts';
import { secondsByStage } from './stage-profile.ts';

/**
 * The whole way: RFC 5424 + CEF lines over one TCP connection → raw log → decode → ECS → rules → stored and searchable, every event
 * counted; and rsyslog on the same lines in the same run, which parses them into a JSON file. Sender included, all on this machine.
 * Of several runs the table has the medians. A last run, profiled, tells the hub's CPU by stage.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50000' },
    rules: { type: 'string' },
    runs: { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);

interface Run {
  readonly what: string;
  readonly sent: number;
  readonly counted: number;
  /** Until every event is searchable (Earshot) or written (rsyslog). */
  readonly seconds: number;
  readonly cpuPerEvent: Readonly<Record<string, number>>;
  readonly peakMiB: Readonly<Record<string, number>>;
  readonly p50?: number;
  readonly p99?: number;
  readonly bytesPerEvent?: number;
}

interface Sent {
  readonly sent: number;
  readonly cpuSeconds: number;
  /** When the first line went out; milliseconds of `performance.now()`. */
  readonly begin: number;
}

const PROFILED_SECONDS = 20;

const runs: Run[] = [];
for (let i = 0; i < Number(values.runs); i++) {
  runs.push(await earshot(`Earshot at ${rate} events/s`, rate), await earshot('Earshot, all at once', 0), await rsyslog());
}
print(runs);
await printStages();
process.exit(0);

function createHub(nodeOptions: readonly string[] = []): Promise<HubProcess> {
  const settings = {
    rules: { folders: values.rules === undefined ? [] : [values.rules] },
    raw_log: { max_bytes: 20 * 1024 ** 3 },
    log: { level: 'warn' },
  };
  return HubProcess.create(settings, { nodeOptions });
}

async function earshot(what: string, atRate: number): Promise<Run> {
  const hub = await createHub();
  await hub.start();
  const enginePid = hub.enginePid() ?? 0;
  const hubPid = hub.pid ?? 0;
  await send(hub.ports.syslog, { count: 100_000, rate: 0, seconds: 20 });
  await allStored(hub, 100_000);
  const before = { hub: cpuSeconds(hubPid), engine: cpuSeconds(enginePid), metrics: await metrics(hub) };
  // Unpaced, the raw log takes several times what can be judged: so many events, and the time until the last one is found.
  const sender = await send(hub.ports.syslog, { rate: atRate, seconds: seconds * 2, count: rate * seconds });
  const counted = (await allStored(hub, 100_000 + sender.sent)) - 100_000;
  const took = (performance.now() - sender.begin) / 1000;
  const text = await metrics(hub);
  const perEvent = (cpu: number) => (cpu / sender.sent) * 1e6;
  const run: Run = {
    what,
    sent: sender.sent,
    counted,
    seconds: took,
    cpuPerEvent: {
      sender: perEvent(sender.cpuSeconds),
      hub: perEvent(cpuSeconds(hubPid) - before.hub),
      engine: perEvent(cpuSeconds(enginePid) - before.engine),
    },
    peakMiB: { hub: residentMiB(hubPid).peak, engine: residentMiB(enginePid).peak },
    p50: histogramQuantile(before.metrics, text, 'earshot_searchable_seconds', 0.5),
    p99: histogramQuantile(before.metrics, text, 'earshot_searchable_seconds', 0.99),
    bytesPerEvent: await bytesPerEvent(hub),
  };
  await hub.kill('SIGTERM');
  return run;
}

async function rsyslog(): Promise<Run> {
  const port = await freePort();
  const { child, output } = await startRsyslog(port);
  const pid = child.pid ?? 0;
  const sender = await send(port, { rate: 0, seconds: seconds * 2, count: rate * seconds });
  let size = -1;
  while (size !== statSync(output).size) {
    size = statSync(output).size;
    await sleep(500);
  }
  const took = (performance.now() - sender.begin) / 1000 - 0.5;
  const cpu = cpuSeconds(pid);
  const peak = residentMiB(pid).peak;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return {
    what: 'rsyslog: parse to a JSON file',
    sent: sender.sent,
    counted: await countLines(output),
    seconds: took,
    cpuPerEvent: { sender: (sender.cpuSeconds / sender.sent) * 1e6, rsyslog: (cpu / sender.sent) * 1e6 },
    peakMiB: { rsyslog: peak },
  };
}

async function send(port: number, how: { rate: number; seconds: number; count?: number }): Promise<Sent> {
  const args = ['bench/whole-way/sender.ts', '--port', `${port}`, '--rate', `${how.rate}`, '--seconds', `${how.seconds}`];
  const child = spawn(process.execPath, [...args, ...(how.count === undefined ? [] : ['--count', `${how.count}`])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const begin = performance.now();
  child.stdin.write('go\n');
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  await once(child, 'close');
  return { begin, ...(JSON.parse(out) as { sent: number; cpuSeconds: number }) };
}

/** Waits until the engine counts them all, and gives its count: by the exact count of a query, not by a counter of ours. */
async function allStored(hub: HubProcess, expected: number): Promise<number> {
  for (let still = 0, last = -1; ; ) {
    const count = await storedCount(hub);
    if (count >= expected) return count;
    still = count === last ? still + 1 : 0;
    if (still > 60) return count;
    last = count;
    // A search of everything is work for the engine too: asked every 20 ms it cost as much as the inserts.
    await sleep(200);
  }
}

async function storedCount(hub: HubProcess): Promise<number> {
  const { json } = await hub.get('/api/events/histogram?q=externalId&buckets=2');
  return (json as { total: number }).total;
}

async function bytesPerEvent(hub: HubProcess): Promise<number> {
  const { json } = await hub.get('/api/control/store');
  const { bytes, rows } = json as { bytes: number; rows: number };
  return bytes / rows;
}

async function metrics(hub: HubProcess): Promise<string> {
  await sleep(1_200);
  const { text } = await hub.getText('/metrics');
  return text;
}

async function countLines(file: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    for (let at = (chunk as Buffer).indexOf(10); at !== -1; at = (chunk as Buffer).indexOf(10, at + 1)) lines++;
  }
  return lines;
}

async function printStages(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-profile-'));
  const hub = await createHub(['--cpu-prof', `--cpu-prof-dir=${folder}`]);
  await hub.start();
  const { sent } = await send(hub.ports.syslog, { rate, seconds: PROFILED_SECONDS * 2, count: rate * PROFILED_SECONDS });
  await allStored(hub, sent);
  await hub.kill('SIGTERM');
  const stages = [...secondsByStage(folder)].sort(([, a], [, b]) => b - a);
  rmSync(folder, { recursive: true });
  console.log(
    `\nThe hub's threads, sampled in a run of ${sent.toLocaleString('en')} events, its start included:\n\n| stage | µs/event |\n|---|---|`,
  );
  for (const [stage, seconds] of stages) console.log(`| ${stage} | ${((seconds / sent) * 1e6).toFixed(2)} |`);
}

function round(n: number | undefined): string {
  if (n === undefined) return '';
  return n >= 100 ? Math.round(n).toLocaleString('en') : n.toFixed(n < 10 ? 2 : 1);
}

function print(all: readonly Run[]): void {
  console.log(
    `${cpus()[0]?.model ?? ''}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()} ${arch()}, Node ${process.version}, medians of ${values.runs}\n`,
  );
  console.log(
    '| run | events sent | counted | events/s (least) | p50 s | p99 s (worst) | CPU µs/event | peak MiB (worst sum) | bytes/event |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const what of new Set(all.map((run) => run.what))) console.log(`| ${cellsOf(all.filter((run) => run.what === what)).join(' | ')} |`);
}

/** Medians; beside them the worst, where it is the worst that is promised. */
function cellsOf(same: readonly Run[]): string[] {
  const list = (of: (run: Run) => Readonly<Record<string, number>>) =>
    Object.keys(of(same[0] as Run))
      .map((name) => `${name} ${round(median(same.map((run) => of(run)[name])))}`)
      .join(', ');
  const rates = same.map((run) => run.sent / run.seconds);
  const p99s = same.map(({ p99 }) => p99);
  const sums = same.map(({ peakMiB }) => Object.values(peakMiB).reduce((sum, peak) => sum + peak, 0));
  return [
    same[0]?.what ?? '',
    (median(same.map(({ sent }) => sent)) ?? 0).toLocaleString('en'),
    (median(same.map(({ counted }) => counted)) ?? 0).toLocaleString('en'),
    `${round(median(rates))} (${round(Math.min(...rates))})`,
    round(median(same.map(({ p50 }) => p50))),
    p99s[0] === undefined ? '' : `${round(median(p99s))} (${round(Math.max(...p99s.map(Number)))})`,
    list(({ cpuPerEvent }) => cpuPerEvent),
    `${list(({ peakMiB }) => peakMiB)} (${round(Math.max(...sums))})`,
    round(median(same.map(({ bytesPerEvent: bytes }) => bytes))),
  ];
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return known[Math.floor((known.length - 1) / 2)];
}
