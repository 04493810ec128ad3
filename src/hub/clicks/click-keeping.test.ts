import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spool } from '../../lib/spool.ts';
import type { NewClick } from '../../store/state/clicks.ts';
import { ClickKeeping } from './click-keeping.ts';

const click = (key: string): NewClick => ({ notifier: 'security', click: { key, by: 'UANA00', home: 'opened' } });
const keysOf = (clicks: readonly NewClick[]) => clicks.map((each) => each.click.key);

describe('clicks are kept', () => {
  let folder: string;
  let spool: Spool<NewClick>;
  let kept: string[][];
  let database: (clicks: readonly NewClick[]) => Promise<void>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-clicks-'));
    spool = await Spool.open(join(folder, 'spool'), 1_000);
    kept = [];
    database = async (clicks) => void kept.push(keysOf(clicks));
  });
  afterEach(async () => {
    await spool.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const keeping = () => {
    const moving = new ClickKeeping({ keep: (clicks) => database(clicks) }, spool);
    return { keep: (each: NewClick) => spool.add(each), move: () => moving.move() };
  };
  const left = async () => {
    const again = await Spool.open<NewClick>(join(folder, 'spool'), 1_000);
    const keys = keysOf(again.first(9));
    await again.close();
    return keys;
  };

  it('in a file, whatever the database does, and together in the database as soon as it takes them', async () => {
    let free = () => {};
    const busy = new Promise<void>((resolve) => {
      free = resolve;
    });
    database = async (clicks) => {
      await busy;
      kept.push(keysOf(clicks));
    };
    const clicks = keeping();
    await clicks.keep(click('a'));
    const moving = clicks.move();
    await Promise.all([clicks.keep(click('b')), clicks.keep(click('c'))]);
    // A kill: what was acknowledged is there.
    expect(await left()).toEqual(['a', 'b', 'c']);
    free();
    await moving;
    expect(kept).toEqual([['a'], ['b', 'c']]);
    expect(await left()).toEqual([]);
  });

  it('once, however many put them away at the same time', async () => {
    database = async (clicks) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      kept.push(keysOf(clicks));
    };
    const clicks = keeping();
    await Promise.all(['a', 'b', 'c'].map((key) => clicks.keep(click(key))));
    const moving = clicks.move();
    await clicks.keep(click('d'));
    await Promise.all([moving, clicks.move(), clicks.move()]);
    expect(kept.flat()).toEqual(['a', 'b', 'c', 'd']);
    expect(await left()).toEqual([]);
  });

  it('in the file while the database is down, until it is back', async () => {
    database = async () => {
      throw new Error('down');
    };
    const clicks = keeping();
    await clicks.keep(click('a'));
    await expect(clicks.move()).rejects.toThrow('down');
    expect(await left()).toEqual(['a']);
    database = async (some) => void kept.push(keysOf(some));
    await clicks.move();
    expect(kept).toEqual([['a']]);
  });
});
