import { durationText } from '../../model/duration-text.ts';
import { logsourceText } from '../sigma/logsource.ts';
import type { Silence } from '../sigma/silence-document.ts';

/** What a silence document watches, as a person would say it. */
export function silenceWords(silence: Silence): string {
  const { groupBy, logsource, tree } = silence;
  const names = groupBy.length <= 2 ? groupBy.join(' and ') : `${groupBy.slice(0, -1).join(', ')} and ${groupBy.at(-1)}`;
  const of = logsource === undefined ? [] : [`events of ${logsourceText(logsource)}`];
  const where = [...of, ...(tree === undefined ? [] : ['events that its detection holds for'])];
  const whom = groupBy.length === 0 ? 'all that' : `each ${names} that`;
  return `${whom} does not speak any more${where.length === 0 ? '' : `, by ${where.join(' and ')}`}; ${boundWords(silence)}`;
}

function boundWords({ expectMs, times, leastMs, grace, learnMs, forgetMs }: Silence): string {
  const forgotten = `forgotten after ${text(forgetMs)}`;
  if (times > 1 && expectMs !== undefined) return `configured: fewer than ${times} events within ${text(expectMs)}, ${forgotten}`;
  if (expectMs !== undefined) return `configured: silent for more than ${text(expectMs)}, ${forgotten}`;
  return `learned: silent for more than ${grace} times as long as ever before, at least ${text(leastMs)}, once heard for ${text(learnMs)}; ${forgotten}`;
}

const text = (ms: number): string => durationText(ms / 1_000);
