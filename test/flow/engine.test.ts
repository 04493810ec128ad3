import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedEngine } from '../../src/store/engine/engine.ts';
import { migrate } from '../../src/store/migrations.ts';
import { Param, type Sql, sql, str, u64 } from '../../src/store/sql.ts';
import { BOUNDS, type EngineFolder, engineFolder } from './engine-folder.ts';
import { madeBlock } from './store-events.ts';

const statement = (text: string): Sql => ({ text, params: {} });
const nextUp = (engine: EmbeddedEngine): Promise<void> =>
  new Promise((resolve) => {
    let down = !engine.up;
    engine.onDown(() => {
      down = true;
    });
    engine.onUp(() => {
      if (down) resolve();
    });
  });
const faultOf = (error: unknown) => expect.objectContaining({ fault: expect.objectContaining({ code: error }) });
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
};
const until = async (done: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
};

let folder: EngineFolder;
let engine: EmbeddedEngine;

beforeEach(() => {
  folder = engineFolder();
});
afterEach(async () => {
  await engine?.stop();
  folder.remove();
});

describe('the engine process', () => {
  it('is started again when it is killed, with all it had stored', async () => {
    engine = await folder.start();
    await migrate(engine);
    await engine.insert(madeBlock(1, 1000));
    const before = engine.pid ?? 0;
    const heard: string[] = [];
    engine.onDown((why) => heard.push(why));
    const up = nextUp(engine);
    process.kill(before, 'SIGKILL');
    await up;
    expect(engine.pid).not.toBe(before);
    expect(engine.restarts).toBe(1);
    expect(heard).toEqual([expect.stringContaining('SIGKILL')]);
    expect(await engine.query(sql`SELECT count() AS c FROM earshot.events`, BOUNDS)).toEqual([{ c: '1000' }]);
  });

  it('says that it is down while it is, and does not wait', async () => {
    engine = await folder.start();
    const down = new Promise<void>((resolve) => engine.onDown(() => resolve()));
    process.kill(engine.pid ?? 0, 'SIGKILL');
    const running = engine.query(statement('SELECT sleep(2)'), BOUNDS);
    await expect(running).rejects.toEqual(faultOf('down'));
    await down;
  });

  it('is killed and started again when it hangs', async () => {
    engine = await folder.start({ times: { checkEveryMs: 50, checkTimeoutMs: 300, checksUntilHung: 2 } });
    const before = engine.pid ?? 0;
    const up = nextUp(engine);
    process.kill(before, 'SIGSTOP');
    await up;
    expect(isAlive(before)).toBe(false);
    expect(await engine.query(statement('SELECT 1 AS a'), BOUNDS)).toEqual([{ a: 1 }]);
  });

  it('that hangs and was not found to yet lets a search fail 2 s after its bound', async () => {
    engine = await folder.start({ times: { checkEveryMs: 600_000, stopWithinMs: 100 } });
    process.kill(engine.pid ?? 0, 'SIGSTOP');
    const begin = performance.now();
    await expect(engine.query(statement('SELECT 1'), { ...BOUNDS, timeoutMs: 1_000 })).rejects.toEqual(faultOf('timeout'));
    expect(performance.now() - begin).toBeLessThan(4_000);
  });

  it('lets nobody wait once a check went unanswered, and goes on as it was when it answers again', async () => {
    engine = await folder.start({ times: { checkEveryMs: 50, checkTimeoutMs: 1_000, checksUntilHung: 1_000 } });
    await migrate(engine);
    const pid = engine.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    const begin = performance.now();
    const inserting = engine.insert(madeBlock(1, 1000));
    await expect(engine.query(statement('SELECT 1'), BOUNDS)).rejects.toEqual(faultOf('down'));
    expect(performance.now() - begin).toBeLessThan(4_000);
    const again = performance.now();
    await expect(engine.query(statement('SELECT 1'), BOUNDS)).rejects.toEqual(faultOf('down'));
    expect(performance.now() - again).toBeLessThan(100);
    process.kill(pid, 'SIGCONT');
    await until(() => engine.up);
    // What changes something is not given up: nobody could say what came of it.
    await inserting;
    expect(await engine.query(sql`SELECT count() AS c FROM earshot.events`, BOUNDS)).toEqual([{ c: '1000' }]);
    expect({ pid: engine.pid, restarts: engine.restarts }).toEqual({ pid, restarts: 0 });
  });

  it('is not found to hang when it only has much to do', async () => {
    // Checks that must be answered in half the time they have otherwise, and one that is not ends it.
    engine = await folder.start({ times: { checkEveryMs: 50, checkTimeoutMs: 4_000, checksUntilHung: 1 } });
    await migrate(engine);
    const blocks = Array.from({ length: 4 }, (_, i) => madeBlock(1 + i * 20_000, 20_000));
    const end = Date.now() + 10_000;
    const insert = async () => {
      for (let i = 0; Date.now() < end; i++) for (const block of blocks) await engine.insert({ ...block, token: `${block.token}-${i}` });
    };
    const search = async () => {
      const burns = statement('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1');
      while (Date.now() < end) await engine.query(burns, { ...BOUNDS, timeoutMs: 2_000 }).catch(() => undefined);
    };
    await Promise.all([insert(), ...Array.from({ length: 12 }, search)]);
    expect(engine.restarts).toBe(0);
  });

  it('dies with its hub, also when that is killed, and frees the data folder', async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('./engine-owner.ts', import.meta.url)), folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await until(() => !isAlive(pid));
    engine = await folder.start();
    expect(engine.up).toBe(true);
  });

  it('leaves the data folder to whoever has it', async () => {
    engine = await folder.start();
    await expect(folder.start({ times: { lockWaitMs: 0 } })).rejects.toMatchObject({
      code: 'EAR_DATA_DIR_BUSY',
      message: expect.stringContaining(`process ${engine.pid}`),
    });
    expect(await engine.query(statement('SELECT 1 AS a'), BOUNDS)).toEqual([{ a: 1 }]);
  });

  it('waits a moment for the one before it to let go', async () => {
    const before = await folder.start();
    const starting = folder.start({ times: { lockWaitMs: 20_000 } });
    await before.stop();
    engine = await starting;
    expect(engine.up).toBe(true);
  });

  it('takes over what a killed one left behind', async () => {
    const run = join(folder.path, 'run');
    mkdirSync(join(folder.path, 'data', 'incoming'), { recursive: true });
    mkdirSync(run);
    writeFileSync(join(run, 'engine.sock'), '');
    writeFileSync(join(folder.path, 'data', 'incoming', 'body-1'), 'half a body');
    engine = await folder.start();
    expect(existsSync(join(folder.path, 'data', 'incoming', 'body-1'))).toBe(false);
    expect(statSync(run).mode & 0o777).toBe(0o700);
  });

  it('refuses a socket path that is too long', async () => {
    const runDir = join(folder.path, 'x'.repeat(120));
    await expect(folder.start({ runDir })).rejects.toMatchObject({ code: 'EAR_CONFIG_INVALID' });
    rmSync(runDir, { recursive: true });
  });
});

describe('a query', () => {
  beforeEach(async () => {
    engine = await folder.start();
  });

  it('gets its parameters exactly', async () => {
    const hostile = `'; DROP TABLE x; -- \\ \n\n\t\r\0 é 日本 {p1:String} $$ \u2028`;
    const rows = await engine.query(
      sql`SELECT ${str(hostile)} AS s, ${new Param('Array(String)', "['a\\'b','c']")} AS a, ${u64(7)} AS n`,
      BOUNDS,
    );
    expect(rows).toEqual([{ s: hostile, a: ["a'b", 'c'], n: '7' }]);
  });

  it('does not see the parameters of one before it', async () => {
    await Promise.all(Array.from({ length: 8 }, () => engine.query(sql`SELECT ${str('secret')} AS s`, BOUNDS)));
    await expect(engine.query(statement('SELECT {p0:String} AS s'), BOUNDS)).rejects.toEqual(faultOf('refused'));
  });

  it.each([
    ['DROP TABLE IF EXISTS x', 'refused'],
    ['SELECT 1; SELECT 2', 'refused'],
    ["SELECT 1 INTO OUTFILE '/tmp/earshot-outfile'", 'refused'],
    ['SELECT nothing', 'refused'],
    ['SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', 'timeout'],
    ['SELECT groupArray(number) FROM numbers(1000000000)', 'memory'],
  ])('%s ends with %s, and the next is served', async (text, code) => {
    await expect(engine.query(statement(text), { ...BOUNDS, timeoutMs: 1000 })).rejects.toEqual(faultOf(code));
    expect(await engine.query(statement('SELECT 1 AS a'), BOUNDS)).toEqual([{ a: 1 }]);
    expect(engine.restarts).toBe(0);
  });

  it('is read by as many threads as it may, although the engine is bound to little memory', async () => {
    const plan = await engine.query<{ explain: string }>(
      sql`EXPLAIN PIPELINE SELECT number % 7 AS k, count() FROM numbers_mt(10000000) GROUP BY k SETTINGS max_threads = 2`,
      BOUNDS,
    );
    expect(plan.map(({ explain }) => explain.trim())).toContain('AggregatingTransform × 2');
  });

  it('that nobody waits for takes one thread, and gives way to searches', async () => {
    const asked = sql`SELECT getSetting('max_threads') = 1 AS one, getSetting('priority') AS priority`;
    expect(await engine.query(asked, { ...BOUNDS, lane: 'background' })).toEqual([{ one: 1, priority: 2 }]);
    expect(await engine.query(asked, BOUNDS)).toEqual([{ one: expect.anything(), priority: 1 }]);
  });

  it('gives no more rows than its bound', async () => {
    expect(await engine.query(statement('SELECT number FROM numbers(100000)'), { ...BOUNDS, maxRows: 10 })).toHaveLength(10);
  });

  it('is stopped in the engine when its caller gives up', async () => {
    const giveUp = new AbortController();
    const running = engine.query(statement('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1'), {
      ...BOUNDS,
      signal: giveUp.signal,
    });
    const others = () =>
      engine.query(statement("SELECT 1 FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'"), BOUNDS);
    await until(async () => (await others()).length === 1);
    giveUp.abort();
    await expect(running).rejects.toEqual(faultOf('cancelled'));
    await until(async () => (await others()).length === 0);
  });

  it('fails alone when it wants too much memory', async () => {
    const hungry = Array.from({ length: 4 }, () =>
      engine.query(statement('SELECT groupArray(number) FROM numbers(1000000000)'), BOUNDS).catch((error: unknown) => error),
    );
    const modest = Array.from({ length: 8 }, (_, i) =>
      engine.query(sql`SELECT sum(number) AS s FROM numbers(${u64(i + 1)})`, { ...BOUNDS, lane: 'system' }),
    );
    expect(await Promise.all(hungry)).toEqual(Array.from({ length: 4 }, () => faultOf('memory')));
    expect(await Promise.all(modest)).toEqual(Array.from({ length: 8 }, (_, i) => [{ s: `${(i * (i + 1)) / 2}` }]));
    expect(engine.restarts).toBe(0);
  });

  it('is told that the engine is busy when too many wait, and the rest is served', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 90 }, () => engine.query(statement('SELECT sleep(0.2)'), BOUNDS)));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    for (const reason of refused) expect(reason).toEqual(faultOf('busy'));
    expect(refused.length).toBe(90 - 4 - 64);
  });

  it('stays right, eight at a time, while blocks are inserted', async () => {
    await migrate(engine);
    let inserting = true;
    const inserts = (async () => {
      for (let i = 0; i < 20; i++) await engine.insert(madeBlock(1 + i * 2000, 2000));
      inserting = false;
    })();
    const check = async (worker: number) => {
      for (let n = 0; inserting; n++) {
        const user = `user${(worker + n) % 50}`;
        const rows = await engine.query<{ u: string; c: string; wrong: string }>(
          sql`SELECT ${str(user)} AS u, count() AS c, countIf(user_name != ${str(user)}) AS wrong FROM earshot.events WHERE user_name = ${str(user)}`,
          BOUNDS,
        );
        expect(rows).toEqual([{ u: user, c: expect.stringMatching(/^\d+$/), wrong: '0' }]);
        // Blocks are stored wholly or not at all.
        expect(Number(rows[0]?.c) % 40).toBe(0);
      }
    };
    await Promise.all([inserts, ...Array.from({ length: 8 }, (_, worker) => check(worker))]);
    expect(await engine.query(sql`SELECT count() AS c, uniqExact(seq) AS u FROM earshot.events`, BOUNDS)).toEqual([
      { c: '40000', u: '40000' },
    ]);
  });
});

describe('the HTTP interface', () => {
  it('serves the unmodified client: compression both ways, inserts of objects with empty lines in them, errors', async () => {
    engine = await folder.start();
    const { Agent } = await import('node:http');
    const options: object = { socketPath: engine.socketPath };
    const client = createClient({
      url: 'http://engine',
      http_agent: new Agent(options),
      compression: { request: true, response: true },
      log: { level: 127 },
    });
    await client.command({ query: 'CREATE DATABASE lab ENGINE = Atomic' });
    await client.command({ query: 'CREATE TABLE lab.t (a UInt32, b String) ENGINE = MergeTree ORDER BY a' });
    const rows = Array.from({ length: 500 }, (_, a) => ({ a, b: `x\n\ndrop table lab.t\n${a}` }));
    await client.insert({ table: 'lab.t', columns: ['a', 'b'], values: rows, format: 'JSONEachRow' });
    const result = await client.query({
      query: 'SELECT a, b FROM lab.t WHERE a >= {least:UInt32} ORDER BY a',
      format: 'JSONEachRow',
      query_params: { least: 10 },
    });
    expect(await result.json()).toEqual(rows.slice(10));
    await expect(client.query({ query: 'SELECT nothing' })).rejects.toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' });
    await expect(client.command({ query: "INSERT INTO lab.t VALUES (1, 'a')" })).rejects.toMatchObject({ code: '62' });
    await client.close();
  });
});
