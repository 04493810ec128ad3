import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EncodedBlock, encodeBlock } from '../../src/store/encode.ts';
import type { EmbeddedEngine } from '../../src/store/engine/engine.ts';
import { insertBlock } from '../../src/store/insert-block.ts';
import { migrate } from '../../src/store/migrations.ts';
import { EVENT_SELECT, type EventRow, rowToEvent } from '../../src/store/row.ts';
import { type Sql, sql } from '../../src/store/sql.ts';
import type { EventEngine } from '../../src/store/store.ts';
import { BOUNDS, type EngineFolder, engineFolder } from './engine-folder.ts';
import { DAY_MS, keepAll, madeBlock, madeEvent, NOW } from './store-events.ts';

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
const overDays = (firstSeq: number, count: number) => madeBlock(firstSeq, count, (seq) => ({ timestamp: NOW - (seq % 20) * DAY_MS }));
const stored = async (): Promise<{ c: string; u: string }> => {
  const [row] = await engine.query<{ c: string; u: string }>(
    sql`SELECT count() AS c, uniqExact(node, seq) AS u FROM earshot.events`,
    BOUNDS,
  );
  return row ?? { c: '', u: '' };
};
/** What the pipeline does: the same block again until it is stored, with a pause in between. */
async function insertUntilStored(block: EncodedBlock): Promise<void> {
  for (let resumed = false; !(await insertBlock(engine, block, { resumed })).ok; resumed = true) await sleep(10);
}

describe('a block', () => {
  it('is stored once, however often it is sent, in however many partitions', async () => {
    const block = overDays(1, 5000);
    for (let i = 0; i < 3; i++) expect(await insertBlock(engine, block)).toEqual({ ok: true, value: { setAside: [] } });
    expect(await stored()).toEqual({ c: '5000', u: '5000' });
    const parts = await engine.query<{ c: string }>(
      sql`SELECT uniqExact(partition) AS c FROM system.parts WHERE table = 'events' AND active`,
      BOUNDS,
    );
    expect(parts).toEqual([{ c: '20' }]);
  });

  it('is stored once when it is sent again after a restart', async () => {
    await insertBlock(engine, overDays(1, 500));
    await engine.stop();
    engine = await folder.start();
    await insertBlock(engine, overDays(1, 500));
    expect(await stored()).toEqual({ c: '500', u: '500' });
  });

  it('is stored once when the engine is killed while it is inserted', async () => {
    for (let i = 0; i < 12; i++) {
      const inserting = insertUntilStored(overDays(1 + i * 3000, 3000));
      const kill = setTimeout(() => engine.pid !== undefined && process.kill(engine.pid, 'SIGKILL'), i * 15);
      await inserting;
      clearTimeout(kill);
    }
    expect(engine.restarts).toBeGreaterThan(0);
    expect(await stored()).toEqual({ c: '36000', u: '36000' });
  });

  it('is stored after all when the engine knows its token and has lost its rows', async () => {
    const block = madeBlock(1, 300);
    expect((await insertBlock(engine, block)).ok).toBe(true);
    const parts = await engine.query<{ path: string }>(sql`SELECT path FROM system.parts WHERE table = 'events' AND active`, BOUNDS);
    await engine.stop();
    for (const { path } of parts) rmSync(path, { recursive: true });
    engine = await folder.start({ times: { backoffMs: [0] } });
    expect(await stored()).toMatchObject({ c: '0' });
    expect((await insertBlock(engine, block, { resumed: true })).ok).toBe(true);
    expect((await insertBlock(engine, block, { resumed: true })).ok).toBe(true);
    expect(await stored()).toEqual({ c: '300', u: '300' });
  });

  it('is stored once when it is resumed under other retention settings', async () => {
    const events = Array.from({ length: 300 }, (_, i) => madeEvent(i + 1));
    await insertBlock(engine, encodeBlock(events.slice(0, 100), keepAll));
    const other = encodeBlock(events, { retentionOf: () => ({ name: 'other', days: 7 }) });
    expect(await insertBlock(engine, other, { resumed: true })).toMatchObject({ ok: true });
    expect(await insertBlock(engine, other, { resumed: true })).toMatchObject({ ok: true });
    expect(await stored()).toEqual({ c: '300', u: '300' });
  });

  it('of large events is one piece for the engine, and stored once', async () => {
    const block = madeBlock(1, 2000, () => ({ raw: Buffer.alloc(15_000, 'x\n\n') }));
    await insertBlock(engine, block);
    await insertBlock(engine, block);
    expect(await stored()).toEqual({ c: '2000', u: '2000' });
  });
});

describe('a row the engine refuses', () => {
  const poison = (seq: number) => seq === 17 || seq === 900;
  const block = () => madeBlock(1, 1000, (seq) => (poison(seq) ? { fields: { message: 'poison', 'event.dataset': 'made.bad' } } : {}));

  it('is stored bare, and nothing behind it waits', async () => {
    await engine.command(statement("ALTER TABLE earshot.events ADD CONSTRAINT no_poison CHECK message != 'poison'"));
    const inserted = await insertBlock(engine, block());
    expect(inserted).toEqual({
      ok: true,
      value: { setAside: [17, 900].map((seq) => ({ seq, reason: expect.stringContaining('no_poison') })) },
    });
    expect(await stored()).toEqual({ c: '1000', u: '1000' });
    const [row] = await engine.query<EventRow>(
      sql`SELECT ${{ text: EVENT_SELECT.text, params: {} }} FROM earshot.events WHERE seq = 17`,
      BOUNDS,
    );
    expect(rowToEvent(row ?? {})).toMatchObject({
      raw: Buffer.from('raw 17'),
      fields: { tags: ['set_aside'], 'event.dataset': 'made.bad', 'error.message': expect.stringContaining('no_poison') },
    });
  });

  it('is stored once, also when the whole block is sent again', async () => {
    await engine.command(statement("ALTER TABLE earshot.events ADD CONSTRAINT no_poison CHECK message != 'poison'"));
    await insertBlock(engine, block());
    await insertBlock(engine, block());
    await insertBlock(engine, block(), { resumed: true });
    expect(await stored()).toEqual({ c: '1000', u: '1000' });
  });

  it('is not looked for when the engine refuses everything', async () => {
    await engine.command(statement('ALTER TABLE earshot.events ADD CONSTRAINT nothing CHECK node = 77'));
    let attempts = 0;
    const counting: EventEngine = {
      query: (text, bounds) => engine.query(text, bounds),
      command: (text) => engine.command(text),
      insert: (one) => {
        attempts++;
        return engine.insert(one);
      },
      up: true,
    };
    expect(await insertBlock(counting, block())).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(attempts).toBeLessThan(14);
    await engine.command(statement('ALTER TABLE earshot.events DROP CONSTRAINT nothing'));
    expect(await insertBlock(engine, block(), { resumed: true })).toMatchObject({ ok: true });
    expect(await stored()).toEqual({ c: '1000', u: '1000' });
  });
});

describe('migrations', () => {
  it('may run again, and refuse data of a newer program', async () => {
    await migrate(engine);
    await engine.command(statement("INSERT INTO earshot.migrations (version, name) SELECT 999, 'future'"));
    await expect(migrate(engine)).rejects.toMatchObject({ code: 'EAR_STORE_NEWER' });
  });

  it('add a column that the program has gained', async () => {
    await insertBlock(engine, madeBlock(1, 10));
    await engine.command(statement('ALTER TABLE earshot.events DROP COLUMN group_name'));
    await migrate(engine);
    await insertBlock(
      engine,
      madeBlock(11, 10, () => ({ fields: { 'group.name': 'admins' } })),
    );
    expect(await engine.query(sql`SELECT count() AS c FROM earshot.events WHERE group_name = 'admins'`, BOUNDS)).toEqual([{ c: '10' }]);
  });

  it('know of rows from before which rules hit them', async () => {
    const title = 'A "quoted"\n / title\\';
    const hits = [{ id: 'r-1', version: 'v', title, level: 'high', matches: [] }] as const;
    await insertBlock(
      engine,
      madeBlock(1, 10, (seq) => ({ hits: seq === 3 ? hits : [] })),
    );
    const ruled = async () =>
      await engine.query(
        sql`SELECT seq, JSONExtract(hit_rules, 'Array(Tuple(String, String, String))') AS rules FROM earshot.events
        WHERE hit_rules != ''`,
        BOUNDS,
      );
    const written = await ruled();
    expect(written).toMatchObject([{ rules: [['r-1', 'high', title]] }]);
    await engine.command(statement('ALTER TABLE earshot.events DROP COLUMN hit_rules'));
    await migrate(engine);
    expect(await ruled()).toEqual(written);
  });
});
