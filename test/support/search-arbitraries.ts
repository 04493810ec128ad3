import fc from 'fast-check';
import type { RuleHit } from '../../src/model/detection.ts';
import type { Event, Fields, Value } from '../../src/model/event.ts';
import { type Piece, patternOf, type QueryNode } from '../../src/store/search/node.ts';
import { parseQuery } from '../../src/store/search/parse.ts';
import { printQuery } from '../../src/store/search/print.ts';

/** Events and queries drawn from the same few words, so that they often meet, with what is awkward among them. */
export const NOW = Date.UTC(2026, 0, 31, 12);

const FIELDS = [
  'user.name',
  'user.id',
  'event.action',
  'event.severity',
  'source.ip',
  'destination.ip',
  'destination.port',
  'process.pid',
  'tags',
  'related.ip',
  'message',
  'client.ip',
  'labels.team',
  'vendor.list',
  'vendor.count',
  'vendor.expires',
  'rule.name',
  'rule.id',
  '__proto__',
  'odd "field\' {p0:String} \\',
  'ação',
] as const;

const WORDS = [
  'alice',
  'Alice',
  'ALICE',
  'svc-backup',
  'file_download',
  'file_upload',
  'João',
  'JOÃO',
  'straße',
  'İstanbul',
  '\u212Aelvin',
  'kelvin',
  'CORP\\alice',
  "o'neil",
  "x' OR 1=1 --",
  '{p0:String}',
  '%',
  '_',
  '*',
  'a*b',
  'true',
  'null',
  '[]',
  '["alice"]',
  '"alice"',
  '{}',
  'Иванов',
  'ИВАНОВ',
  '日本',
  '😀',
  'a\nb',
  'a\tb',
  'nul\u0000byte',
  '\\N',
  '',
] as const;
const NUMBERS = [
  '0',
  '1',
  '7',
  '22',
  '443',
  '1024',
  '65535',
  '70000',
  '-5',
  '2.5',
  '0.1',
  '1e21',
  '007',
  '443.0',
  '18446744073709551616',
  '1e-7',
] as const;
const ADDRESSES = [
  '192.0.2.1',
  '192.0.2.9',
  '198.51.100.7',
  '10.1.2.3',
  '0.0.0.0',
  '255.255.255.255',
  '2001:db8::1',
  '2001:DB8::1',
  '2001:0db8:0:0:0:0:0:1',
  '2001:db8::ffff',
  '::',
  '::1',
  '::ffff:192.0.2.1',
  'fe80::1',
  '1:0:0:2:0:0:0:3',
] as const;
const NOT_ADDRESSES = [
  '192.0.2',
  '010.1.2.3',
  '1.2.3.4.5',
  'fe80::1%eth0',
  '1::2::3',
  '12345::',
  '192.0.2.256',
  ' 192.0.2.1',
  '192.0.2.1 ',
] as const;
const NETWORKS = ['192.0.2.0/24', '192.0.2.0/29', '0.0.0.0/0', '10.0.0.0/8', '2001:db8::/32', '::/0', '::1/128', '192.0.2.9/32'] as const;
const TIMES = [
  '2026-01-31',
  '2026-01-30T10:00:00Z',
  '2026-01-31T11:00',
  'now-1h',
  'now-1d/d',
  'now+7d',
  '2026-01',
  '2026-01-31T11:59:59.500+02:00',
] as const;
const EVENT_TIMES = [
  '2026-01-31T11:00:00Z',
  '2026-01-31T11:00:00.123456Z',
  '2026-01-30T10:00:00+02:00',
  '2026-02-31T10:00:00Z',
  '2026-01-31',
  '2026-01-31 09:30:00',
  '2026-01-31T11:00:00,5Z',
  '1969-12-31T00:00:00Z',
] as const;

const word = fc.oneof(
  { arbitrary: fc.constantFrom(...WORDS), weight: 6 },
  { arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }), weight: 1 },
);
const text = fc
  .oneof(word, fc.constantFrom(...NUMBERS, ...ADDRESSES, ...NOT_ADDRESSES, ...EVENT_TIMES))
  .map((value) => value.toWellFormed());

const scalar: fc.Arbitrary<Value> = fc.oneof(
  { arbitrary: text, weight: 6 },
  { arbitrary: fc.constantFrom(0, 1, 7, 22, 443, 1024, 65535, 70000, 4294967296, -5, 2.5, 0.1, 1e21, 1e20, 1e-7, -0, 2 ** 53), weight: 3 },
  { arbitrary: fc.constantFrom(true, false, null), weight: 1 },
);
const element: fc.Arbitrary<Value> = fc.oneof(
  { arbitrary: scalar, weight: 8 },
  { arbitrary: fc.constantFrom<Value>([], ['alice'], {}, { name: 'alice' }), weight: 1 },
);
const value: fc.Arbitrary<Value> = fc.oneof(
  { arbitrary: scalar, weight: 5 },
  { arbitrary: fc.array(element, { maxLength: 4 }), weight: 2 },
  { arbitrary: fc.array(text, { maxLength: 4 }), weight: 2 },
  { arbitrary: fc.constant<Value>({}), weight: 1 },
);

const fields: fc.Arbitrary<Fields> = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 10 })
  .map((pairs) => Object.fromEntries(pairs));

const hit: fc.Arbitrary<RuleHit> = fc.record({
  id: fc.constantFrom('11111111-1111-4111-8111-111111111111', 'alice'),
  version: fc.constant('v1'),
  title: fc.constantFrom('João downloads "everything"', 'alice', 'Login at night', 'a/b\\"],["alice","low","["', '\u2028\n\u0001é'),
  level: fc.constantFrom('low', 'critical'),
  matches: fc.constant([]),
});

const raw = fc
  .array(
    fc.oneof(
      text.map((part) => Buffer.from(part)),
      fc.constantFrom(' ', '-', '=', '  ', '"', '\n').map((part) => Buffer.from(part)),
      fc.uint8Array({ maxLength: 3 }).map((part) => Buffer.from(part)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts));

/** Events with identities of their own, in the hours around {@link NOW}. */
export const events = (count: number): fc.Arbitrary<Event[]> =>
  fc
    .array(
      fc.record({
        fields,
        raw,
        // A rule hits an event once.
        hits: fc.uniqueArray(hit, { maxLength: 2, selector: ({ id }) => id }),
        source: fc.constantFrom('syslog', 'Alice'),
        timestamp: fc.oneof(
          fc.integer({ min: NOW - 3 * 86_400_000, max: NOW + 86_400_000 }),
          fc.constantFrom(NOW, NOW - 3_600_000, NOW - 3_600_001),
        ),
      }),
      { minLength: count, maxLength: count },
    )
    .map((drafts) => drafts.map((draft, i) => ({ ...draft, node: 1, seq: i + 1, receivedAt: NOW - i * 60_000 })));

const wild: fc.Arbitrary<Piece> = fc.constantFrom({ wild: '*' }, { wild: '?' });
const shortPiece = fc.oneof(
  word.map((part) => [...part].slice(0, 4).join('')),
  word.map((part) => [...part].slice(-3).join('')),
);
const pattern = fc
  .oneof(
    { arbitrary: text.map((one): Piece[] => [one]), weight: 3 },
    { arbitrary: fc.array(fc.oneof(shortPiece, wild), { minLength: 2, maxLength: 4 }), weight: 2 },
  )
  .map(patternOf);

const someField = fc.oneof(
  { arbitrary: fc.constantFrom(...FIELDS), weight: 8 },
  {
    arbitrary: fc.constantFrom(
      'event.original',
      'event.id',
      'earshot.source',
      'earshot.hits',
      'rule.level',
      'constructor',
      'no.such.field',
    ),
    weight: 2,
  },
);
const bound = (texts: fc.Arbitrary<string>) => fc.record({ text: texts, inclusive: fc.boolean() });

function rangeOf(
  field: fc.Arbitrary<string>,
  kind: 'number' | 'ip' | 'time' | 'text',
  texts: fc.Arbitrary<string>,
): fc.Arbitrary<QueryNode> {
  return fc.tuple(field, bound(texts), bound(texts), fc.constantFrom('lower', 'upper', 'both')).map(([name, lower, upper, side]) => ({
    type: 'range',
    field: name,
    kind,
    ...(side !== 'upper' && { lower }),
    ...(side !== 'lower' && { upper }),
  }));
}

const leaf: fc.Arbitrary<QueryNode> = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant('is' as const), field: someField, pattern }), weight: 8 },
  { arbitrary: fc.record({ type: fc.constant('text' as const), pattern }), weight: 4 },
  { arbitrary: fc.record({ type: fc.constant('exists' as const), field: someField }), weight: 2 },
  { arbitrary: fc.record({ type: fc.constant('network' as const), field: someField, cidr: fc.constantFrom(...NETWORKS) }), weight: 2 },
  { arbitrary: rangeOf(someField, 'number', fc.constantFrom(...NUMBERS)), weight: 2 },
  { arbitrary: rangeOf(someField, 'ip', fc.constantFrom(...ADDRESSES)), weight: 2 },
  { arbitrary: rangeOf(someField, 'text', text), weight: 2 },
  { arbitrary: rangeOf(someField, 'time', fc.constantFrom(...TIMES)), weight: 1 },
  { arbitrary: rangeOf(fc.constantFrom('@timestamp', 'event.ingested'), 'time', fc.constantFrom(...TIMES)), weight: 1 },
  { arbitrary: fc.constant<QueryNode>({ type: 'all' }), weight: 1 },
);

const trees = fc.letrec<{ tree: QueryNode }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: leaf, weight: 5 },
    {
      arbitrary: fc.record({
        type: fc.constantFrom('and' as const, 'or' as const),
        nodes: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      }),
      weight: 2,
    },
    { arbitrary: fc.record({ type: fc.constant('not' as const), node: tie('tree') }), weight: 2 },
  ),
}));

/** Trees as the parser makes them: what cannot be written (a search for nothing, empty quotes) is not among them. */
export const queries: fc.Arbitrary<QueryNode> = trees.tree
  .map((tree) => parseQuery(printQuery(tree)))
  .filter((parsed) => parsed.ok)
  .map((parsed) => parsed.value);

/** Texts with the words and signs of the language in any order: most are faulty. */
export const queryTexts: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...'():"*?\\[]{}<>!+-&|=/, \t\n'.split(''),
          'AND',
          'OR',
          'NOT',
          'TO',
          '&&',
          '||',
          '>=',
          '_exists_:',
          ' ',
          ' ',
          '@timestamp:',
          'source.ip:',
        ),
        fc.constantFrom(...FIELDS).map((name) => `${name}:`),
        text,
        fc.constantFrom(...NETWORKS, ...TIMES),
      ),
      { maxLength: 14 },
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
