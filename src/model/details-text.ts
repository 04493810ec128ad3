import { durationText } from './duration-text.ts';
import type { AlertDetails, BaselineDetails, CorrelationDetails, SilenceDetails } from './found.ts';

/** Why an alert is one, beyond its events: in a line or two, as plain text. */
export function detailsText(details: AlertDetails): string[] {
  switch (details.kind) {
    case 'correlation':
      return correlationText(details);
    case 'baseline':
      return [baselineText(details)];
    case 'silence':
      return [silenceText(details)];
  }
}

function correlationText({ timespanMs, condition, value, legs }: CorrelationDetails): string[] {
  const within = `within ${durationText(timespanMs / 1_000)}`;
  const counted = legs.filter(({ count }) => count > 0).map(({ title, count }) => `${title}: ${count}`);
  const parts = counted.length > 1 ? [counted.join(', ')] : [];
  if (value !== undefined) return [`${numberText(value)} ${within}; the rule tells of ${condition}`, ...parts];
  return [`${condition === '' ? 'All of it' : condition}, ${within}`, ...parts];
}

function baselineText({ measure, value, against, norm, historyDays, firstSeen }: BaselineDetails): string {
  const history = `in ${historyDays} ${historyDays === 1 ? 'day' : 'days'} of history`;
  if (firstSeen !== undefined) return `${firstSeen} was never there before, ${history}`;
  return `${numberText(value)} ${measure}; ${against} was ${norm === undefined ? 'nothing' : numberText(norm)}, ${history}`;
}

function silenceText({ expectedMs, silentMs, learned }: SilenceDetails): string {
  const expected = `it speaks at least every ${durationText(expectedMs / 1_000)}${learned ? ', as its past says' : ''}`;
  return `Silent for ${durationText(silentMs / 1_000)}; ${expected}`;
}

const numberText = (value: number): string => `${Math.round(value * 100) / 100}`;
