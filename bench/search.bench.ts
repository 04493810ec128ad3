import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Request } from 'playwright-core';
import { startEngine } from '../src/store/engine/engine.ts';
import { migrate } from '../src/store/migrations.ts';
import { silent } from '../src/telemetry/telemetry.ts';
import { findBrowser, openBrowser } from '../test/support/browser.ts';
import { ConsoleHub } from '../test/support/console-hub.ts';
import { eventually, HubProcess } from '../test/support/hub-process.ts';
import { fill } from './search/fill.ts';

/**
 * How long the explorer takes to answer a question about a month of ten million events: from the key that sends the query until the last
 * answer of the hub is there (bars, top values, the first page of events), in Chromium, and of a few other pages. After `npm run build`.
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    runs: { type: 'string', default: '5' },
    /** Keeps the filled store there, and uses it again. */
    dir: { type: 'string' },
  },
});
const [count, runs, days] = [Number(values.events), Number(values.runs), 30];
/** The end of a whole hour, so that the same folder serves again. */
const UNTIL = Date.parse('2026-11-21T07:00:00Z');
const RANGE = `from=${new Date(UNTIL - days * 86_400_000).toISOString()}&to=${new Date(UNTIL).toISOString()}`;

const QUERIES: readonly string[] = [
  '',
  'user.name:user17',
  'user.name:nobody',
  'source.ip:192.0.2.0/28',
  'event.outcome:failure',
  'NOT event.outcome:success',
  'cef.name:"Password Viewed" AND event.outcome:failure',
  'firewall',
  '"remote desktop"',
  'rule.level:high',
  'rule.name:"Password view refused"',
  'destination.domain:payroll*',
  'message:*ledger*',
];
/** Beyond the bound, and told apart: what no column holds. */
const BESIDE_COLUMNS: readonly string[] = ['cef.external_id:000000017', 'cef.labels.session_id:ab*'];
const PAGES: readonly string[] = ['/overview?period=month', `/detections?${RANGE}`, '/rules', '/sources'];

const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'earshot-bench-search-'));
await filled();
await counted();
const dataDir = mkdtempSync(join(tmpdir(), 'earshot-bench-hub-'));
cpSync(join(dir, 'hub'), dataDir, { recursive: true });
const browser = await openBrowser(findBrowser() ?? '');
const hub = await ConsoleHub.start(browser, {}, { dataDir });
const version = browser.version();
console.log(
  `${count} events of ${days} days; ${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, Node ${process.version}, Chromium ${version}\n`,
);
console.log('| query | rows and bars, ms | with top values: first, ms | median, ms | worst, ms |\n|---|---|---|---|---|');
const { page } = await hub.open(browser, `/explorer?q=user.name%3Awarm&${RANGE}`, {});
const waiting = new Set<Request>();
page.on('request', (request) => waiting.add(request));
page.on('requestfinished', (request) => waiting.delete(request));
page.on('requestfailed', (request) => waiting.delete(request));
await page.reload();
await settled(0);
for (const query of [...QUERIES, ...BESIDE_COLUMNS]) print(query === '' ? 'everything' : `\`${query}\``, await timesOf(() => ask(query)));
for (const path of PAGES) print(path.replace(/\?.*/, ''), await timesOf(() => visit(path)));
await browser.close();
await hub.stop();
if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });

async function filled(): Promise<void> {
  mkdirSync(join(dir, 'run'), { recursive: true });
  const engine = await startEngine({ dataDir: join(dir, 'events'), runDir: join(dir, 'run'), telemetry: silent });
  await migrate(engine);
  await fill(engine, count, days, UNTIL);
  await engine.stop();
}

/** A hub that has been there for a while: its correlations and baselines have counted what is stored. */
async function counted(): Promise<void> {
  const folder = join(dir, 'hub');
  mkdirSync(join(folder, 'data'), { recursive: true });
  if (!existsSync(join(folder, 'data', 'events'))) symlinkSync(join(dir, 'events'), join(folder, 'data', 'events'));
  const hub = await HubProcess.create({}, { dataDir: folder });
  await hub.start();
  const begun = performance.now();
  await eventually(async () => /^earshot_counters_filling 0$/m.test((await hub.getText('/metrics')).text), {
    withinMs: 7_200_000,
    everyMs: 1_000,
  });
  console.log(`the past was counted after ${Math.round((performance.now() - begun) / 1000)} s`);
  await hub.kill('SIGTERM');
}

/** Milliseconds until the rows and the bars were there, and until the top values were too. */
interface Answered {
  readonly rows: number;
  readonly whole: number;
}

async function timesOf(once: () => Promise<Answered>): Promise<Answered[]> {
  const times: Answered[] = [];
  for (let run = 0; run < runs; run += 1) times.push(await once());
  return times;
}

/** From the key to the answers. Another query stands between two of the same, as the page keeps the answers of the last. */
async function ask(query: string): Promise<Answered> {
  const bar = page.getByRole('combobox', { name: 'Query' });
  await bar.fill(`user.name:between-${Math.random().toString(36).slice(2)}`);
  await bar.press('Escape');
  await bar.press('Enter');
  await settled(0);
  await bar.fill(query);
  await bar.press('Escape');
  const start = Number(await page.evaluate('performance.now()'));
  await bar.press('Enter');
  const { rows, whole } = await settled(start);
  return { rows: rows - start, whole: whole - start };
}

async function visit(path: string): Promise<Answered> {
  await page.goto(`${hub.url}${path}`);
  return await settled(0);
}

/** When the last answers to what was asked after `since` came, on the page's clock, once nothing more is asked for. */
async function settled(since: number): Promise<Answered> {
  let idle = 0;
  for (let turn = 0; idle < 3 && turn < 300; turn += 1) {
    await page.waitForTimeout(100);
    idle = waiting.size === 0 ? idle + 1 : 0;
  }
  const seen = (await page.evaluate(
    'performance.getEntriesByType("resource").map(({ name, startTime, responseEnd }) => ({ name, startTime, responseEnd }))',
  )) as { name: string; startTime: number; responseEnd: number }[];
  await page.evaluate('performance.clearResourceTimings()');
  const asked = seen.filter(({ name, startTime }) => name.includes('/api/') && startTime >= since);
  const last = (of: typeof seen) => Math.max(since, ...of.map(({ responseEnd }) => responseEnd));
  return { rows: last(asked.filter(({ name }) => /\/api\/events(\/histogram)?\?/.test(name))), whole: last(asked) };
}

function print(name: string, times: readonly Answered[]): void {
  const whole = times.map((each) => each.whole).toSorted((a, b) => a - b);
  const rows = times.map((each) => each.rows).toSorted((a, b) => a - b);
  const middle = Math.floor(times.length / 2);
  console.log(
    `| ${name} | ${[rows[middle], times[0]?.whole, whole[middle], whole.at(-1)].map((each) => Math.round(each ?? 0)).join(' | ')} |`,
  );
}
