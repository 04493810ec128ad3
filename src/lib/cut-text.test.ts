import { describe, expect, it } from 'vitest';
import { cutText } from './cut-text.ts';

describe('cutText', () => {
  it('leaves what fits, counted in code points', () => {
    expect(cutText('alice', 5)).toBe('alice');
    expect(cutText('🦉🦉🦉', 3)).toBe('🦉🦉🦉');
  });

  it('cuts with an ellipsis that counts, and never half a character', () => {
    expect(cutText('alice', 4)).toBe('ali…');
    expect(cutText('🦉🦉🦉', 2)).toBe('🦉…');
    expect(cutText('🦉🦉🦉', 1)).toBe('…');
  });
});
