import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { packSecrets, unpackSecrets } from './packed-secrets.ts';
import { Secret } from './secret.ts';

describe('packed secrets', () => {
  const value = { name: 'a', keys: [{ token: new Secret('made-up'), at: 1 }, 'b'], none: undefined, when: null };

  it('cross a thread boundary, and are secrets again behind it', () => {
    const there = unpackSecrets(structuredClone(packSecrets(value)));
    expect(there).toEqual(value);
    const { keys } = there as typeof value;
    expect(typeof keys[0] === 'object' && keys[0].token.reveal()).toBe('made-up');
    expect(inspect(there, { depth: 9 })).not.toContain('made-up');
  });
});
