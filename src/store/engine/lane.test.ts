import { describe, expect, it } from 'vitest';
import { Lane, LaneBusy } from './lane.ts';

const never = new AbortController().signal;
const bounds = { maxWaiting: 2, maxWaitMs: 60_000 };

describe('Lane', () => {
  it('gives a session to one at a time, in the order they came', async () => {
    const lane = new Lane('search', ['a'], bounds);
    const served: number[] = [];
    const first = await lane.take(never);
    const waiting = [1, 2].map(async (n) => {
      const item = await lane.take(never);
      served.push(n);
      lane.giveBack(item);
    });
    expect(served).toEqual([]);
    lane.giveBack(first);
    await Promise.all(waiting);
    expect(served).toEqual([1, 2]);
    expect(await lane.take(never)).toBe('a');
  });

  it('refuses when too many wait', async () => {
    const lane = new Lane('search', ['a'], bounds);
    await lane.take(never);
    void lane.take(never);
    void lane.take(never);
    await expect(lane.take(never)).rejects.toThrow(LaneBusy);
  });

  it('refuses when the wait gets too long', async () => {
    const lane = new Lane('search', ['a'], { maxWaiting: 2, maxWaitMs: 1 });
    await lane.take(never);
    await expect(lane.take(never)).rejects.toThrow(/came free in 1 ms/);
  });

  it('forgets who gave up waiting', async () => {
    const lane = new Lane('search', ['a'], bounds);
    const item = await lane.take(never);
    const giveUp = new AbortController();
    const waiting = lane.take(giveUp.signal);
    giveUp.abort();
    await expect(waiting).rejects.toThrow(LaneBusy);
    lane.giveBack(item);
    expect(await lane.take(never)).toBe('a');
  });
});
