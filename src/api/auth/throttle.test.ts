import { describe, expect, it } from 'vitest';
import { addressGroup, SignInThrottle } from './throttle.ts';

describe('the throttle of sign-ins', () => {
  it('doubles the delay up to a bound, and forgets after an hour', () => {
    let now = 0;
    const throttle = new SignInThrottle(() => now);
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      const attempt = throttle.attempt('ada', `192.0.2.${i}`, false);
      if (typeof attempt !== 'number') continue;
      waits.push(attempt);
      now += attempt;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000]);
    for (let i = 0; i < 10; i++) {
      const attempt = throttle.attempt('ada', '192.0.2.99', false);
      if (typeof attempt === 'number') {
        expect(attempt).toBeLessThanOrEqual(300_000);
        now += attempt;
      }
    }
    now += 3_600_000;
    expect(typeof throttle.attempt('ada', '192.0.2.99', false)).toBe('object');
    expect(typeof throttle.attempt('ada', '192.0.2.99', false)).toBe('object');
  });

  it('a success takes back its own attempt, and not the failures of others', () => {
    const throttle = new SignInThrottle(() => 0);
    for (let i = 0; i < 4; i++) throttle.attempt('ada', '192.0.2.1', false);
    for (let i = 0; i < 10; i++) {
      const attempt = throttle.attempt('ada', '192.0.2.2', false);
      if (typeof attempt === 'number') throw new Error('a good password was held up');
      attempt.succeeded();
    }
    throttle.attempt('ada', '192.0.2.1', false);
    expect(throttle.attempt('ada', '192.0.2.2', false)).toBe(1_000);
  });

  it('remembers a bounded number of names', () => {
    const throttle = new SignInThrottle(() => 0);
    for (let i = 0; i < 5; i++) throttle.attempt('ada', '192.0.2.1', false);
    expect(throttle.attempt('ada', '192.0.2.2', false)).toBe(1_000);
    for (let i = 0; i < 10_000; i++) throttle.attempt(`name${i}`, `2001:db8:${i.toString(16)}::/64`, false);
    expect(typeof throttle.attempt('ada', '192.0.2.2', false)).toBe('object');
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3::4', '2001:db8:1:2::/64'],
    ['', ''],
  ])('%j counts as %j', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
