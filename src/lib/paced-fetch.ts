import { CallBudget } from './call-budget.ts';

/** What an API counts together, and how much of it it gives. */
export interface CallPace {
  /** The API and what of it is called, in words of a bounded set: metrics bear them. */
  readonly api: string;
  readonly method: string;
  /** Calls of one key wait together when the API says that they are too many. No secret is in it. */
  readonly key: string;
  /** What has a budget of its own within the key, such as a channel. */
  readonly part?: string | undefined;
  readonly perMinute: number;
  readonly burst: number;
}

/**
 * Fetch that can keep a pace: a call for which there is none left now is not made, and is answered as the API would, with 429 and Retry-After.
 * The plain `fetch` is one that keeps none.
 */
export type PacedFetch = (url: string, init: RequestInit, pace?: CallPace) => Promise<Response>;

/** `limited`: the API answered 429. `held`: it was not called. `failed`: no answer came. */
export type CallOutcome = 'answered' | 'limited' | 'held' | 'failed';

export interface PacedFetchDeps {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  onCall(pace: CallPace, outcome: CallOutcome, waitedMs: number): void;
}

/** A call waits no longer than this for its turn: whoever asked can say that it takes longer. */
const PATIENCE_MS = 5_000;
/** Where the API says that there were too many calls, and not for how long. */
const PAUSE_MS = 30_000;
/** Budgets that are kept; beyond, those go that are like new. */
const BUDGETS = 1_000;

/** One for all who call from a thread: each keeps to what the others have used, and waits when one of them was told to. */
export function createPacedFetch({ fetch, now, sleep, onCall }: PacedFetchDeps): PacedFetch {
  const budgets = new Map<string, CallBudget>();
  const pausedUntil = new Map<string, number>();

  const budgetOf = ({ key, part = '', perMinute, burst }: CallPace): CallBudget => {
    const name = JSON.stringify([key, part]);
    const budget = budgets.get(name) ?? new CallBudget({ perMinute, burst, now });
    if (budgets.size >= BUDGETS) for (const [other, { isWhole }] of budgets) if (isWhole) budgets.delete(other);
    budgets.set(name, budget);
    return budget;
  };

  return async (url, init, pace) => {
    if (pace === undefined) return await fetch(url, init);
    const askedAt = now();
    const budget = budgetOf(pace);
    const signal = init.signal ?? undefined;
    const left = () => Math.max(budget.wait(), (pausedUntil.get(pace.key) ?? 0) - now());
    let wait = left();
    for (; wait > 0 && now() - askedAt + wait <= PATIENCE_MS && signal?.aborted !== true; wait = left()) await sleep(wait, signal);
    const waitedMs = now() - askedAt;
    if (wait > 0) {
      onCall(pace, 'held', waitedMs);
      return new Response('', { status: 429, headers: { 'retry-after': `${Math.ceil(wait / 1_000)}` } });
    }
    budget.take();
    let outcome: CallOutcome = 'failed';
    try {
      const response = await fetch(url, init);
      outcome = response.status === 429 ? 'limited' : 'answered';
      if (outcome === 'limited') {
        budget.refused();
        pausedUntil.set(pace.key, now() + (retryAfter(response.headers).afterMs ?? PAUSE_MS));
      } else budget.succeeded();
      return response;
    } finally {
      onCall(pace, outcome, waitedMs);
    }
  };
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
export function retryAfter(headers: Headers): { afterMs?: number } {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return ms > 0 ? { afterMs: Math.min(ms, 3_600_000) } : {};
}
