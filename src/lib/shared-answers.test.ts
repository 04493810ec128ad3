import { describe, expect, it } from 'vitest';
import { SharedAnswers } from './shared-answers.ts';

const NEVER = new AbortController().signal;

describe('SharedAnswers', () => {
  it('works once for all who ask meanwhile and shortly after, and again later', async () => {
    let at = 0;
    let works = 0;
    const answers = new SharedAnswers<number>(1000, () => at);
    const ask = () => answers.get('a', NEVER, async () => ++works);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    at = 999;
    expect(await ask()).toBe(1);
    at = 1000;
    expect(await ask()).toBe(2);
    expect(await answers.get('b', NEVER, async () => 7)).toBe(7);
  });

  it('goes on while one waits, and stops when the last has gone', async () => {
    const answers = new SharedAnswers<string>(1000, () => 0);
    const [first, second] = [new AbortController(), new AbortController()];
    let stopped = false;
    const work = (signal: AbortSignal) =>
      new Promise<string>((_, reject) =>
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(signal.reason);
        }),
      );
    const asked = [answers.get('a', first.signal, work), answers.get('a', second.signal, work)];
    first.abort(new Error('gone'));
    await expect(asked[0]).rejects.toThrow('gone');
    expect(stopped).toBe(false);
    second.abort(new Error('gone too'));
    await expect(asked[1]).rejects.toThrow('gone too');
    expect(stopped).toBe(true);
    expect(await answers.get('a', NEVER, async () => 'anew')).toBe('anew');
  });

  it('keeps nothing that is not worth it, and gives it to all who wait', async () => {
    const answers = new SharedAnswers<number>(
      1000,
      () => 0,
      (answer) => answer > 1,
    );
    let works = 0;
    const ask = () => answers.get('a', NEVER, async () => ++works);
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    expect(await ask()).toBe(2);
    expect(await ask()).toBe(2);
  });

  it('keeps no failure', async () => {
    const answers = new SharedAnswers<string>(1000, () => 0);
    await expect(answers.get('a', NEVER, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await answers.get('a', NEVER, async () => 'up')).toBe('up');
  });
});
