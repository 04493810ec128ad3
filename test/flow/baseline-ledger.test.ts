import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createFoundAlerts } from '../../src/alert/found-alerts.ts';
import { groupColumns } from '../../src/detect/correlate/hit-plan.ts';
import { baselineIdentity } from '../../src/detect/correlate/identity.ts';
import { gapsOf, keepCursor, readCursor } from '../../src/detect/correlate/ledger.ts';
import { type LoadedRules, readRules } from '../../src/detect/sigma/load.ts';
import { Baselining } from '../../src/hub/counting/baselining.ts';
import { sql } from '../../src/store/sql.ts';
import type { EventEngine } from '../../src/store/store.ts';
import { ruleOf } from '../support/detected.ts';
import { storeHits } from '../support/hits-table.ts';
import { eventually } from '../support/hub-process.ts';
import { RecordingTelemetry } from '../support/recording-telemetry.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';
import { type TestState, testState } from '../support/state.ts';

/** Whether a stretch of a baseline may be passed over unseen: what the hub was down for, what the engine was away for, and a cursor that jumped. */
const NODE = 1;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.UTC(2026, 4, 20);

const RULES = `title: R\nname: r\nlogsource: { product: linux }\ndetection: { s: { f: x }, condition: s }\n---\ntitle: More\nname: more\nbaseline: { rules: [r], group-by: [user.name], history: 30d, least_history: 10d }\n`;

let store: SearchEngine;
let place: TestState;
beforeAll(async () => {
  store = await startSearchEngine();
});
afterAll(() => store.stop());
beforeEach(async () => {
  await store.engine.command(sql`TRUNCATE TABLE earshot.hits`);
  place = await testState(Date.now);
});
afterEach(() => place.remove());

/** What outlives a hub: its rules, and what is in the store. */
class World {
  readonly loaded: Pick<LoadedRules, 'rules' | 'baselines'> = readRules('a.yml', RULES);
  readonly telemetry = new RecordingTelemetry();
  now = MIDNIGHT;
  liveAt = MIDNIGHT - 5 * DAY;
  isUp = true;
  #seq = 0;

  get #identity(): string {
    const [baseline] = this.loaded.baselines;
    if (baseline === undefined) throw new Error('the baseline was rejected');
    return baselineIdentity(baseline, new Map(this.loaded.rules.map((rule) => [rule.id, rule])));
  }

  /** Events of these times, received now. */
  write(at: readonly number[]): Promise<void> {
    const rows = at.map((t) => ({
      ...{ counter: this.#identity, ...groupColumns(['Eve']), t, ref: 0, textValue: '', numberValue: 0, node: NODE, seq: ++this.#seq },
      ...{ receivedAt: this.now, moment: 0 as const },
    }));
    return storeHits(store.engine, rows);
  }

  /** A hub that runs until `done`. */
  async runUntil(done: () => Promise<boolean>): Promise<void> {
    const { telemetry } = this;
    const world = this;
    const engine: EventEngine = {
      get up() {
        return world.isUp;
      },
      command: (statement) => store.engine.command(statement),
      insert: (block) => store.engine.insert(block),
      query: (statement, bounds) => store.engine.query(statement, bounds),
    };
    const hub = new Baselining({
      engine,
      state: place.state,
      found: createFoundAlerts({
        state: place.state,
        ruleInfo: ruleOf,
        isQuiet: () => false,
        router: () => ({ notifiers: ['slack'], following: [], targets: () => ['slack'] }),
        telemetry,
        now: Date.now,
      }),
      counting: { liveCounters: () => [{ identity: this.#identity, beganAt: this.liveAt - HOUR, liveAt: this.liveAt }] },
      holder: 'hub-1',
      loaded: () => this.loaded,
      head: async () => ({ node: NODE, seq: this.#seq, receivedAt: this.now, idle: false }),
      telemetry,
    });
    hub.start();
    await eventually(done).finally(() => hub.stop());
  }

  /** A hub that runs until it has looked at everything. */
  run(): Promise<void> {
    return this.runUntil(async () => (await this.#cursor())?.seqs.get(NODE) === this.#seq);
  }

  #cursor = () => place.state.read((db) => readCursor(db, 'baselines'));
}

/** Days with too much, and whether somebody is told. */
async function alerts(): Promise<[day: number, told: boolean][]> {
  const rows = await place.state.read((db) => db.selectFrom('alerts').select(['id', 'first_trigger']).orderBy('first_trigger').execute());
  const told = await place.state.read((db) => db.selectFrom('outbox').select('alert_id').execute());
  return rows.map(({ id, first_trigger }) => [
    Math.round(((first_trigger ?? 0) - MIDNIGHT) / DAY),
    told.some(({ alert_id }) => alert_id === id),
  ]);
}

const days = (until: number): number[] => Array.from({ length: 20 }, (_, i) => until - (20 - i) * DAY + 9 * HOUR);
const gaps = () => place.state.read((db) => gapsOf(db));

it('looks at the day before and at the new one when the hub was down at midnight', async () => {
  const world = new World();
  world.now = MIDNIGHT - 10 * MINUTE;
  await world.write(days(MIDNIGHT - DAY));
  await world.run();
  await world.write([MIDNIGHT - 12 * MINUTE]);
  await world.run();
  world.now = MIDNIGHT + 30 * MINUTE;
  await world.write([1, 2, 3].flatMap((n) => [MIDNIGHT - n * MINUTE, MIDNIGHT + n * MINUTE, MIDNIGHT + n * MINUTE + 1]));
  await world.run();
  expect(await alerts()).toEqual([
    [-1, true],
    [0, true],
  ]);
  expect(await gaps()).toEqual([]);
});

it('says how far it is behind while the engine is away, and looks at that hour and day when it is back', async () => {
  const world = new World();
  world.now = MIDNIGHT - 10 * MINUTE;
  await world.write(days(MIDNIGHT - DAY));
  await world.run();
  await world.write([1, 2, 3].map((n) => MIDNIGHT - n * MINUTE));
  world.isUp = false;
  await world.runUntil(async () => world.telemetry.value('earshot_baseline_lag_seconds') > 0);
  expect(await alerts()).toEqual([]);
  world.isUp = true;
  world.now = MIDNIGHT + 2 * HOUR;
  await world.run();
  expect(await alerts()).toEqual([[-1, true]]);
  expect(world.telemetry.value('earshot_baseline_lag_seconds')).toBeGreaterThan(0);
  expect(await gaps()).toEqual([]);
});

it('looks at what was there before a baseline was live also when the hub was down for long right after', async () => {
  const world = new World();
  world.now = MIDNIGHT + 12 * HOUR;
  await world.write(days(MIDNIGHT));
  await world.run();
  // Loaded before midnight, live after it; the rows of both days were counted before.
  world.liveAt = MIDNIGHT + 30 * MINUTE;
  await place.state.transaction((tx) => keepCursor(tx, 'baselines', { seqs: new Map([[NODE, 26]]), watermark: world.now }, world.now));
  await world.write([1, 2].flatMap((n) => [MIDNIGHT - n * MINUTE, MIDNIGHT + n * MINUTE, MIDNIGHT + n * MINUTE + 1]));
  world.now = MIDNIGHT + 3 * DAY;
  await world.runUntil(async () => (await alerts()).length === 2);
  expect(await alerts()).toEqual([
    [-1, false],
    [0, false],
  ]);
  // Once.
  await place.state.transaction((tx) => tx.deleteFrom('alerts').execute());
  await world.write([MIDNIGHT + 3 * DAY]);
  await world.run();
  expect(await alerts()).toEqual([]);
});

it('shows a stretch that nobody has looked at', async () => {
  const world = new World();
  await world.write(days(MIDNIGHT));
  await world.run();
  await world.write([MIDNIGHT + MINUTE]);
  await world.run();
  expect(await gaps()).toEqual([]);
  await world.write([MIDNIGHT + 2 * MINUTE]);
  world.now = MIDNIGHT + HOUR;
  await place.state.transaction((tx) => keepCursor(tx, 'baselines', { seqs: new Map([[NODE, 22]]), watermark: world.now }, world.now));
  await world.write([MIDNIGHT + HOUR]);
  await world.run();
  expect(await gaps()).toMatchObject([
    { pass: 'baselines', lengthMs: HOUR, fromSeqs: new Map([[NODE, 21]]), toSeqs: new Map([[NODE, 22]]) },
  ]);
});
