import { formatStructuredData } from './structured-data.ts';
import type { SyslogMessage } from './syslog-message.ts';
import { UTC, zoneOf } from './time-zone.ts';

/** PRI of a message that says none: facility user, severity notice (RFC 3164 section 4.3.3). */
const DEFAULT_FACILITY = 1;
const DEFAULT_SEVERITY = 5;

/**
 * Writes RFC 5424, so that `parseSyslog` reads the same back, but for what the form cannot carry: header fields are cut to their lengths, and
 * what is not printable ASCII in them becomes `_`. No byte order mark before the message: many receivers show it. Line ends stay, so
 * a stream must frame by octet counting.
 */
export function formatSyslog5424(message: SyslogMessage): string {
  const time = message.timestamp === undefined ? '-' : new Date(message.timestamp).toISOString();
  const header = [
    `<${pri(message)}>1`,
    time,
    field(message.hostname, 255),
    field(message.appName, 48),
    field(message.procId, 128),
    field(message.msgId, 32),
    formatStructuredData(message.structuredData),
  ].join(' ');
  return message.message === '' ? header : `${header} ${message.message}`;
}

/**
 * Writes RFC 3164: the time to the second on the wall clock of `timeZone` (UTC when absent or unknown), host, tag. A message without a time gets none,
 * and then no host either; structured data and MSGID have no place in this form.
 */
export function formatSyslog3164(message: SyslogMessage, timeZone?: string): string {
  const { timestamp, hostname, appName, procId } = message;
  const process = procId === undefined ? '' : `[${field(procId, 32).replace(/[[\]:]/g, '_')}]`;
  const tag = appName === undefined ? '' : `${field(appName, 64).replace(/[^A-Za-z0-9_./%()-]/g, '_')}${process}: `;
  const front =
    timestamp === undefined ? '' : `${bsdTime(timestamp, timeZone)} ${field(hostname, 255).replace(/[^A-Za-z0-9.:/_-]/g, '_')} `;
  return `<${pri(message)}>${front}${tag}${message.message}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function bsdTime(time: number, timeZone: string | undefined): string {
  const zone = (timeZone === undefined ? undefined : zoneOf(timeZone)) ?? UTC;
  const wall = new Date(time + zone(time));
  const day = String(wall.getUTCDate()).padStart(2, ' ');
  return `${MONTHS[wall.getUTCMonth()]} ${day} ${wall.toISOString().slice(11, 19)}`;
}

const pri = ({ facility, severity }: SyslogMessage): number => (facility ?? DEFAULT_FACILITY) * 8 + (severity ?? DEFAULT_SEVERITY);

const field = (value: string | undefined, most: number): string => value?.replace(/[^!-~]/g, '_').slice(0, most) || '-';
