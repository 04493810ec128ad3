import { parseTime } from '../store/search/time-literal.ts';
import { type Call, UsageError } from './command.ts';
import { visible } from './output.ts';

/** `--since` and `--until` at one moment for all that a command asks, as ISO 8601. `since`: where the option is absent. */
export function rangeOf(call: Call, now: number, since: string): { from: string; to?: string } {
  const from = timeOf('since', call.text('since') ?? since, now).first;
  const until = call.text('until');
  if (until === undefined) return { from: new Date(from).toISOString() };
  const to = timeOf('until', until, now).last;
  if (from > to) throw new UsageError('--since must be before --until');
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** `7d` is short for `now-7d`. */
function timeOf(option: string, text: string, now: number): { first: number; last: number } {
  const time = parseTime(/^\d+[smhdw]$/.test(text) ? `now-${text}` : text, now);
  const inRange = time !== undefined && time.first >= 0 && time.last <= 8.64e15;
  if (inRange) return time;
  throw new UsageError(`--${option} takes 15m, 24h, 7d, now-1d/d, 2026-01-31 or 2026-01-31T10:00:00Z, not "${visible(text)}"`);
}
