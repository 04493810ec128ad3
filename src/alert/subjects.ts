import { storable } from '../lib/storable-text.ts';
import type { Evidence } from '../model/alert.ts';
import type { AlertSubjectRow } from '../store/state/state.ts';

/** How two names are the same name: in lower case, as the database can hold it. */
export const subjectValue = (text: string): string => storable(text).toLowerCase();

/** Whom and what a piece of evidence names. Every one has a dataset, if only '': by it we know who may see the alert. */
export function subjectsOf(alertId: string, evidence: Evidence): AlertSubjectRow[] {
  const named = [
    ['dataset', evidence.dataset],
    ['person', evidence.user],
    ['person', evidence.targetUser],
    ['host', evidence.host],
    ['address', evidence.sourceIp],
    ['product', evidence.product],
  ] as const;
  const found = new Map<string, AlertSubjectRow>();
  for (const [kind, text] of named) {
    if (text === undefined || (text === '' && kind !== 'dataset')) continue;
    const value = subjectValue(text);
    found.set(`${kind} ${value}`, { alert_id: alertId, kind, value });
  }
  return [...found.values()];
}
