import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Repeating } from './repeating.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Repeating', () => {
  it('works at once and in each interval, also after a failure, until it is stopped', async () => {
    const errors: unknown[] = [];
    let runs = 0;
    const work = async () => {
      runs++;
      if (runs === 2) throw new Error('the second time');
    };
    const repeating = new Repeating(1_000, work, (error) => errors.push(error));
    await repeating.start();
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect({ runs, errors: errors.map(String) }).toEqual({ runs: 3, errors: ['Error: the second time'] });
    await repeating.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(runs).toBe(3);
  });

  it('does not begin again before the last time is over, and its stop waits for that', async () => {
    let runs = 0;
    let finish = () => {};
    const work = () => {
      runs++;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const repeating = new Repeating(1_000, work, () => undefined);
    void repeating.start();
    await vi.advanceTimersByTimeAsync(3_500);
    expect(runs).toBe(1);
    finish();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(runs).toBe(2);

    let stopped = false;
    const stopping = repeating.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).toBe(false);
    finish();
    await stopping;
  });
});
