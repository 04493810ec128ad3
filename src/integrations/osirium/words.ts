import type { EventWords } from '../../normalize/mapping.ts';

/**
 * What an event is by the words of its CEF name. Osirium publishes no list of events: only words that can hardly mean anything else are read,
 * and an event without them keeps what it says of itself.
 */
const WORDS: readonly (readonly [RegExp, EventWords])[] = [
  [/\b(?:logged (?:off|out)|log ?(?:off|out))\b/i, { action: 'user_logout', category: ['authentication'], type: ['end'] }],
  [/\b(?:logged (?:on|in)|log ?(?:on|in))\b/i, { action: 'user_login', category: ['authentication'], type: ['start'] }],
  [/\b(?:connection|session) (?:started|opened)\b/i, { action: 'session_started', category: ['session'], type: ['start'] }],
  [/\b(?:connection|session) (?:ended|closed)\b/i, { action: 'session_ended', category: ['session'], type: ['end'] }],
  [/\btask started\b/i, { action: 'task_started', category: ['process'], type: ['start'] }],
  [/\btask (?:completed|failed)\b/i, { action: 'task_ended', category: ['process'], type: ['end'] }],
];

export const EVENTS: readonly EventWords[] = WORDS.map(([, words]) => words);

export const wordsOf = (name: string): EventWords | undefined => WORDS.find(([form]) => form.test(name))?.[1];

/** Where no key `outcome` says it. Only failure has a word that is always there. */
export const saysFailure = (name: string): boolean => /\b(?:failed|failure|denied|refused|rejected)\b/i.test(name);
