import { eventsOf, lineOf, type Reading, readTimeframe, secondsOf, titleOf } from './elastalert-rule.ts';
import { silenceOf } from './elastalert-silence.ts';
import { present } from './elastic-field.ts';
import { fieldNames } from './elastic-filter.ts';
import { and, not, or } from './expression.ts';
import type { WrittenRules } from './imported.ts';
import { child, numberOf, textOf } from './located.ts';
import { type BaselineRule, detectionOf, type EventRule, head, type SilenceRule } from './rule-document.ts';
import { timespan } from './timespan.ts';

const DAY = 86_400;
const WINDOW_DAYS = 30;
/** The first day is learned, and one more must be there that it can be told from. */
const LEAST_WINDOW_DAYS = 2;

/** How long stretches are, which divide a day, and a week. */
const STRETCHES = [
  ...[1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 30, 32, 36, 40, 45, 48].map((minutes) => minutes * 60),
  ...[60, 72, 80, 90, 96, 120, 144, 160, 180, 240, 288, 360, 480, 720, 1440, 10_080].map((minutes) => minutes * 60),
];

/** More events than in the time right before: a baseline. That there are none any more: a silence document. */
export function readSpike(reading: Reading): WrittenRules | undefined {
  const { map, notes, used, name, origin } = reading;
  for (const key of ['spike_height', 'spike_type', 'threshold_ref', 'threshold_cur', 'alert_on_new_data']) used.add(key);
  const height = numberOf(child(map, 'spike_height'));
  const type = textOf(child(map, 'spike_type'));
  if (height === undefined || height <= 0 || (type !== 'up' && type !== 'down' && type !== 'both'))
    return notes.left(map.line, 'rule', 'type spike needs `spike_height`, a number, and `spike_type`: up, down or both');
  if (child(map, 'field_value') !== undefined)
    return notes.left(lineOf(map, 'field_value'), 'rule', 'a baseline counts events or sums: means of a `field_value` are not compared');
  const seconds = readTimeframe(reading);
  if (seconds === undefined) return undefined;
  const fall = type === 'up' ? undefined : fallOf(reading, seconds, type === 'both');
  const rise = type === 'down' ? [] : riseOf(reading, seconds, height);
  if (rise === undefined) return undefined;
  if (rise.length === 0) return fall && { name, documents: [fall] };
  const apart = { origin: `${origin}/fall`, name: `${name}_fall`, title: `${origin}: none any more` };
  return { name, documents: [...rise, ...(fall === undefined ? [] : [{ ...fall, ...head('elastalert', apart) }])] };
}

/** Undefined, and a note, where the time is none of ours. */
function riseOf(reading: Reading, seconds: number, height: number): (BaselineRule | EventRule)[] | undefined {
  const { map, notes } = reading;
  const every = STRETCHES.find((each) => each >= seconds);
  if (every === undefined) return notes.left(lineOf(map, 'timeframe'), 'rule', '`timeframe` is longer than a week: no stretch is');
  if (every !== seconds)
    notes.changed(lineOf(map, 'timeframe'), 'timeframe', `stretches divide a day, or are a week: it is ${timespan(every)}`);
  notes.changed(
    map.line,
    'type',
    `compared are stretches of ${timespan(every)} of the clock with the one right before; windows do not slide, so a rise across two of them is less steep`,
  );
  const groupBy = fieldNames(child(map, 'query_key'));
  const [least = 0, leastNorm = 0] = ['threshold_cur', 'threshold_ref'].map((key) => numberOf(child(map, key)));
  const events = eventsOf(reading);
  const baseline: BaselineRule['baseline'] = {
    rules: [events.name],
    ...(groupBy.length > 0 && { 'group-by': groupBy }),
    every: every === 7 * DAY ? '1w' : timespan(every),
    against: 'previous',
    factor: height,
    or_equal: true,
    ...(least > 0 && { least }),
    ...(leastNorm > 0 && { least_norm: leastNorm }),
    history: every === 7 * DAY ? '5w' : `${WINDOW_DAYS}d`,
    least_history: timespan(2 * every),
    ...(groupBy.length > 0 && textOf(child(map, 'alert_on_new_data')) === 'true' && { since: 'anybody' as const }),
  };
  return [{ ...head('elastalert', titleOf(reading)), taxonomy: 'ecs', baseline, level: 'medium' }, events];
}

/** Undefined, and a note, where a fall to nothing is not meant. */
function fallOf(reading: Reading, seconds: number, isHalf: boolean): SilenceRule | undefined {
  const { map, notes } = reading;
  const line = lineOf(map, 'spike_type');
  if ((numberOf(child(map, 'threshold_cur')) ?? 0) > 0)
    return notes.left(line, isHalf ? 'spike_type' : 'rule', 'a baseline looks at what rises: a fall to `threshold_cur` is not told of');
  const ref = (numberOf(child(map, 'threshold_ref')) ?? 0) > 0 ? ', whatever there was before: `threshold_ref` is not asked' : '';
  notes.changed(line, 'spike_type', `of a fall, the one to nothing is told of, by a silence document${ref}`);
  return silenceOf(reading, seconds, 1);
}

/** A baseline for each field, or combination of fields, and the rule of the events that they look at. */
export function readNewTerm(reading: Reading): WrittenRules | undefined {
  const { map, notes, used, name, origin } = reading;
  for (const key of ['fields', 'terms_window_size', 'window_step_size', 'use_keyword_postfix', 'alert_on_missing_field']) used.add(key);
  const [first, ...more] = newFields(reading);
  if (first === undefined || [first, ...more].some((fields) => fields.length === 0))
    return notes.left(lineOf(map, 'fields'), 'rule', 'type new_term needs `fields`, or else `query_key`: names, or lists of names');
  const days = windowDays(reading);
  if (days === undefined) return undefined;
  const events = eventsOf(reading);
  const baseline = { rules: [events.name], every: '1h', history: `${days}d`, least_history: '1d' };
  const all = [first, ...more].map((fields, i): BaselineRule => {
    const named = fields.join(', ');
    const own = titleOf(reading);
    const apart = { ...own, origin: `${origin}/${named}`, name: `${name}_${slug(named)}`, title: `${origin}: ${named}` };
    return { ...head('elastalert', i === 0 ? own : apart), taxonomy: 'ecs', baseline: { ...baseline, new: fields }, level: 'medium' };
  });
  notes.changed(
    map.line,
    'type',
    `what is new is told once an hour, without regard to case, after a day of history; what was not there for ${days} days is new again`,
  );
  return { name, documents: [...all, events, ...missingOf(reading, [first, ...more])] };
}

/** Combinations of fields, some of which are of one field. Each is new by itself. */
function newFields({ map }: Reading): (readonly string[])[] {
  const fields = child(map, 'fields');
  const key = child(map, 'query_key');
  if (fields === undefined) return key === undefined ? [] : [fieldNames(key)];
  return (fields.kind === 'list' ? fields.items : [fields]).map(fieldNames);
}

function windowDays({ map, notes }: Reading): number | undefined {
  const node = child(map, 'terms_window_size');
  const seconds = node === undefined ? WINDOW_DAYS * DAY : secondsOf(node);
  if (seconds === undefined)
    return notes.left(lineOf(map, 'terms_window_size'), 'rule', '`terms_window_size` is no length of time, such as `days: 30`');
  const days = Math.max(Math.ceil(seconds / DAY), LEAST_WINDOW_DAYS);
  if (days * DAY !== seconds)
    notes.changed(lineOf(map, 'terms_window_size'), 'terms_window_size', `a history has whole days, and two at least: it is ${days} days`);
  return days;
}

/** An event without one of the fields has nothing new. Where it shall be told of all the same, it has a rule. */
function missingOf(reading: Reading, all: readonly (readonly string[])[]): EventRule[] {
  const { map, origin, name, logsource, filter } = reading;
  if (textOf(child(map, 'alert_on_missing_field')) !== 'true') return [];
  const missing = or([...new Set(all.flat())].map((field) => not(present(field))));
  const titled = { origin: `${origin}/missing`, name: `${name}_missing`, title: `${origin}: a field is missing` };
  return [{ ...head('elastalert', titled), taxonomy: 'ecs', logsource, detection: detectionOf(and([filter, missing])), level: 'medium' }];
}

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '_');
