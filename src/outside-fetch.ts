import { setTimeout as delay } from 'node:timers/promises';
import { createPacedFetch, type PacedFetch } from './lib/paced-fetch.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/**
 * How a thread calls what others have: one for all who do, so that they share what there is of calls. Redirects are not followed: what is
 * sent goes to the configured address alone.
 */
export const outsideFetch = (telemetry: Pick<Telemetry, 'count' | 'observe'>): PacedFetch =>
  createPacedFetch({
    fetch: (url, init) => fetch(url, { ...init, redirect: 'manual', credentials: 'omit', referrerPolicy: 'no-referrer' }),
    now: () => performance.now(),
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    onCall: ({ api, method }, outcome, waitedMs) => {
      telemetry.count('earshot_api_calls_total', { api, method, outcome });
      telemetry.observe('earshot_api_call_wait_seconds', { api, method }, waitedMs / 1_000);
    },
  });
