import type { Cef } from '../formats/cef.ts';
import { type CefTimeOptions, parseCefTime } from '../formats/cef-time.ts';
import { cefSeverity, readCefValue } from '../formats/cef-value.ts';
import { ok } from '../lib/result.ts';
import { type CefEntry, cefEntry } from './cef-entries.ts';
import type { CompiledMapping } from './compiled-mapping.ts';
import { isoTime } from './convert.ts';
import type { Draft } from './draft.ts';

/** Normalizes a CEF message by {@link CEF_TO_ECS}, and by the product's own mapping before it. */
export function normalizeCef(cef: Cef, draft: Draft, mapping: CompiledMapping | undefined, times: CefTimeOptions): void {
  draft.set('observer.vendor', cef.vendor);
  draft.set('observer.product', cef.product);
  if (cef.productVersion !== '') draft.set('observer.version', cef.productVersion);
  draft.set('event.code', cef.classId);
  const severity = cefSeverity(cef.severity);
  if (severity !== undefined) draft.set('event.severity', severity);
  draft.set('cef.version', `${cef.version}`);
  draft.set('cef.name', cef.name);
  draft.set('cef.severity', cef.severity);
  readExtension(cef.extension, draft, mapping, times);
  if (draft.get('message') === undefined) draft.set('message', cef.name);
  const words = mapping?.events.get(cef.classId);
  if (words !== undefined) draft.classify(words);
  mapping?.cef?.read(cef, draft);
}

function readExtension(extension: Cef['extension'], draft: Draft, mapping: CompiledMapping | undefined, sent: CefTimeOptions): void {
  const zone = extension.dtz ?? extension.deviceTimeZone;
  const times = zone === undefined ? sent : { timeZone: zone, reference: sent.reference };
  const own = mapping?.fields;
  for (const key in extension) {
    const text = extension[key];
    if (text === undefined) continue;
    const path = own?.get(key);
    if (path !== undefined && draft.setText(path, text)) continue;
    readEntry(cefEntry(key), key, text, extension, draft, times);
  }
  if (draft.time === undefined) draft.time = timeBeside(extension, times);
}

/** Without `rt` the end of what happened is when it was known, else its start. */
function timeBeside(extension: Cef['extension'], times: CefTimeOptions): number | undefined {
  const text = extension.end ?? extension.endTime ?? extension.start ?? extension.startTime;
  return text === undefined ? undefined : parseCefTime(text, times);
}

function readEntry(entry: CefEntry, key: string, text: string, extension: Cef['extension'], draft: Draft, times: CefTimeOptions): void {
  // The label is told with its value.
  if (entry.labelOf !== undefined && extension[entry.labelOf] !== undefined) return;
  // Quotes around a value are no part of it: only then is there something to read in a text.
  const read = entry.isText && text.charCodeAt(0) !== 34 ? ok(text) : readCefValue(key, text, times);
  const value = read.ok ? read.value : text;
  const label = entry.labelKey === undefined ? undefined : extension[entry.labelKey];
  if (label !== undefined) {
    readCustom(entry, label, keptValue(entry, value, text), draft);
    return;
  }
  if (read.ok && value !== '' && entry.put?.(draft, value) === true) return;
  if (key === 'rt' || key === 'deviceReceiptTime') draft.unreadTime = text;
  // An address that is a name: kept where names of peers are, and searched.
  if (!read.ok && read.error.code === 'not_an_ip') setName(entry, text, draft);
  draft.set(entry.rest, keptValue(entry, value, text));
}

/** Outside ECS a time is text that people can read. */
const keptValue = (entry: CefEntry, value: string | number, text: string): string | number =>
  entry.isTime && typeof value === 'number' ? (isoTime(value) ?? text) : value;

function setName(entry: CefEntry, text: string, draft: Draft): void {
  if (entry.rest === 'cef.extensions.sourceAddress') draft.setPeer('source', text);
  else if (entry.rest === 'cef.extensions.destinationAddress') draft.setPeer('destination', text);
}

/** `cs1=x cs1Label=Session ID` is `cef.labels.session_id: x`. The second of two equal labels keeps its key: `cef.extensions.deviceCustomString2`. */
function readCustom(entry: CefEntry, label: string, value: string | number, draft: Draft): void {
  const path = labelPath(label);
  if (path !== undefined && draft.get(path) === undefined) {
    draft.set(path, value);
    return;
  }
  draft.set(entry.rest, value);
  draft.set(`${entry.rest}Label`, label);
}

const KEPT_LABELS = 2_000;
const MAX_LABEL = 200;
const labelPaths = new Map<string, string | undefined>();

/** Labels are few and repeat; a sender who makes them up must not fill the memory. */
function labelPath(label: string): string | undefined {
  const known = labelPaths.get(label);
  if (known !== undefined) return known;
  const word = label.length > MAX_LABEL ? '' : snakeCase(label);
  const path = word === '' ? undefined : `cef.labels.${word}`;
  if (labelPaths.size >= KEPT_LABELS) labelPaths.clear();
  labelPaths.set(label, path);
  return path;
}

/** `Session ID`, `SessionId` and `session-id` are all `session_id`: a search should not have to know how a vendor writes. */
function snakeCase(label: string): string {
  return label
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '');
}
