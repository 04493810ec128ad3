import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChdbException, type Work, type WorkResult } from './chdb-session.ts';
import { type EngineSession, SessionPool, TimedOut } from './session-pool.ts';

const result: WorkResult = { bytes: new Uint8Array(), rowsRead: 0, bytesRead: 0, elapsedSecs: 0 };
const work = (id: string): Work => ({ id, text: id, settings: {}, params: {}, format: 'Null' });
const never = new AbortController().signal;

/** Sessions whose statements end as the test says: `stuck` ones never, `killable` ones when they are killed. */
function lab() {
  const sessions: { closed: boolean }[] = [];
  const killed: string[] = [];
  const ends = new Map<string, (error: Error) => void>();
  const gaveUp: string[] = [];
  const open = (): EngineSession => {
    const session = { closed: false };
    sessions.push(session);
    return {
      run: ({ id }) => {
        if (id === 'odd') return Promise.reject(new ChdbException('Unknown packet 11 from server'));
        if (id === 'bad') return Promise.reject(new ChdbException('Code: 47. DB::Exception: x. (UNKNOWN_IDENTIFIER)'));
        if (id.startsWith('stuck') || id.startsWith('killable')) return new Promise((_, reject) => ends.set(id, reject));
        return Promise.resolve(result);
      },
      kill: async (id) => {
        killed.push(id);
        if (id.startsWith('killable')) ends.get(id)?.(new ChdbException('Code: 394. DB::Exception: x. (QUERY_WAS_CANCELLED)'));
      },
      close: () => {
        session.closed = true;
      },
    };
  };
  const pool = new SessionPool(open, (why) => gaveUp.push(why));
  return { pool, sessions, killed, gaveUp, ends };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('SessionPool', () => {
  it('keeps a session after an ordinary error, and replaces it after an odd one', async () => {
    const { pool, sessions } = lab();
    const before = sessions.length;
    await expect(pool.run('system', work('bad'), 1000, never)).rejects.toThrow(/UNKNOWN_IDENTIFIER/);
    expect(sessions).toHaveLength(before);
    await expect(pool.run('system', work('odd'), 1000, never)).rejects.toThrow(/Unknown packet/);
    expect(sessions).toHaveLength(before + 1);
    expect(sessions.filter(({ closed }) => closed)).toHaveLength(1);
    expect(await pool.run('system', work('fine'), 1000, never)).toBe(result);
  });

  it('kills a statement that does not stop by itself', async () => {
    const { pool, killed } = lab();
    const outcome = expect(pool.run('system', work('killable'), 1000, never)).rejects.toThrow(/394/);
    await vi.advanceTimersByTimeAsync(3_900);
    expect(killed).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    await outcome;
    expect(killed).toEqual(['killable']);
  });

  it('kills a statement at once when its caller gives up', async () => {
    const { pool, killed } = lab();
    const giveUp = new AbortController();
    const outcome = expect(pool.run('system', work('killable'), 60_000, giveUp.signal)).rejects.toThrow(/394/);
    await vi.advanceTimersByTimeAsync(10);
    giveUp.abort();
    await outcome;
    expect(killed).toEqual(['killable']);
  });

  it('has nothing to kill when the caller goes after the statement ended', async () => {
    const { pool, killed } = lab();
    const goes = new AbortController();
    await pool.run('system', work('fine'), 1000, goes.signal);
    goes.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(killed).toEqual([]);
  });

  it('leaves a stuck statement behind with its session, and serves the next', async () => {
    const { pool, sessions, ends } = lab();
    const before = sessions.length;
    const outcome = expect(pool.run('system', work('stuck'), 1000, never)).rejects.toThrow(TimedOut);
    await vi.advanceTimersByTimeAsync(10_100);
    await outcome;
    expect(sessions).toHaveLength(before + 1);
    expect(await pool.run('system', work('fine'), 1000, never)).toBe(result);
    expect(sessions.some(({ closed }) => closed)).toBe(false);
    ends.get('stuck')?.(new Error('at last'));
    await vi.advanceTimersByTimeAsync(1);
    expect(sessions.filter(({ closed }) => closed)).toHaveLength(1);
  });

  it('gives up when too many are stuck', async () => {
    const { pool, gaveUp } = lab();
    const outcomes = ['a', 'b', 'c', 'd'].map((n) => expect(pool.run('search', work(`stuck-${n}`), 1000, never)).rejects.toThrow(TimedOut));
    await vi.advanceTimersByTimeAsync(10_100);
    await Promise.all(outcomes);
    expect(gaveUp).toEqual(['4 sessions are stuck']);
  });
});
