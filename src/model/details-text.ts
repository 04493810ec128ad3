import { durationText } from './duration-text.ts';
import type { AlertDetails, BaselineDetails, CorrelationDetails, CorrelationLeg, SilenceDetails } from './found.ts';

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

function correlationText({ type, timespanMs, fields, condition, value, legs }: CorrelationDetails): string[] {
  const within = `within ${durationText(timespanMs / 1_000)}`;
  const counted = legs.filter(({ count }) => count > 0).map(legText);
  const parts = counted.length > 1 ? [counted.join(', ')] : [];
  if (value !== undefined) return [`${valueText(value, type, fields)} ${within}; the rule tells of ${condition}`, ...parts];
  const all = type === 'temporal_ordered' ? 'One after the other' : 'All of it';
  return [`${condition === '' ? all : condition}, ${within}`, ...parts];
}

/** Of a correlation the number of its windows says nothing to people. */
const legText = ({ title, count, countedRuleIds }: CorrelationLeg): string => (countedRuleIds === undefined ? `${title}: ${count}` : title);

function valueText(value: number, type: string, fields = ''): string {
  const number = numberText(value);
  switch (type) {
    case 'event_count':
      return `${number} events`;
    case 'value_count':
      return `${number} different values${fields === '' ? '' : ` of ${fields}`}`;
    default:
      return `A ${type.replace('value_', '')}${fields === '' ? '' : ` of ${fields}`} of ${number}`;
  }
}

function baselineText({ measure, value, against, norm, historyDays, firstSeen }: BaselineDetails): string {
  const days = historyDays === 0 ? 'less than a day' : `${historyDays} ${historyDays === 1 ? 'day' : 'days'}`;
  const history = `in ${days} of history`;
  if (firstSeen !== undefined) return `${firstSeen} was never there before, ${history}`;
  return `${numberText(value)} ${measure}; ${against} was ${norm === undefined ? 'nothing' : numberText(norm)}, ${history}`;
}

function silenceText({ expectedMs, times = 1, silentMs, learned }: SilenceDetails): string {
  if (times > 1) return `Fewer than ${times} events within ${durationText(expectedMs / 1_000)}`;
  const every = `at least every ${durationText(expectedMs / 1_000)}`;
  return `Silent for ${durationText(silentMs / 1_000)}; it ${learned ? `used to speak ${every}` : `should speak ${every}`}`;
}

const numberText = (value: number): string => `${Math.round(value * 100) / 100}`;
