import { eventsOf, lineOf, type Reading, secondsOf, titleOf } from './elastalert-rule.ts';
import { present } from './elastic-field.ts';
import { fieldNames } from './elastic-filter.ts';
import { and, not, or } from './expression.ts';
import type { WrittenRules } from './imported.ts';
import { child, textOf } from './located.ts';
import { type BaselineRule, detectionOf, type EventRule, head } from './rule-document.ts';

const DAY = 86_400;
const WINDOW_DAYS = 30;
/** The first day is learned, and one more must be there that it can be told from. */
const LEAST_WINDOW_DAYS = 2;

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
