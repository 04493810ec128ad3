import { describe, expect, it } from 'vitest';
import { diskLevel } from './health.ts';

describe('diskLevel', () => {
  const disk = { warn_free_bytes: 1000, min_free_bytes: 100 };
  it.each([
    [5000, 'ok', 'ok'],
    [999, 'ok', 'warn'],
    [99, 'ok', 'stop'],
    [105, 'stop', 'stop'],
    [111, 'stop', 'warn'],
    [1050, 'warn', 'warn'],
    [1101, 'warn', 'ok'],
    [1101, 'stop', 'ok'],
  ] as const)('%i bytes free after %s is %s', (free, before, level) => {
    expect(diskLevel(free, disk, before)).toBe(level);
  });
});
