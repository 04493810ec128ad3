import type { Delivery } from './notifier.ts';
import type { OutboxSettings } from './settings.ts';

/** Asks a notifier, for no longer than it may take. Also one that does not heed the signal cannot hold up its lane. */
export async function answered(
  { send_timeout_secs: secs }: OutboxSettings,
  stop: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Delivery>,
): Promise<Delivery> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(secs * 1_000)]);
  try {
    return await Promise.race([ask(signal), unanswered(signal)]);
  } catch (error) {
    // The name alone: a message may hold the address, and the address is a secret.
    return { verdict: 'retry', why: `the notifier failed: ${nameOf(error)}`, ambiguous: true };
  }
}

function unanswered(signal: AbortSignal): Promise<Delivery> {
  return new Promise((resolve) => {
    const give = () => resolve({ verdict: 'retry', why: 'the target did not answer in time', ambiguous: true });
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
