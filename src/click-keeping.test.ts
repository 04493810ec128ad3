import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClickKeeping } from './click-keeping.ts';
import { Spool } from './lib/spool.ts';
import type { NewClick } from './store/state/clicks.ts';

const click = (key: string): NewClick => ({ notifier: 'security', click: { key, by: 'UANA00', home: 'opened' } });
const keysOf = (clicks: readonly NewClick[]) => clicks.map((each) => each.click.key);

describe('clicks are kept', () => {
  let folder: string;
  let spool: Spool<NewClick>;
  let kept: string[];
  let database: (clicks: readonly NewClick[]) => Promise<void>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-clicks-'));
    spool = await Spool.open(join(folder, 'spool'), 1_000);
    kept = [];
    database = async (clicks) => void kept.push(...keysOf(clicks));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const keeping = () => new ClickKeeping({ keep: (clicks) => database(clicks) }, spool);

  it('in the database, where it takes them at once', async () => {
    const clicks = keeping();
    await Promise.all(['a', 'b', 'c'].map((key) => clicks.keep(click(key))));
    expect([kept, spool.first(9)]).toEqual([['a', 'b', 'c'], []]);
  });

  it('in a file within half a second, while the database has something else to do, and then in the database', async () => {
    let free = () => {};
    const busy = new Promise<void>((resolve) => {
      free = resolve;
    });
    database = async (clicks) => {
      await busy;
      kept.push(...keysOf(clicks));
    };
    const clicks = keeping();
    const began = performance.now();
    await Promise.all(['a', 'b'].map((key) => clicks.keep(click(key))));
    expect(performance.now() - began).toBeLessThan(500);
    expect(kept).toEqual([]);
    // A kill: what was acknowledged is there.
    const left = await Spool.open<NewClick>(join(folder, 'spool'), 1_000);
    expect(keysOf(left.first(9))).toEqual(['a', 'b']);
    free();
    expect(await clicks.move()).toBe(2);
    expect(new Set(kept)).toEqual(new Set(['a', 'b']));
    expect(spool.first(9)).toEqual([]);
  });

  it('in a file while the database is down, and stay there until it is back', async () => {
    database = async () => {
      throw new Error('down');
    };
    const clicks = keeping();
    await clicks.keep(click('a'));
    await expect(clicks.move()).rejects.toThrow('down');
    expect(keysOf(spool.first(9))).toEqual(['a']);
    database = async (some) => void kept.push(...keysOf(some));
    expect(await clicks.move()).toBe(1);
    expect(kept).toEqual(['a']);
  });

  it('nowhere where neither takes them: then they are not acknowledged', async () => {
    database = async () => {
      throw new Error('down');
    };
    spool = await Spool.open(join(folder, 'full'), 1);
    await expect(keeping().keep(click('a'))).rejects.toThrow('down');
    database = () => sleep(300);
    await keeping().keep(click('b'));
  });
});
