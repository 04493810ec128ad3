import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainHash, GENESIS } from '../../src/raw-log/chain.ts';
import { type EncodedBlock, encodeBlock } from '../../src/store/encode.ts';
import type { EmbeddedEngine } from '../../src/store/engine/engine.ts';
import { detachedParts } from '../../src/store/health.ts';
import { keepRejudged } from '../../src/store/keep-rejudged.ts';
import { migrate } from '../../src/store/migrations.ts';
import { dropExpired, dropExpiredHits } from '../../src/store/retention.ts';
import { retentionClasses } from '../../src/store/retention-class.ts';
import { RetentionSettings } from '../../src/store/settings.ts';
import { type Sql, sql, str } from '../../src/store/sql.ts';
import { type ChainRecord, verifyChain } from '../../src/store/verify.ts';
import { BOUNDS, type EngineFolder, engineFolder } from './engine-folder.ts';
import { DAY_MS, madeEvent, NOW } from './store-events.ts';

let folder: EngineFolder;
let engine: EmbeddedEngine;

beforeEach(async () => {
  folder = engineFolder();
  engine = await folder.start();
  await migrate(engine);
});
afterEach(async () => {
  await engine.stop();
  folder.remove();
});

const retention = RetentionSettings.parse({ default_days: 10, classes: [{ name: 'long', datasets: ['pam.*'], days: 400 }] });
const statement = (text: string): Sql => ({ text, params: {} });
const stillHeld = async () => true;
const count = async (where = '1'): Promise<number> => {
  const [row] = await engine.query<{ c: string }>(statement(`SELECT count() AS c FROM earshot.events WHERE ${where}`), BOUNDS);
  return Number(row?.c);
};

/** One event a day, the oldest first; every second one is of the class that is kept long. */
const block = (firstSeq: number, events: number, ageDays: number): EncodedBlock => {
  const receivedAt = NOW - ageDays * DAY_MS;
  return encodeBlock(
    Array.from({ length: events }, (_, i) => {
      const seq = firstSeq + i;
      return madeEvent(seq, { receivedAt, timestamp: receivedAt - i, fields: { 'event.dataset': seq % 2 ? 'pam.session' : 'edge' } });
    }),
    { retentionOf: retentionClasses(retention) },
  );
};

const linkOf = ({ events }: EncodedBlock, previous: string): ChainRecord => ({
  node: 1,
  firstSeq: events[0]?.seq ?? 0,
  lastSeq: events.at(-1)?.seq ?? 0,
  count: events.length,
  previous,
  hash: chainHash(previous, events),
});

async function storeChain(blocks: readonly EncodedBlock[]): Promise<ChainRecord[]> {
  const links: ChainRecord[] = [];
  for (const one of blocks) {
    await engine.insert(one);
    links.push(linkOf(one, links.at(-1)?.hash ?? GENESIS));
  }
  return links;
}

describe('retention', () => {
  it('drops each class by its own days, and says what', async () => {
    await storeChain([block(1, 10, 500), block(11, 10, 100), block(21, 10, 11), block(31, 10, 10), block(41, 10, 0)]);
    const report = await dropExpired(engine, { retention, now: NOW, stillHeld });
    expect(report).toEqual({
      dropped: [
        { retention: 'default', day: '2025-07-08', rows: 5 },
        { retention: 'default', day: '2026-08-12', rows: 5 },
        { retention: 'default', day: '2026-11-09', rows: 5 },
        { retention: 'long', day: '2025-07-08', rows: 5 },
      ],
      unknownClasses: [],
      finished: true,
    });
    expect(await count()).toBe(30);
    expect(await dropExpired(engine, { retention, now: NOW, stillHeld })).toEqual({ dropped: [], unknownClasses: [], finished: true });
  });

  it('drops rows of events that were judged again with their events, and what an event has left behind', async () => {
    await storeChain([block(1, 10, 500), block(11, 10, 100), block(21, 10, 0)]);
    const hit = { id: 'costly', version: 'v', title: 'Costly', level: 'high', matches: [] } as const;
    const stored = await engine.query<{ seq: string; at: string }>(
      sql`SELECT seq, toUnixTimestamp64Milli(ts) AS at FROM earshot.events`,
      BOUNDS,
    );
    const found = stored.map(({ seq, at }) => ({ seq: Number(seq), timestamp: Number(at), hits: [hit] }));
    await keepRejudged(engine, 1, found);
    await keepRejudged(engine, 1, found);
    const again = () =>
      engine.query(
        sql`SELECT retention, toString(day) AS day, count() AS c FROM earshot.rejudged GROUP BY retention, day ORDER BY day, retention`,
        BOUNDS,
      );
    const first = () =>
      engine.query(
        sql`SELECT retention, toString(day) AS day, count() AS c FROM earshot.events GROUP BY retention, day ORDER BY day, retention`,
        BOUNDS,
      );
    expect(await again()).toEqual(await first());
    expect(await again()).toHaveLength(6);
    await engine.command(sql`ALTER TABLE earshot.events DROP PARTITION ('default', '2026-08-12')`);
    await dropExpired(engine, { retention, now: NOW, stillHeld });
    expect(await again()).toEqual(await first());
    expect(await again()).toHaveLength(4 - 1);
  });

  it('keeps what belongs to a class that is no longer named, and reports it', async () => {
    await storeChain([block(1, 10, 500)]);
    const renamed = RetentionSettings.parse({ default_days: 10 });
    expect(await dropExpired(engine, { retention: renamed, now: NOW, stillHeld })).toMatchObject({ unknownClasses: ['long'] });
    expect(await count("retention = 'long'")).toBe(5);
  });

  it('stops when its lease is lost', async () => {
    await storeChain([block(1, 10, 500), block(11, 10, 100)]);
    let asked = 0;
    const report = await dropExpired(engine, { retention, now: NOW, stillHeld: async () => ++asked < 2 });
    expect(report).toMatchObject({ dropped: [{ day: '2025-07-08' }], finished: false });
    expect(await count()).toBe(15);
  });

  it('makes no partitions for clocks that are wrong', async () => {
    const events = Array.from({ length: 400 }, (_, i) => madeEvent(i + 1, { timestamp: i % 2 ? i * DAY_MS * 20 : NOW + i * DAY_MS * 20 }));
    await engine.insert(encodeBlock(events, { retentionOf: retentionClasses(retention) }));
    const days = await engine.query(sql`SELECT day, count() AS c FROM earshot.events GROUP BY day ORDER BY day`, BOUNDS);
    expect(days).toEqual([
      { day: '2026-11-10', c: '200' },
      { day: '2026-11-20', c: '1' },
      { day: '2026-11-21', c: '199' },
    ]);
    expect(await count('ts > now() + INTERVAL 1 YEAR')).toBeGreaterThan(100);
  });
});

it('drops hits by the day of their receipt', async () => {
  const days = ['2026-10-15', '2026-10-16', '2026-11-20'];
  for (const day of days) await engine.command(sql`INSERT INTO earshot.hits (counter, day) SELECT 'c', toDate(${str(day)})`);
  const left = () => engine.query(sql`SELECT toString(day) AS day FROM earshot.hits ORDER BY day`, BOUNDS);
  expect(await dropExpiredHits(engine, { keepDays: 35, now: NOW, stillHeld: async () => false })).toEqual([]);
  expect(await dropExpiredHits(engine, { keepDays: 35, now: NOW, stillHeld })).toEqual(['2026-10-15']);
  expect(await left()).toEqual([{ day: '2026-10-16' }, { day: '2026-11-20' }]);
});

describe('verification', () => {
  const blocks = () => [block(1, 10, 3), block(11, 10, 2), block(1001, 1, 1), block(1002, 30, 0)];

  it('finds the events as they were received', async () => {
    const links = await storeChain(blocks());
    expect(await verifyChain(engine, links, chainHash)).toEqual({
      verifiedLinks: 4,
      verifiedEvents: 51,
      expiredLinks: 0,
      partlyExpiredLinks: 0,
      expiredEvents: 0,
    });
  });

  it.each([
    ['missing', 'a row that was deleted', 'ALTER TABLE earshot.events DELETE WHERE seq IN (13, 14)', 13, 14],
    ['missing', 'a block that was deleted', 'ALTER TABLE earshot.events DELETE WHERE seq BETWEEN 1 AND 10', 1, 10],
    ['changed', 'bytes that were changed', "ALTER TABLE earshot.events UPDATE raw = 'forged' WHERE seq = 15", 11, 20],
    ['changed', 'a time that was changed', 'ALTER TABLE earshot.events UPDATE ingested = ingested + 1 WHERE seq = 15', 11, 20],
    ['extra', 'a row that was added', 'INSERT INTO earshot.events (node, seq, day) SELECT 1, 500, today()', 500, 500],
    ['extra', 'a row that is there twice', 'INSERT INTO earshot.events (node, seq, day) SELECT 1, 12, today()', 12, 12],
  ])('names as %s %s', async (kind, _, forgery, firstSeq, lastSeq) => {
    const links = await storeChain(blocks());
    await engine.command(statement(`${forgery}${forgery.startsWith('ALTER') ? ' SETTINGS mutations_sync = 1' : ''}`));
    expect(await verifyChain(engine, links, chainHash)).toMatchObject({ difference: { kind, node: 1, firstSeq, lastSeq } });
  });

  it('names a link that was taken out or changed', async () => {
    const links = await storeChain(blocks());
    expect(await verifyChain(engine, links.toSpliced(1, 1), chainHash)).toMatchObject({ difference: { kind: 'broken', firstSeq: 1001 } });
    const forged = links.map((link, i) => (i === 1 ? { ...link, hash: GENESIS } : link));
    expect(await verifyChain(engine, forged, chainHash)).toMatchObject({ difference: { firstSeq: 11 } });
  });

  it('tells what retention dropped from what is missing', async () => {
    const links = await storeChain([block(1, 10, 500), block(11, 10, 100), block(21, 10, 0)]);
    await dropExpired(engine, { retention, now: NOW, stillHeld });
    expect(await verifyChain(engine, links, chainHash)).toEqual({
      verifiedLinks: 1,
      verifiedEvents: 10,
      expiredLinks: 1,
      partlyExpiredLinks: 1,
      expiredEvents: 15,
    });
    await engine.command(statement('ALTER TABLE earshot.events DELETE WHERE seq = 25 SETTINGS mutations_sync = 1'));
    expect(await verifyChain(engine, links, chainHash)).toMatchObject({ difference: { kind: 'missing', firstSeq: 25, lastSeq: 25 } });
  });
});

describe('a damaged part', () => {
  it('is reported after the start, which goes on without it', async () => {
    await storeChain([block(1, 10, 1), block(11, 10, 0)]);
    expect(await detachedParts(engine)).toEqual([]);
    await engine.stop();
    const store = join(folder.path, 'data', 'chdb', 'store');
    const part = readdirSync(store, { recursive: true, encoding: 'utf8' }).find(
      (path) => /\/\w+_\d+_\d+_0\/columns\.txt$/.test(path) && readFileSync(join(store, path), 'utf8').includes('user_name'),
    );
    writeFileSync(join(store, part ?? ''), 'damaged');
    engine = await folder.start();
    expect(await detachedParts(engine)).toEqual([expect.objectContaining({ reason: 'broken-on-start' })]);
    expect(await count()).toBeLessThan(20);
  });
});
