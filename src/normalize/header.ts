import type { SyslogMessage } from '../formats/syslog.ts';
import { toIp } from './convert.ts';
import type { Draft } from './draft.ts';
import { FACILITIES, SEVERITIES } from './words.ts';

/**
 * The syslog header as `log.syslog.*`, and what it says of the host and the process. `ofProcess`: false where its APP-NAME and PROCID are
 * those of a log's keeper and not of the process that the event is about.
 */
export function normalizeHeader(syslog: SyslogMessage, draft: Draft, ofProcess: boolean): void {
  setPriority(syslog.facility, syslog.severity, draft);
  if (syslog.version !== undefined) draft.set('log.syslog.version', String(syslog.version));
  if (syslog.hostname !== undefined) setHost(syslog.hostname, draft);
  if (syslog.appName !== undefined) setProgram(syslog.appName, draft, ofProcess);
  if (syslog.procId !== undefined) {
    draft.set('log.syslog.procid', syslog.procId);
    // RFC 5424 lets PROCID be anything; Linux's are below 2^22.
    if (ofProcess && syslog.procId.length <= 10) draft.setText('process.pid', syslog.procId);
  }
  if (syslog.msgId !== undefined) draft.set('log.syslog.msgid', syslog.msgId);
  const data = syslog.structuredData;
  if (data === undefined) return;
  for (const id in data) {
    const params = data[id];
    for (const name in params) draft.set(`log.syslog.structured_data.${id}.${name}`, params[name] ?? '');
  }
}

function setPriority(facility: number | undefined, severity: number | undefined, draft: Draft): void {
  if (facility !== undefined && severity !== undefined) draft.set('log.syslog.priority', facility * 8 + severity);
  if (facility !== undefined) {
    draft.set('log.syslog.facility.code', facility);
    const name = FACILITIES[facility];
    if (name !== undefined) draft.set('log.syslog.facility.name', name);
  }
  if (severity !== undefined) {
    draft.set('log.syslog.severity.code', severity);
    const name = SEVERITIES[severity];
    if (name !== undefined) draft.set('log.syslog.severity.name', name);
  }
}

function setHost(hostname: string, draft: Draft): void {
  draft.set('log.syslog.hostname', hostname);
  draft.set('host.name', hostname);
  draft.set('host.hostname', hostname);
  const ip = toIp(hostname);
  if (ip !== undefined) draft.set('host.ip', [ip]);
}

/** Some programs give their path as their name. */
function setProgram(appName: string, draft: Draft, ofProcess: boolean): void {
  draft.set('log.syslog.appname', appName);
  if (!ofProcess) return;
  const slash = appName.lastIndexOf('/');
  if (appName.charCodeAt(0) === 47 && slash < appName.length - 1) {
    draft.set('process.executable', appName);
    draft.set('process.name', appName.slice(slash + 1));
  } else draft.set('process.name', appName);
}
