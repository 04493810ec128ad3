import { beforeEach, describe, expect, it } from 'vitest';
import { type CallPace, createPacedFetch, type PacedFetch, retryAfter } from './paced-fetch.ts';

const PACE: CallPace = { api: 'slack', method: 'chat.update', key: 'ours', perMinute: 60, burst: 3 };

describe('calls that keep a pace', () => {
  let now: number;
  let called: number[];
  let counted: string[];
  let answer: () => Response;
  let call: PacedFetch;

  beforeEach(() => {
    now = 0;
    called = [];
    counted = [];
    answer = () => new Response('ok');
    call = createPacedFetch({
      fetch: async () => {
        called.push(now);
        return answer();
      },
      now: () => now,
      sleep: async (ms, signal) => {
        if (signal?.aborted !== true) now += ms;
      },
      onCall: ({ method }, outcome, waitedMs) => void counted.push(`${method} ${outcome} ${waitedMs}`),
    });
  });
  const ask = (pace: CallPace | undefined = PACE, init: RequestInit = {}) => call('https://slack.com/api/', init, pace);
  const limited = (headers: Record<string, string>) => () => new Response('', { status: 429, headers });

  it('are made at once up to the burst, then one after the other', async () => {
    for (let i = 0; i < 6; i++) expect((await ask()).status).toBe(200);
    expect(called).toEqual([0, 0, 0, 1_000, 2_000, 3_000]);
    expect(counted.slice(2, 4)).toEqual(['chat.update answered 0', 'chat.update answered 1000']);
  });

  it('are not made where their turn comes too late, and are answered with when it comes', async () => {
    const slow = { ...PACE, perMinute: 6, burst: 1 };
    await ask(slow);
    const held = await ask(slow);
    expect([held.status, retryAfter(held.headers)]).toEqual([429, { afterMs: 10_000 }]);
    expect(called).toEqual([0]);
    expect(counted.at(-1)).toBe('chat.update held 0');
    now = 10_000;
    expect((await ask(slow)).status).toBe(200);
  });

  it('wait for all who call the same when one of them was told to, and for nobody else', async () => {
    answer = limited({ 'retry-after': '30' });
    expect((await ask({ ...PACE, part: 'C1' })).status).toBe(429);
    answer = () => new Response('ok');
    expect((await ask({ ...PACE, part: 'C2' })).status).toBe(429);
    expect((await ask({ ...PACE, key: 'of another workspace' })).status).toBe(200);
    expect(called).toHaveLength(2);
    now = 26_000;
    expect((await ask({ ...PACE, part: 'C2' })).status).toBe(200);
    expect(called.at(-1)).toBe(30_000);
  });

  it('pause where nobody says for how long', async () => {
    answer = limited({});
    await ask();
    answer = () => new Response('ok');
    now = 20_000;
    expect(retryAfter((await ask()).headers)).toEqual({ afterMs: 10_000 });
  });

  it('come more seldom after they were too many, until that gets better', async () => {
    answer = limited({ 'retry-after': '1' });
    await ask();
    answer = () => new Response('ok');
    for (let i = 0; i < 12; i++) await ask();
    const gaps = called.slice(2).map((at, i) => at - (called[i + 1] ?? 0));
    expect(gaps[0]).toBeGreaterThan(1_500);
    expect(gaps.at(-1)).toBe(1_000);
  });

  it('have a budget for each part of what is counted together', async () => {
    for (const part of ['C1', 'C2', 'C3']) for (let i = 0; i < 3; i++) await ask({ ...PACE, part });
    expect(called).toEqual(Array.from({ length: 9 }, () => 0));
    await ask({ ...PACE, part: 'C1' });
    expect(called.at(-1)).toBe(1_000);
  });

  it('keep what was used where there are very many parts', async () => {
    const part = (i: number) => ({ ...PACE, part: `D${i}` });
    for (let i = 0; i < 3; i++) await ask(part(0));
    for (let i = 1; i < 2_500; i++) await ask({ ...part(i), burst: 1, perMinute: 600_000 });
    now = 500;
    await ask(part(0));
    expect(called.at(-1)).toBe(1_000);
  });

  it('are not made any more once they are taken back, and nothing was sent then', async () => {
    for (let i = 0; i < 3; i++) await ask();
    expect((await ask(PACE, { signal: AbortSignal.abort() })).status).toBe(429);
    expect(called).toHaveLength(3);
  });

  it('count where no answer came, and pass on why', async () => {
    answer = () => {
      throw new TypeError('fetch failed');
    };
    await expect(ask()).rejects.toThrow('fetch failed');
    expect(counted).toEqual(['chat.update failed 0']);
  });

  it('without a pace are made as they come', async () => {
    for (let i = 0; i < 10; i++) await call('https://vault.example.com/', {});
    expect(called).toHaveLength(10);
    expect(counted).toEqual([]);
  });
});

it.each([
  ['30', { afterMs: 30_000 }],
  ['9999999', {}],
  ['999999', { afterMs: 3_600_000 }],
  ['0', {}],
  ['soon', {}],
])('Retry-After %s', (text, after) => {
  expect(retryAfter(new Headers({ 'retry-after': text }))).toEqual(after);
});
