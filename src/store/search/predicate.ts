import { isThere, OWN_FIELDS, RULE_FIELDS, type Searchable, type Subject, textsOf } from './field-values.ts';
import { type Leaf, type QueryNode, TIME_FIELDS } from './node.ts';
import { rawText, textSearch } from './text-search.ts';
import { timeBounds, valueTest, within } from './value-test.ts';

export type Test = (subject: Subject) => boolean;

/**
 * Compiles a query to a question to one event: for routes of notifications and the live tail. The same answers as `compileQuery`'s statement.
 * Relative times (`now-1h`) are reckoned when an event is asked about.
 */
export function compilePredicate(node: QueryNode, now: () => number): (event: Searchable) => boolean {
  const test = compile(node, now);
  return (event) => test(subjectOf(event));
}

/** As {@link compilePredicate}, for several questions to one event: its text is made ready once for all of them. */
export { compile as compileTest };

export const subjectOf = (event: Searchable): Subject => ({ event, raw: rawText(event.raw) });

function compile(node: QueryNode, now: () => number): Test {
  switch (node.type) {
    case 'all':
      return () => true;
    case 'and': {
      const tests = node.nodes.map((inner) => compile(inner, now));
      return (subject) => tests.every((test) => test(subject));
    }
    case 'or': {
      const tests = node.nodes.map((inner) => compile(inner, now));
      return (subject) => tests.some((test) => test(subject));
    }
    case 'not': {
      const test = compile(node.node, now);
      return (subject) => !test(subject);
    }
    default:
      return compileLeaf(node, now);
  }
}

function compileLeaf(leaf: Leaf, now: () => number): Test {
  if (leaf.type === 'text') {
    const search = textSearch(leaf.pattern);
    return ({ raw }) => search.test(raw);
  }
  if (TIME_FIELDS.has(leaf.field)) return compileTime(leaf, now);
  const own = Object.hasOwn(OWN_FIELDS, leaf.field) ? OWN_FIELDS[leaf.field] : undefined;
  const ofRule = Object.hasOwn(RULE_FIELDS, leaf.field) ? RULE_FIELDS[leaf.field] : undefined;
  if (leaf.type === 'exists') {
    if (own) return () => true;
    return ({ event }) => (ofRule !== undefined && event.hits.length > 0) || isThere(valueAt(event, leaf.field));
  }
  const test = testAt(leaf, now);
  if (own) return ({ event }) => own(event).some(test());
  return ({ event }) => {
    const matches = test();
    return (
      (ofRule !== undefined && event.hits.some((hit) => matches(ofRule(hit)))) ||
      textsOf(valueAt(event, leaf.field)).some((text) => matches(text))
    );
  };
}

const valueAt = (event: Searchable, field: string) => (Object.hasOwn(event.fields, field) ? event.fields[field] : undefined);

/** Only a relative time changes while we look: all else is compiled once. */
function testAt(leaf: Exclude<Leaf, { type: 'text' | 'exists' }>, now: () => number): () => (text: string) => boolean {
  if (leaf.type === 'range' && leaf.kind === 'time') return () => valueTest(leaf, now()).test;
  const { test } = valueTest(leaf, 0);
  return () => test;
}

function compileTime(leaf: Leaf, now: () => number): Test {
  if (leaf.type !== 'range') return () => leaf.type === 'exists';
  return ({ event }) =>
    within('field' in leaf && leaf.field === '@timestamp' ? event.timestamp : event.receivedAt, timeBounds(leaf, now()));
}
