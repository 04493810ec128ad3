import { COLUMNS } from '../../store/columns.ts';
import { addressText, columnExists, named } from '../../store/event-sql.ts';
import { type Sql, sql } from '../../store/sql.ts';
import { INVALID } from './field-sql.ts';
import type { Scope } from './scope.ts';
import { any, list, type TextTest } from './values.ts';

/** The test is true of a text anywhere in the event: of the message, or of a field. */
export function keywordLeaf(test: TextTest, scope: Scope): Sql {
  scope.addOdd(ODD);
  return any([test(sql`raw`), sql`arrayExists(v -> ${test(sql`v`)}, ${TEXTS})`]);
}

const JSON_PATHS = sql`splitByChar('\\n', shape)`;

const ofColumns = COLUMNS.filter(({ type }) => type === 'word' || type === 'text').map((column) => sql`toString(${named(column)})`);
const ofAddresses = COLUMNS.filter(({ type }) => type === 'ip').map(
  (column) => sql`if(${columnExists(column)}, ${addressText(named(column))}, '')`,
);
const ofLists = COLUMNS.filter(({ type }) => type === 'words').map((column) => sql`arrayMap(w -> toString(w), ${named(column)})`);
const ofAttrs = sql`arrayFilter((v, k) -> NOT has(${JSON_PATHS}, k), mapValues(attrs), arrayMap(k -> toString(k), mapKeys(attrs)))`;
const ofArrays = sql`arrayFlatten(arrayMap(k -> if(startsWith(attrs[k], '['), arrayMap(e -> JSONExtractString(e), arrayFilter(e -> startsWith(e, '"'), JSONExtractArrayRaw(attrs[k]))), emptyArrayString()), if(shape = '', emptyArrayString(), ${JSON_PATHS})))`;

/** Every text of the event's fields. An empty text is never in a column. */
const TEXTS: Sql = sql`arrayConcat(arrayFilter(v -> v != '', [${list([...ofColumns, ...ofAddresses])}]), ${list([...ofLists, ofAttrs, ofArrays])})`;

/** Texts that are deeper, or not well-formed, and bytes that are no text. */
const ODD: Sql = any([
  INVALID,
  sql`mapContains(attrs, '\\n')`,
  sql`(shape != '' AND arrayExists(k -> startsWith(attrs[k], '"') OR (startsWith(attrs[k], '{') AND attrs[k] != '{}') OR (startsWith(attrs[k], '[') AND (position(attrs[k], '\\\\ud') > 0 OR arrayExists(e -> startsWith(e, '[') OR startsWith(e, '{'), JSONExtractArrayRaw(attrs[k])))), ${JSON_PATHS}))`,
]);
