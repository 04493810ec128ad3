import { exactly, isWords, plainField, present, typed } from './elastic-field.ts';
import { ALL, and, type Expression, isAll, item, literal, not, or, type Scalar } from './expression.ts';
import type { RuleNotes } from './imported.ts';
import { child, type Located, type LocatedMap, numberOf, textOf, textsOf } from './located.ts';
import { readLucene, wholeRegex } from './lucene.ts';

/** Reads the query DSL of Elasticsearch as it stands under `filter:`. Undefined: not carried, and the notes say why. */
export function readFilters(node: Located | undefined, notes: RuleNotes): Expression | undefined {
  if (node === undefined || (node.kind === 'list' && node.items.length === 0) || (node.kind === 'scalar' && node.value === null))
    return ALL;
  const read = listOf(node).map((each) => readFilter(each, notes));
  const sound = read.filter((each) => each !== undefined);
  return sound.length === read.length ? and(sound) : undefined;
}

const listOf = (node: Located): readonly Located[] => (node.kind === 'list' ? node.items : [node]);

type Read = (body: Located, notes: RuleNotes) => Expression | undefined;

const KINDS: Readonly<Record<string, Read>> = {
  query: readFilter,
  query_string: readQueryString,
  simple_query_string: (body, notes) =>
    notes.left(body.line, 'filter', '`simple_query_string` has a grammar of its own', 'Write it as query_string.'),
  term: (body, notes) => ofField(body, 'term', notes, (field, value) => exact(field, bodyOf(value), 'term', value, notes)),
  terms: (body, notes) => ofField(body, 'terms', notes, (field, value) => exact(field, value, 'terms', value, notes)),
  match: readMatch,
  match_phrase: (body, notes) =>
    ofField(body, 'match_phrase', notes, (field, value) => {
      const text = textOf(bodyOf(value, 'query'));
      return text === undefined ? notShaped('match_phrase', value, notes) : typed(field, literal(text));
    }),
  match_all: () => ALL,
  prefix: (body, notes) => textual(body, 'prefix', notes, (field, text) => item(`${field}|startswith|cased`, literal(text))),
  wildcard: (body, notes) => textual(body, 'wildcard', notes, (field, text) => item(`${field}|cased`, text)),
  regexp: (body, notes) =>
    ofField(body, 'regexp', notes, (field, value) => {
      const text = textOf(bodyOf(value));
      if (text === undefined) return notShaped('regexp', value, notes);
      const source = wholeRegex(text);
      return source.ok
        ? item(`${plainField(field)}|re`, source.value)
        : notes.left(value.line, 'regexp', source.error, 'Write it with RE2 syntax.');
    }),
  range: readRange,
  exists: (body, notes) => {
    const field = body.kind === 'map' ? textOf(child(body, 'field')) : undefined;
    return field === undefined ? notShaped('exists', body, notes) : present(field);
  },
  bool: readBool,
  not: (body, notes) => {
    const inner = readFilters(body, notes);
    return inner && not(inner);
  },
  and: (body, notes) => readFilters(body, notes),
  or: readAny,
};

function readFilter(node: Located, notes: RuleNotes): Expression | undefined {
  if (node.kind !== 'map') return notShaped('filter', node, notes);
  const read = [...node.entries].map(([kind, body]) => {
    const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
    if (known !== undefined) return known(body, notes);
    return notes.left(
      body.line,
      `filter: ${kind}`,
      `the query \`${kind}\` has no equal in rules`,
      'Say it with query_string, term or bool.',
    );
  });
  const sound = read.filter((each) => each !== undefined);
  return sound.length === read.length && sound.length > 0 ? and(sound) : undefined;
}

function readQueryString(body: Located, notes: RuleNotes): Expression | undefined {
  const query = body.kind === 'map' ? child(body, 'query') : body;
  const text = textOf(query);
  if (text === undefined || query === undefined) return notShaped('query_string', body, notes);
  const operator = body.kind === 'map' ? textOf(child(body, 'default_operator'))?.toUpperCase() : undefined;
  const field = body.kind === 'map' ? textOf(child(body, 'default_field')) : undefined;
  const read = readLucene(text, operator === 'AND' ? 'AND' : 'OR', field);
  if (!read.ok) {
    const shown = text.slice(Math.max(read.error.at - 10, 0), read.error.at + 20);
    return notes.left(query.line, 'query_string', `at \`${shown}\`: ${read.error.why}`, 'Say it otherwise there, or add it by hand.');
  }
  const { optional } = read.value;
  if (optional.length > 0) {
    const why = `${optional.join(', ')}: beside terms joined by AND, Lucene takes this as a wish that only ranks; the rule does not ask for it`;
    notes.changed(query.line, 'query_string', why, 'If it was meant as an alternative, write parentheses there and convert again.');
  }
  return read.value.expression;
}

/** `{field: body}`: most queries have this form. */
function ofField(
  node: Located,
  kind: string,
  notes: RuleNotes,
  read: (field: string, value: Located) => Expression | undefined,
): Expression | undefined {
  const fields = node.kind === 'map' ? [...node.entries].filter(([key]) => key !== 'boost' && key !== '_name') : [];
  const [only] = fields;
  return only === undefined || fields.length > 1 ? notShaped(kind, node, notes) : read(only[0], only[1]);
}

/** The value, also in the long form `{value: …}`. */
const bodyOf = (node: Located, key = 'value'): Located => (node.kind === 'map' ? (child(node, key) ?? node) : node);

function textual(node: Located, kind: string, notes: RuleNotes, make: (field: string, text: string) => Expression): Expression | undefined {
  return ofField(node, kind, notes, (field, value) => {
    const text = textOf(bodyOf(value)) ?? textOf(bodyOf(value, 'wildcard'));
    if (text === undefined) return notShaped(kind, value, notes);
    const made = make(plainField(field), text);
    const anyCase = value.kind === 'map' && textOf(child(value, 'case_insensitive')) === 'true';
    return made.kind === 'item' && (anyCase || isWords(field)) ? item(made.key.replace('|cased', ''), ...made.values) : made;
  });
}

function exact(field: string, node: Located, kind: string, at: Located, notes: RuleNotes): Expression | undefined {
  const values: Scalar[] = [];
  for (const each of listOf(node)) {
    if (each.kind !== 'scalar' || each.value === null) return notShaped(kind, at, notes);
    values.push(each.value);
  }
  return values.length === 0 ? notShaped(kind, at, notes) : exactly(field, values);
}

/** Of words, one is enough, unless `operator: and`. */
function readMatch(node: Located, notes: RuleNotes): Expression | undefined {
  return ofField(node, 'match', notes, (field, value) => {
    const text = textOf(bodyOf(value, 'query'));
    if (text === undefined) return notShaped('match', value, notes);
    if (!isWords(field)) return typed(field, literal(text));
    const words = text.split(/\s+/).filter((word) => word !== '');
    const all = value.kind === 'map' && textOf(child(value, 'operator'))?.toLowerCase() === 'and';
    return words.length === 0
      ? notShaped('match', value, notes)
      : item(`${plainField(field)}|contains${all && words.length > 1 ? '|all' : ''}`, ...words.map(literal));
  });
}

function readRange(node: Located, notes: RuleNotes): Expression | undefined {
  return ofField(node, 'range', notes, (field, value) => {
    if (value.kind !== 'map') return notShaped('range', value, notes);
    const limits: Expression[] = [];
    for (const [key, each] of value.entries) {
      const number = numberOf(each);
      if (!['gt', 'gte', 'lt', 'lte'].includes(key) || number === undefined)
        return notes.left(
          each.line,
          'range',
          `\`${key}: ${textOf(each) ?? '…'}\` is not a comparison with a number`,
          'Rules are asked of every event as it comes: leave out limits of time; write networks with cidr.',
        );
      limits.push(item(`${plainField(field)}|${key}`, number));
    }
    return limits.length === 0 ? notShaped('range', value, notes) : and(limits);
  });
}

function readBool(node: Located, notes: RuleNotes): Expression | undefined {
  if (node.kind !== 'map') return notShaped('bool', node, notes);
  const parts: (Expression | undefined)[] = [];
  const required = child(node, 'must') !== undefined || child(node, 'filter') !== undefined;
  for (const [key, value] of node.entries) {
    if (key === 'must' || key === 'filter') parts.push(readFilters(value, notes));
    else if (key === 'must_not') parts.push(...listOf(value).map((each) => negated(each, notes)));
    else if (key === 'should') parts.push(readShould(node, value, required, notes));
    else if (key !== 'minimum_should_match' && key !== 'boost') parts.push(notShaped(`bool: ${key}`, value, notes));
  }
  const sound = parts.filter((each) => each !== undefined);
  return sound.length === parts.length ? and(sound) : undefined;
}

function negated(node: Located, notes: RuleNotes): Expression | undefined {
  const inner = readFilter(node, notes);
  return inner && not(inner);
}

function readShould(node: LocatedMap, value: Located, required: boolean, notes: RuleNotes): Expression | undefined {
  const least = textOf(child(node, 'minimum_should_match'));
  if (least === undefined && required) {
    notes.changed(
      value.line,
      'should',
      'beside `must` or `filter`, `should` only ranks; the rule does not ask for it',
      'If it was meant, write minimum_should_match: 1 there.',
    );
    return ALL;
  }
  if (least !== undefined && least !== '1')
    return notes.left(value.line, 'should', `\`minimum_should_match: ${least}\` has no equal`, 'Write the combinations out with bool.');
  return readAny(value, notes);
}

function readAny(node: Located, notes: RuleNotes): Expression | undefined {
  const read = listOf(node).map((each) => readFilter(each, notes));
  const sound = read.filter((each) => each !== undefined);
  if (sound.length < read.length || sound.length === 0) return undefined;
  return sound.some(isAll) ? ALL : or(sound);
}

const notShaped = (kind: string, node: Located, notes: RuleNotes): undefined =>
  notes.left(node.line, kind, `\`${kind}\` does not have the form that is read here`, 'See the guide for the queries that are carried.');

/** Names under `query_key` and its like, as paths of ours. */
export const fieldNames = (node: Located | undefined): readonly string[] =>
  (textsOf(node) ?? []).flatMap((text) => text.split(',')).map((text) => plainField(text.trim()));
