import type { AlertChange } from './alert-life.ts';

/** Acts, and people who were asked, that a message has room for. */
const SHOWN_LINES = 3;

/**
 * Of acts, or of people who were asked, those that a message shows: the last ones. Who says that it was not them, and what waits for somebody,
 * is not left out for others.
 */
export function shownLines(lines: readonly AlertChange[] = []): AlertChange[] {
  const isUrgent = ({ about }: AlertChange) => about.said === 'not_me' || about.state === 'planned';
  const byWeight = [...lines.filter((line) => !isUrgent(line)), ...lines.filter(isUrgent)];
  const shown = new Set(byWeight.slice(-SHOWN_LINES));
  return lines.filter((line) => shown.has(line));
}
