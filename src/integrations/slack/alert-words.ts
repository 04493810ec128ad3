import type { Alert, Evidence } from '../../model/alert.ts';
import type { Level } from '../../model/severity.ts';
import { plain } from './mrkdwn.ts';

export const LEVEL_SIGN: Readonly<Record<Level, string>> = { critical: '🔴', high: '🟠', medium: '🟡', low: '🔵', informational: '⚪' };

/** Different values of one kind that are named; the others are counted. */
const NAMED = 3;

type Named = readonly [name: string, value: string | undefined];

/** Who did what to whom, where, from where, by which product: over all the evidence kept, as mrkdwn. */
export function people(alert: Alert): Named[] {
  const of = (read: (evidence: Evidence) => string | undefined) => several(alert.evidence.map(read));
  return [
    ['User', of((evidence) => evidence.user)],
    ['Target user', of((evidence) => evidence.targetUser)],
    ['Host', of((evidence) => evidence.host)],
    ['Source', of((evidence) => evidence.sourceIp)],
    ['Action', of((evidence) => evidence.action)],
    ['Product', of((evidence) => evidence.product)],
  ];
}

/** One line of the same, for Slack's own keyword notifications and for lock screens. */
export function peopleText(alert: Alert): string {
  const named = people(alert).flatMap(([name, value]) => (value === undefined ? [] : [`${name.toLowerCase()} ${value}`]));
  return [...named, `${alert.count} ${alert.count === 1 ? 'event' : 'events'}`].join(', ');
}

export function alertLink(id: string, baseUrl: string | undefined): string | undefined {
  return baseUrl === undefined ? undefined : `${baseUrl.replace(/\/+$/, '')}/alerts/${encodeURIComponent(id)}`;
}

function several(values: readonly (string | undefined)[]): string | undefined {
  const distinct = [...new Set(values.filter((value) => value !== undefined && value !== ''))];
  if (distinct.length === 0) return undefined;
  const named = distinct.slice(0, NAMED).map((value) => plain(value ?? '', 100));
  const rest = distinct.length - named.length;
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
