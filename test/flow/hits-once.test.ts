import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HitRow } from '../../src/model/hit-row.ts';
import type { EmbeddedEngine } from '../../src/store/engine/engine.ts';
import type { HitBlock } from '../../src/store/hit-rows.ts';
import { insertHits } from '../../src/store/insert-hits.ts';
import { migrate } from '../../src/store/migrations.ts';
import { type Sql, sql } from '../../src/store/sql.ts';
import { BOUNDS, type EngineFolder, engineFolder } from './engine-folder.ts';
import { NOW } from './store-events.ts';

let folder: EngineFolder;
let engine: EmbeddedEngine;

beforeEach(async () => {
  folder = engineFolder();
  engine = await folder.start({ times: { backoffMs: [0] } });
  await migrate(engine);
});
afterEach(async () => {
  await engine.stop();
  folder.remove();
});

const statement = (text: string): Sql => ({ text, params: {} });
const row = (seq: number, more: Partial<HitRow> = {}): HitRow => ({
  counter: 'c@1',
  groupKey: '["ada"]',
  shown: '["Ada"]',
  t: NOW - 1,
  ref: 0,
  textValue: '',
  numberValue: -2.5,
  node: 1,
  seq,
  receivedAt: NOW,
  ...more,
});
const block = (rows: readonly HitRow[]): HitBlock => ({
  rows,
  name: '1-1-500',
  receivedAt: NOW,
  late: { lateMs: 1_000, tooLateMs: 10_000 },
});
const rowsOf = (count: number, counter = 'c@1') => Array.from({ length: count }, (_, i) => row(i + 1, { counter }));
const stored = async (): Promise<{ c: string; u: string }> => {
  const [found] = await engine.query<{ c: string; u: string }>(
    sql`SELECT count() AS c, uniqExact(counter, node, seq, ref) AS u FROM earshot.hits`,
    BOUNDS,
  );
  return found ?? { c: '', u: '' };
};

describe('hits of a block', () => {
  it('are stored as they are, with their lateness and the day of receipt', async () => {
    const late = [row(1), row(2, { t: NOW - 1_001 }), row(3, { t: NOW - 10_001, node: 9, ref: 200, shown: '', textValue: '["fi"]' })];
    expect(await insertHits(engine, block(late), { resumed: false })).toEqual([]);
    const found = await engine.query(sql`SELECT * FROM earshot.hits ORDER BY seq`, BOUNDS);
    const first = { counter: 'c@1', group_key: '["ada"]', t: `${NOW - 1}`, ref: 0, text_value: '', number_value: -2.5, shown: '["Ada"]' };
    const rest = { node: 1, seq: '1', late: 0, moment: 0, day: new Date(NOW).toISOString().slice(0, 10) };
    expect(found).toEqual([
      { ...first, ...rest },
      { ...first, ...rest, seq: '2', t: `${NOW - 1_001}`, late: 1 },
      { ...first, ...rest, seq: '3', t: `${NOW - 10_001}`, late: 2, node: 9, ref: 200, shown: '', text_value: '["fi"]' },
    ]);
  });

  it('are stored once, however often the block comes', async () => {
    for (const resumed of [false, false, true, true]) await insertHits(engine, block(rowsOf(500)), { resumed });
    expect(await stored()).toEqual({ c: '500', u: '500' });
  });

  it('are stored once when a replay has other rules, and theirs too', async () => {
    await insertHits(engine, block(rowsOf(300)), { resumed: false });
    await insertHits(engine, block([...rowsOf(300), ...rowsOf(300, 'd@1')]), { resumed: true });
    await insertHits(engine, block(rowsOf(300, 'e@1')), { resumed: true });
    expect(await stored()).toEqual({ c: '900', u: '900' });
  });

  it('are stored after all when the engine knows the token and has lost the rows', async () => {
    await insertHits(engine, block(rowsOf(300)), { resumed: false });
    const parts = await engine.query<{ path: string }>(sql`SELECT path FROM system.parts WHERE table = 'hits' AND active`, BOUNDS);
    await engine.stop();
    for (const { path } of parts) rmSync(path, { recursive: true });
    engine = await folder.start({ times: { backoffMs: [0] } });
    expect(await stored()).toMatchObject({ c: '0' });
    for (let i = 0; i < 2; i++) await insertHits(engine, block(rowsOf(300)), { resumed: true });
    expect(await stored()).toEqual({ c: '300', u: '300' });
  });

  it('are stored once when the engine is killed meanwhile', async () => {
    for (let i = 0; i < 8; i++) {
      const rows = Array.from({ length: 3_000 }, (_, n) => row(1 + i * 3_000 + n));
      const kill = setTimeout(() => engine.pid !== undefined && process.kill(engine.pid, 'SIGKILL'), i * 10);
      for (let resumed = false; ; resumed = true) {
        const done = await insertHits(engine, { ...block(rows), name: `1-${i}` }, { resumed }).catch(() => undefined);
        if (done !== undefined) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      clearTimeout(kill);
    }
    expect(engine.restarts).toBeGreaterThan(0);
    expect(await stored()).toEqual({ c: '24000', u: '24000' });
  }, 120_000);

  it('that the engine refuses are left out, and nothing waits for them', async () => {
    await engine.command(statement("ALTER TABLE earshot.hits ADD CONSTRAINT no_poison CHECK counter != 'poison'"));
    // Four rows of one event: halves of a block may begin and end with the same.
    const rows = [...rowsOf(200), ...Array.from({ length: 4 }, (_, ref) => row(300, { ref })), row(17, { counter: 'poison', ref: 9 })];
    const refused = await insertHits(engine, block(rows), { resumed: false });
    expect(refused.map(({ row: { counter, seq } }) => [counter, seq])).toEqual([['poison', 17]]);
    expect(await stored()).toEqual({ c: '204', u: '204' });
    expect(await insertHits(engine, block(rows), { resumed: true })).toHaveLength(1);
    expect(await stored()).toEqual({ c: '204', u: '204' });
  });
});
