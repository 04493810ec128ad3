import { describe, expect, it } from 'vitest';
import { MessageBudget } from './message-budget.ts';

/** How many messages go out in so many milliseconds, one a second where the budget lets them. */
function sentWithin(budget: MessageBudget, from: number, forMs: number): number {
  let sent = 0;
  for (let at = from; at < from + forMs; sent += 1) at += Math.max(1_000, budget.spend(at));
  return sent;
}

describe('a budget of messages', () => {
  it('lets what comes alone go at once, for ever', () => {
    const budget = new MessageBudget(5, 20_000);
    for (let at = 1e12; at < 1e12 + 3_600_000; at += 20_000) expect(budget.spend(at)).toBe(0);
  });

  it('lets five follow one another, then one each twenty seconds', () => {
    const budget = new MessageBudget(5, 20_000);
    const waits = Array.from({ length: 5 }, (_, i) => budget.spend(1e12 + i * 1_000));
    expect(waits).toEqual([0, 0, 0, 0, 16_000]);
    expect(budget.spend(1e12 + 20_000)).toBe(20_000);
  });

  it('makes of a storm of a minute no more than nine, and of each further minute three', () => {
    const budget = new MessageBudget(5, 20_000);
    expect(sentWithin(budget, 1e12, 60_000)).toBeLessThanOrEqual(9);
    expect(sentWithin(budget, 1e12 + 80_000, 60_000)).toBeLessThanOrEqual(4);
  });

  it('says for how long what can wait should', () => {
    const budget = new MessageBudget(5, 20_000);
    expect(budget.scarceFor(1e12)).toBe(0);
    budget.spend(1e12);
    budget.spend(1e12);
    expect(budget.scarceFor(1e12)).toBe(0);
    budget.spend(1e12);
    expect(budget.scarceFor(1e12)).toBe(20_000);
    expect(budget.scarceFor(1e12 + 20_000)).toBe(0);
  });

  it('is whole again after a quiet time, and no more than whole', () => {
    const budget = new MessageBudget(3, 10_000);
    for (let i = 0; i < 3; i += 1) budget.spend(1e12);
    const waits = Array.from({ length: 3 }, () => budget.spend(1e12 + 3_600_000));
    expect(waits).toEqual([0, 0, 10_000]);
  });
});
