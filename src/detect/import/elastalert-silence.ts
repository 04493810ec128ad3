import { lineOf, type Reading, readTimeframe, titleOf } from './elastalert-rule.ts';
import { fieldNames } from './elastic-filter.ts';
import { isAll } from './expression.ts';
import type { WrittenRules } from './imported.ts';
import { child, numberOf } from './located.ts';
import { detectionOf, head, type SilenceRule } from './rule-document.ts';
import { timespan } from './timespan.ts';

/** What our silence documents count to. */
const MOST_EVENTS = 1_000;

/** Fewer events than so many within a time: a silence document. */
export function readFlatline(reading: Reading): WrittenRules | undefined {
  const { map, notes, used } = reading;
  used.add('threshold').add('forget_keys');
  const threshold = numberOf(child(map, 'threshold'));
  if (threshold === undefined || threshold <= 0 || threshold > MOST_EVENTS)
    return notes.left(lineOf(map, 'threshold'), 'rule', `\`threshold\` is missing, or no number above 0 and up to ${MOST_EVENTS}`);
  const seconds = readTimeframe(reading);
  if (seconds === undefined) return undefined;
  notes.changed(
    map.line,
    'type',
    'a silence is told of once, until events come again, and begins with an event: what never came is not missed',
  );
  return { name: reading.name, documents: [silenceOf(reading, seconds, Math.ceil(threshold))] };
}

/** Fewer than `times` events of the rule within so many seconds, for each value of its `query_key`. */
export function silenceOf(reading: Reading, seconds: number, times: number): SilenceRule {
  const of = fieldNames(child(reading.map, 'query_key'));
  return {
    ...head('elastalert', titleOf(reading)),
    taxonomy: 'ecs',
    logsource: reading.logsource,
    ...(!isAll(reading.filter) && { detection: detectionOf(reading.filter) }),
    silence: { of: of.length > 0 ? of : 'all', expect: timespan(seconds), ...(times > 1 && { times }) },
    level: 'medium',
  };
}
