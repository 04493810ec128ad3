/** Fetch for notifiers: a target answers for itself. Redirects are not followed, so that a message goes to the configured address alone. */
export const guardedFetch =
  (base: typeof fetch): typeof fetch =>
  (input, init) =>
    base(input, { ...init, redirect: 'manual', credentials: 'omit', referrerPolicy: 'no-referrer' });
