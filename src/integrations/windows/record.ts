import type { Value } from '../../model/event.ts';
import type { JsonRecord } from '../../normalize/mapping.ts';

const isRecord = (value: Value | undefined): value is JsonRecord => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text or a number, as text; undefined for what is neither. */
export const textOf = (value: Value | undefined): string | undefined => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
};

const own = (record: JsonRecord, key: string): Value | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);

/**
 * The channel of an event of Windows, in lower case; undefined for a record that is none. Beats and Elastic Agent nest it
 * (`winlog.channel`) or write it with dots; NXLog has its own names, in JSON and in structured data.
 */
export function channelOf(record: JsonRecord): string | undefined {
  const winlog = own(record, 'winlog');
  const nested = isRecord(winlog) && Object.hasOwn(winlog, 'event_id') ? winlog.channel : undefined;
  const dotted = Object.hasOwn(record, 'winlog.event_id') ? own(record, 'winlog.channel') : undefined;
  const flat = isFlat(record) ? own(record, 'Channel') : undefined;
  return textOf(nested ?? dotted ?? flat)?.toLowerCase();
}

const isFlat = (record: JsonRecord): boolean => Object.hasOwn(record, 'EventID') && Object.hasOwn(record, 'Channel');

/** NXLog's own fields (im_msvistalog), and where each goes; an empty place means that it is nothing but the sender’s bookkeeping. */
const HEADER: ReadonlyMap<string, string> = new Map([
  ['EventTime', '@timestamp'],
  ['EventReceivedTime', ''],
  ['Hostname', 'winlog.computer_name'],
  ['Channel', 'winlog.channel'],
  ['EventID', 'winlog.event_id'],
  ['SourceName', 'winlog.provider_name'],
  ['ProviderGuid', 'winlog.provider_guid'],
  ['RecordNumber', 'winlog.record_id'],
  ['Version', 'winlog.version'],
  ['Category', 'winlog.task'],
  ['Opcode', 'winlog.opcode'],
  ['ActivityID', 'winlog.activity_id'],
  ['RelatedActivityID', 'winlog.related_activity_id'],
  ['ProcessID', 'winlog.process.pid'],
  ['ExecutionProcessID', 'winlog.process.pid'],
  ['ThreadID', 'winlog.process.thread.id'],
  ['ExecutionThreadID', 'winlog.process.thread.id'],
  ['AccountName', 'winlog.user.name'],
  ['AccountType', 'winlog.user.type'],
  ['Domain', 'winlog.user.domain'],
  ['UserID', 'winlog.user.identifier'],
  ['Severity', 'log.level'],
  ['Message', 'message'],
  ['SeverityValue', ''],
  ['SourceModuleName', ''],
  ['SourceModuleType', ''],
]);

/** What the audit says, where `Keywords` is a bit field that nobody reads. */
const AUDIT: ReadonlyMap<string, string> = new Map([
  ['AUDIT_SUCCESS', 'Audit Success'],
  ['AUDIT_FAILURE', 'Audit Failure'],
]);

/** The record in Elastic's names. What the sender alone knows stays as `winlog.sender.*`. */
export function asWinlog(record: JsonRecord): JsonRecord {
  if (!isFlat(record)) return record;
  const found: [string, Value][] = [];
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (value === undefined || value === '') continue;
    const place = HEADER.get(key);
    if (place !== undefined) found.push([place === '' ? `winlog.sender.${key}` : place, value]);
    else if (key === 'EventType' || key === 'Keywords' || key === 'Task' || key === 'TaskValue' || key === 'OpcodeValue')
      found.push([`winlog.sender.${key}`, value]);
    else found.push([`winlog.event_data.${key}`, value]);
  }
  const audit = AUDIT.get(textOf(own(record, 'EventType')) ?? '');
  if (audit !== undefined) found.push(['winlog.keywords', [audit]]);
  return Object.fromEntries(found);
}
