import type { ScimQuery } from '../../store/state/people-tables.ts';
import { invalid } from './fault.ts';

/** `attribute eq "value"` (RFC 7644, section 3.4.2.2), the one form by which identity providers look users and groups up. */
export interface Comparison {
  /** In lower case. */
  readonly attribute: string;
  readonly value: string | boolean;
}

const FORM = /^\s*([A-Za-z][\w$:.-]*)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false)\s*$/i;

/** Throws a {@link ScimFault}. */
export function parseComparison(text: string): Comparison {
  const parts = FORM.exec(text);
  if (!parts) throw invalid('Only filters of the form: attribute eq "value" are understood.', 'invalidFilter');
  const [, attribute = '', written = ''] = parts;
  return { attribute: attribute.toLowerCase(), value: literalOf(written) };
}

function literalOf(written: string): string | boolean {
  if (!written.startsWith('"')) return written.toLowerCase() === 'true';
  try {
    return String(JSON.parse(written));
  } catch {
    throw invalid('The value of the filter is no JSON string.', 'invalidFilter');
  }
}

/** What to look for, of users by `userName` or of groups by `displayName`. Throws a {@link ScimFault}. */
export function lookUpOf(filter: string | undefined, name: 'userName' | 'displayName'): Pick<ScimQuery, 'where'> {
  if (filter === undefined || filter.trim() === '') return {};
  const { attribute, value } = parseComparison(filter);
  const known = new Map<string, 'id' | 'name' | 'externalId'>([
    ['id', 'id'],
    ['externalid', 'externalId'],
    [name.toLowerCase(), 'name'],
  ]);
  const wanted = known.get(attribute);
  if (wanted === undefined || typeof value !== 'string')
    throw invalid(`Filters compare ${name}, externalId or id with a text.`, 'invalidFilter');
  return { where: { attribute: wanted, value } };
}
