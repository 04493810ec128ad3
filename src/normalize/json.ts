import { type CefTimeOptions, parseCefTime } from '../formats/cef-time.ts';
import { plausible } from '../formats/date-time.ts';
import { ECS_OBJECTS, ecsField } from '../model/ecs.ts';
import type { Value } from '../model/event.ts';
import type { CompiledMapping } from './compiled-mapping.ts';
import { fits } from './convert.ts';
import type { Draft } from './draft.ts';

type Json = { readonly [key: string]: Value };

/** Paths that a sender may not set: they are Earshot's word on the event. */
const RESERVED: ReadonlySet<string> = new Set(['@timestamp', 'event.id', 'event.ingested', 'event.original', 'log.source.address']);

/** Usual names for the time of an event, best first, at the top of the object. */
const TIME_KEYS = ['@timestamp', 'timestamp', 'time', 'ts', 'eventTime', 'event_time', 'datetime', 'date'] as const;

/** True when the sender says that it speaks ECS: `ecs.version`, or `@timestamp` or ECS's words about an event, nested or dotted. */
export function isEcs(json: Json): boolean {
  const { event, ecs } = json;
  if (Object.hasOwn(json, '@timestamp') || Object.hasOwn(json, 'ecs.version')) return true;
  if (isObject(ecs) && Object.hasOwn(ecs, 'version')) return true;
  if (isObject(event)) return ECS_WORDS.some((word) => Object.hasOwn(event, word));
  return ECS_WORDS.some((word) => Object.hasOwn(json, `event.${word}`));
}

const ECS_WORDS = ['kind', 'category', 'dataset', 'action', 'outcome'] as const;

const isObject = (value: Value | undefined): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The dataset that an ECS event names. */
export function claimedDataset(json: Json): string | undefined {
  const { event } = json;
  const nested = isObject(event) && Object.hasOwn(event, 'dataset') ? event.dataset : undefined;
  const dataset = nested ?? (Object.hasOwn(json, 'event.dataset') ? json['event.dataset'] : undefined);
  return typeof dataset === 'string' && dataset !== '' ? dataset : undefined;
}

export interface JsonBounds {
  readonly times: CefTimeOptions;
  readonly maxDepth: number;
}

interface Walk {
  readonly draft: Draft;
  readonly ecs: boolean;
  readonly own: ReadonlyMap<string, string> | undefined;
  readonly maxDepth: number;
}

/**
 * Normalizes a JSON object. One that is ECS (`ecs`) is taken as it is, as far as its values are of ECS's types; of any other, and of what
 * does not fit, the leaves are `json.<path>`, or where the mapping's `fields` says.
 */
export function normalizeJson(json: Json, ecs: boolean, draft: Draft, mapping: CompiledMapping | undefined, bounds: JsonBounds): void {
  const { times, maxDepth } = bounds;
  const walk: Walk = { draft, ecs, own: mapping?.fields, maxDepth };
  readTime(json, draft, times);
  descend(walk, '', json, 1);
  if (!walk.ecs && typeof json.message === 'string') draft.set('message', json.message);
  const code = draft.get('event.code');
  const words = typeof code === 'string' ? mapping?.events.get(code) : undefined;
  if (words !== undefined) draft.classify(words);
}

/** `time` and its like may be a clock time or a duration: only a likely time counts. `@timestamp` can be nothing else. */
function readTime(json: Json, draft: Draft, times: CefTimeOptions): void {
  for (const key of TIME_KEYS) {
    const value = Object.hasOwn(json, key) ? json[key] : undefined;
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    const time = parseCefTime(String(value), times);
    if (time !== undefined && plausible(time, times.reference)) {
      draft.time = time;
      return;
    }
    if (key === '@timestamp') draft.unreadTime = String(value);
  }
}

/** Flattens down to leaves: scalars, arrays, empty objects. */
function descend(walk: Walk, prefix: string, json: Json, depth: number): void {
  for (const key of Object.keys(json)) {
    const value = json[key];
    if (value === undefined) continue;
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (!isObject(value) || isEmpty(value)) put(walk, path, value);
    else if (depth < walk.maxDepth) descend(walk, path, value, depth + 1);
    else {
      walk.draft.tag('truncated_fields');
      walk.draft.set(`json.${path}`, JSON.stringify(value));
    }
  }
}

function isEmpty(json: Json): boolean {
  for (const _ in json) return false;
  return true;
}

function put(walk: Walk, path: string, value: Value): void {
  const { draft } = walk;
  const own = walk.own?.get(path);
  if (own !== undefined && putOwn(draft, own, value)) return;
  if (path === '@timestamp' && walk.ecs && draft.time !== undefined) return;
  const fitting = !walk.ecs || RESERVED.has(path) || speaksForEarshot(path, draft) ? undefined : fittingValue(path, value);
  // The same field twice, nested and dotted: neither is lost.
  const taken = draft.get(path);
  if (fitting !== undefined && fitting === taken) return;
  if (fitting === undefined || (taken !== undefined && !OVERRIDABLE.has(path))) draft.set(`json.${path}`, value);
  else draft.set(path, fitting);
}

/** `earshot.*` is Earshot's own: only its own events, which no sender can forge, may set it. */
function speaksForEarshot(path: string, draft: Draft): boolean {
  if (!path.startsWith('earshot.')) return false;
  const dataset = draft.get('event.dataset');
  return typeof dataset !== 'string' || !dataset.startsWith('earshot.');
}

/** Set before the payload is read, and better known by it. */
const OVERRIDABLE: ReadonlySet<string> = new Set([
  'event.kind',
  'host.name',
  'host.hostname',
  'process.name',
  'process.pid',
  'log.syslog.priority',
  'log.syslog.version',
  'log.syslog.hostname',
  'log.syslog.appname',
  'log.syslog.procid',
  'log.syslog.msgid',
  'log.syslog.facility.code',
  'log.syslog.facility.name',
  'log.syslog.severity.code',
  'log.syslog.severity.name',
]);

function putOwn(draft: Draft, path: string, value: Value): boolean {
  if (typeof value === 'string') return draft.setText(path, value);
  const fitting = fittingValue(path, value);
  if (fitting === undefined) return false;
  draft.set(path, fitting);
  return true;
}

/** The value as ECS has it; undefined where ECS has the field as something else. A field that ECS does not know is the sender's own. */
function fittingValue(path: string, value: Value): Value | undefined {
  if (value === null) return value;
  const field = ecsField(path);
  if (field === undefined) return ECS_OBJECTS.has(path) ? undefined : value;
  const values: readonly Value[] = Array.isArray(value) ? value : [value];
  if (!values.every((one) => fits(field.type, one))) return undefined;
  return field.array && !Array.isArray(value) ? [value] : value;
}
