import type { JsonRecord, TextShape } from '../../normalize/mapping.ts';
import { dataOf } from './message-text.ts';

const START = 'MSWinEventLog';

/** Snare's fields, parted by tabs; `#011` is what rsyslog makes of a tab. The third field is the channel. */
export const snareShapes = (channel: string): readonly TextShape[] =>
  ['\t', '#011'].flatMap((tab) => ['0', '1', '2', '3', '4'].map((level) => ({ start: `${START}${tab}${level}${tab}${channel}${tab}` })));

const AUDIT: ReadonlyMap<string, string> = new Map([
  ['Success Audit', 'AUDIT_SUCCESS'],
  ['Failure Audit', 'AUDIT_FAILURE'],
]);

/**
 * `MSWinEventLog ⇥ criticality ⇥ channel ⇥ counter ⇥ time ⇥ event id ⇥ source ⇥ user ⇥ type of SID ⇥ type of event ⇥ computer ⇥ category ⇥
 * data ⇥ text ⇥ counter of events`, as a record in NXLog's names. Undefined for a line that breaks off before the category.
 */
export function snareRecord(line: string): JsonRecord | undefined {
  const tab = line.startsWith('\t', START.length) ? '\t' : '#011';
  const fields = line.split(tab);
  const [start, level, channel, counter, time, code = '', source, user, , type = '', computer, category] = fields;
  if (start !== START || fields.length < 12 || !/^\d{1,5}$/.test(code)) return undefined;
  const last = fields.length - 1;
  const hasCount = last > 13 && /^\d*$/.test(fields[last] ?? '');
  const text = fields
    .slice(12, hasCount ? last : undefined)
    .join('  ')
    .trim();
  const header: [string, string | undefined][] = [
    ['EventTime', time],
    ['Hostname', computer],
    ['Channel', channel],
    ['EventID', code],
    ['SourceName', source],
    ['AccountName', user === 'N/A' ? undefined : user],
    ['EventType', AUDIT.get(type) ?? type],
    ['Category', category],
    ['SeverityValue', level],
    ['RecordNumber', counter],
    ['Message', text],
  ];
  return Object.fromEntries([...dataOf(text, code), ...header.flatMap(([key, value]) => (value ? [[key, value] as const] : []))]);
}
