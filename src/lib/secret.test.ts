import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Secret } from './secret.ts';

it('is not printed, however it is printed', () => {
  const secret = new Secret('tops3cret');
  const holder = { a: [secret], b: new Map([['c', secret]]), d: new Error('x', { cause: secret }) };
  const printed = [
    `${secret}`,
    String(secret),
    JSON.stringify(holder),
    inspect(holder, { depth: 10, showHidden: true }),
    format('%s %o %O %j', secret, secret, secret, secret),
    Object.entries(secret).join(),
    JSON.stringify({ ...secret }),
  ];
  expect(printed.join('\n')).not.toContain('tops3cret');
  expect(secret.reveal()).toBe('tops3cret');
  expect(() => structuredClone(secret)).not.toThrow();
  expect(JSON.stringify(structuredClone(secret))).not.toContain('tops3cret');
});

it('equals what it holds, and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(new Secret(a).equals(b)).toBe(a === b);
      expect(new Secret(a).equals(a)).toBe(true);
    }),
  );
});
