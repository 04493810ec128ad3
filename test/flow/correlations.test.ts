import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { gapsOf } from '../../src/detect/correlate/ledger.ts';
import { sql } from '../../src/store/sql.ts';
import { correlation, RULES, type Shape } from '../support/correlation-timelines.ts';
import { type Arrival, CorrelationWorld, type Counter, KILLS } from '../support/correlation-world.ts';
import { propertySeed } from '../support/property-seed.ts';
import { type SearchEngine, startSearchEngine } from '../support/search-engine.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type TestState, testState } from '../support/state.ts';

const EVENTS = Number(process.env.CORRELATION_EVENTS ?? 150);
const ROUNDS = Number(process.env.CORRELATION_ROUNDS ?? 2);

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 0, 10);
const T = 10 * MINUTE;

const over = { timespanMs: T, groupNames: ['user'], rules: RULES.slice(0, 3) };
const counter = (id: string, shape: Shape, version = 1): Counter => ({
  identity: `${id}@${version}`,
  correlation: correlation(id, over, shape),
});
const gte = (number: number) => [{ op: 'gte' as const, number }];
const ALL = { kind: 'and' as const, children: [0, 1].map((ref) => ({ kind: 'ref' as const, ref })) };
const NOT = {
  kind: 'and' as const,
  children: [
    { kind: 'ref' as const, ref: 0 },
    { kind: 'not' as const, child: { kind: 'ref' as const, ref: 2 } },
  ],
};

/** Every type, told at once or when it has settled, and two that count others. */
const COUNTERS: readonly Counter[] = [
  counter('often', { type: 'event_count', bounds: gte(6) }),
  counter('seldom', { type: 'event_count', bounds: [{ op: 'lt', number: 2 }] }),
  counter('many', { type: 'value_count', bounds: gte(4) }),
  counter('sum', { type: 'value_sum', bounds: gte(7) }),
  counter('mean', { type: 'value_avg', bounds: gte(2) }),
  counter('median', { type: 'value_median', bounds: gte(2.5) }),
  counter('share', { type: 'value_percentile', bounds: gte(3), percentile: 90 }),
  counter('both', { type: 'temporal', expression: ALL }),
  counter('without', { type: 'temporal', expression: NOT }),
  counter('steps', { type: 'temporal_ordered' }),
  {
    identity: 'outer@1',
    correlation: correlation(
      'outer',
      { ...over, timespanMs: HOUR, rules: [] },
      { type: 'event_count', bounds: gte(2) },
      { id: 'often', first: true },
    ),
  },
  {
    identity: 'outermost@1',
    correlation: correlation('outermost', { ...over, rules: ['r3'] }, { type: 'temporal' }, { id: 'outer', first: false }),
  },
  {
    identity: 'later@1',
    correlation: correlation(
      'later',
      { ...over, timespanMs: HOUR, rules: [] },
      { type: 'event_count', bounds: gte(3) },
      { id: 'mean', first: true },
    ),
  },
];

type Random = () => number;
const between = (random: Random, from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
// There is one at each index below the length.
const oneOf = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;

/** Mostly at once, every tenth up to an hour late; a few later still, and a few from the day before. */
function delayOf(random: Random): number {
  const draw = random();
  if (draw < 0.85) return between(random, 0, 5) * SECOND;
  if (draw < 0.95) return between(random, 1, 60) * MINUTE;
  return draw < 0.98 ? between(random, 61, 300) * MINUTE : between(random, 25, 30) * HOUR;
}

function arrivals(random: Random, count: number): Arrival[] {
  const events = Array.from({ length: count }, (): Arrival => {
    const delay = delayOf(random);
    const at = BEGIN + between(random, 0, 3 * HOUR) - (delay > 24 * HOUR ? delay : 0);
    const rules = random() < 0.2 ? [oneOf(random, RULES), oneOf(random, RULES)] : [oneOf(random, RULES)];
    return {
      at,
      receivedAt: Math.max(at + delay, BEGIN),
      rules: [...new Set(rules)],
      user: oneOf(random, ['a', 'A', 'b', 'c', undefined]),
      host: oneOf(random, ['x', 'X', 'y', 'z', 'v']),
      number: between(random, -4, 16) / 4,
    };
  });
  return events.sort((a, b) => a.receivedAt - b.receivedAt);
}

function cut<T>(random: Random, all: readonly T[], most: number): T[][] {
  const blocks: T[][] = [];
  for (let at = 0; at < all.length; ) {
    const size = between(random, 1, most);
    blocks.push(all.slice(at, at + size));
    at += size;
  }
  return blocks;
}

/** More draws are made by hand: see test/long. */
vi.setConfig({ testTimeout: 600_000 });

describe('correlations', () => {
  let store: SearchEngine;
  let place: TestState;
  let world: CorrelationWorld;
  beforeAll(async () => {
    store = await startSearchEngine();
  });
  afterAll(() => store.stop());
  beforeEach(async () => {
    await store.engine.command(sql`TRUNCATE TABLE earshot.hits`);
    place = await testState(() => world.clock);
    world = new CorrelationWorld(store.engine, place);
  });
  afterEach(() => place.remove());

  /** Until nothing more can change: hours pass, and the hub ticks. */
  const settle = async () => {
    world.kill = undefined;
    world.catchUp();
    for (const wait of [4 * HOUR, 4 * HOUR]) {
      world.clock += wait;
      for (let tick = 0; tick < 12; tick++) {
        world.clock += 6 * SECOND;
        await world.tick();
      }
    }
  };

  for (let round = 0; round < ROUNDS; round++) {
    it(`find at last what is there, however it came and whenever the hub was killed (${round})`, async () => {
      const random = seededRandom(propertySeed + round);
      const changed = counter('many', { type: 'value_count', bounds: gte(3) }, 2);
      const after = COUNTERS.map((each) => (each.identity === 'many@1' ? changed : each));
      let counters = COUNTERS;
      let kills = 0;
      world.clock = BEGIN;
      await world.watch(counters);
      await world.tick();
      const blocks = cut(random, arrivals(random, EVENTS), 12);
      const waiting: { index: number; in: number }[] = [];
      for (const [i, block] of blocks.entries()) {
        world.clock = Math.max(world.clock, block.at(-1)?.receivedAt ?? 0);
        waiting.push({ index: world.receive(block), in: between(random, 0, 3) });
        for (const each of waiting.filter((one) => one.in-- <= 0)) {
          await world.land(each.index);
          if (random() < 0.2) await world.land(each.index);
          waiting.splice(waiting.indexOf(each), 1);
        }
        if (i === Math.floor(blocks.length / 2)) {
          counters = after;
          await world.watch(counters);
        }
        if (random() < 0.4) world.kill = oneOf(random, KILLS);
        if (await world.tick(between(random, 0, 3))) kills += 1;
        world.kill = undefined;
        if (random() < 0.7) world.catchUp();
      }
      for (const { index } of waiting) await world.land(index);
      await settle();
      expect(kills).toBeGreaterThan(1);
      const expected = world.expected(counters);
      // What the former definition found, this one finds too: none of its alerts is left beside the new ones.
      const found = await world.found();
      expect(found.toSorted()).toEqual(expected.toSorted());
      expect(new Set(found.map((line) => line.split(' ')[0])).size).toBe(counters.length);
      expect(await place.state.read((db) => gapsOf(db))).toEqual([]);
    });
  }

  for (const kill of [undefined, ...KILLS])
    it(`that change take their alerts with them, and tell once${kill === undefined ? '' : `, killed ${kill}`}`, async () => {
      const version = (number: number, of: number) => counter('often', { type: 'event_count', bounds: gte(number) }, of);
      const [wide, narrow] = [version(2, 1), version(3, 2)];
      const send = async (user: string, ...secs: number[]) =>
        world.land(
          world.receive(
            secs.map((sec) => ({
              at: BEGIN + sec * SECOND,
              receivedAt: BEGIN + sec * SECOND,
              rules: ['r1'],
              user,
              host: 'x',
              number: 1,
            })),
          ),
        );
      const until = async (sec: number) => {
        for (world.clock = Math.max(world.clock, BEGIN + sec * SECOND - 20 * SECOND); world.clock <= BEGIN + sec * SECOND; ) {
          await world.tick();
          world.clock += 6 * SECOND;
        }
      };
      const told = async () =>
        (await place.state.read((db) => db.selectFrom('outbox').select(['alert_id', 'kind']).execute())).map(
          ({ alert_id, kind }) => `${kind} ${alert_id}`,
        );
      const opened = async () => (await told()).filter((each) => each.startsWith('opened'));
      const noted = async () =>
        (await place.state.read((db) => db.selectFrom('alert_changes').selectAll().where('change', '=', 'rule_changed').execute())).map(
          ({ note }) => note.slice(0, 28),
        );
      world.clock = BEGIN;
      await world.watch([wide]);
      await until(1);
      await send('under way', 10, 20, 30);
      await send('seldom', 10, 20);
      await until(60);
      expect(await opened()).toHaveLength(2);
      world.clock = BEGIN + 70 * SECOND;
      await world.watch([narrow]);
      world.kill = kill;
      await send('under way', 80);
      await until(110);
      world.kill = undefined;
      world.restart();
      await until(140);
      await send('under way', 150);
      await send('new', 150, 155, 160);
      await until(190);
      const at = (sec: number) => BEGIN + sec * SECOND;
      const found = [
        `often@1 ["seldom"] ${at(20)} ${at(20)} 2`,
        `often@2 ["new"] ${at(160)} ${at(160)} 3`,
        `often@2 ["under way"] ${at(20)} ${at(150)} 5`,
      ];
      expect((await world.found()).toSorted()).toEqual(found);
      expect(await opened()).toHaveLength(3);
      expect((await noted()).toSorted()).toEqual(['before, it found 3 events fr', 'found by the rule as it was ']);
      // Undone: what came meanwhile is looked at too.
      world.clock = at(200);
      await send('seldom', 205);
      await world.watch([wide]);
      await until(230);
      expect((await world.found()).toSorted()).toEqual([
        `often@1 ["new"] ${at(155)} ${at(160)} 3`,
        `often@1 ["seldom"] ${at(20)} ${at(205)} 3`,
        `often@1 ["under way"] ${at(20)} ${at(150)} 5`,
      ]);
      expect(await opened()).toHaveLength(3);
    });

  it('go on without a group that takes too much of the engine, and find what is in it when there is room, also after a restart', async () => {
    const often = counter('often', { type: 'event_count', bounds: gte(2) });
    const event = (user: string, secs: number): Arrival => {
      const at = BEGIN + secs * SECOND;
      return { at, receivedAt: at, rules: ['r1'], user, host: 'x', number: 1 };
    };
    const users = async () => (await world.found()).map((line) => line.split(' ')[1]).sort();
    world.clock = BEGIN;
    await world.watch([often]);
    await world.tick();
    world.tooMuch = 'whale';
    await world.land(world.receive(['whale', 'shrimp', 'krill'].flatMap((user) => [event(user, 1), event(user, 2)])));
    world.clock += 3 * SECOND;
    await world.tick();
    expect(await users()).toEqual(['["krill"]', '["shrimp"]']);
    await world.land(world.receive([event('whale', 4), event('crab', 4), event('crab', 5)]));
    world.clock += 20 * SECOND;
    await world.tick();
    expect(await users()).toEqual(['["crab"]', '["krill"]', '["shrimp"]']);
    world.restart();
    world.clock += 40 * SECOND;
    await world.tick();
    expect(await users()).toHaveLength(3);
    world.tooMuch = undefined;
    // A machine that is busy may have no time for it between two ticks.
    for (let n = 0; n < 10 && (await users()).length < 4; n++) {
      world.clock += 31 * SECOND;
      await world.tick();
    }
    expect((await world.found()).toSorted()).toEqual(world.expected([often]).toSorted());
    expect(await users()).toHaveLength(4);
  });
});
