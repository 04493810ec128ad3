import { expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { sameSettings } from './same-settings.ts';

it('compares settings, and secrets by what they hold', () => {
  const settings = (url: string, list: readonly number[] = [1, 2]) => ({ slack: { url: new Secret(url), list }, off: false });
  expect(sameSettings(settings('a'), settings('a'))).toBe(true);
  expect(sameSettings(settings('a'), settings('b'))).toBe(false);
  expect(sameSettings(settings('a'), settings('a', [1]))).toBe(false);
  expect(sameSettings({ a: undefined }, { a: null })).toBe(false);
});
