/** How long a one-time link works. */
export const SETUP_LINK_MS = 24 * 3_600_000;

/** In the fragment, which browsers do not send: the code is in no log of any server or proxy. */
export const setupUrlOf = (base: string, code: string): string => `${base}/setup#${code}`;
