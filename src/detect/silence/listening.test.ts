import { describe, expect, it } from 'vitest';
import { Listening } from './listening.ts';

describe('listening time', () => {
  const listening = new Listening([
    { since: 300, until: 400 },
    { since: 100, until: 150 },
    { since: 350, until: 500 },
    { since: 700, until: 700 },
  ]);

  it('leaves out what could not be heard', () => {
    expect(listening.between(0, 1_000)).toBe(750);
    expect(listening.between(120, 320)).toBe(150);
    expect(listening.between(320, 480)).toBe(0);
    expect(listening.between(50, 20)).toBe(0);
  });

  it('finds the moment at which it has listened for so long', () => {
    for (const from of [0, 100, 120, 150, 299, 320, 600])
      for (const listened of [1, 50, 200, 500]) {
        const at = listening.after(from, listened);
        expect(listening.between(from, at)).toBe(listened);
        expect(listening.between(from, at - 1)).toBe(listened - 1);
      }
  });

  it('waits after the hub has come back', () => {
    expect(listening.settled(0, 90, 20)).toBe(90);
    expect(listening.settled(0, 155, 20)).toBe(170);
    expect(listening.settled(0, 155, 200)).toBe(700);
    expect(listening.settled(160, 200, 100)).toBe(200);
  });
});
