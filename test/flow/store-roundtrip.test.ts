import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event, Fields, Value } from '../../src/model/event.ts';
import { toLive } from '../../src/model/live-event.ts';
import { COLUMNS } from '../../src/store/columns.ts';
import { BlockEncoder, encodeBlock } from '../../src/store/encode.ts';
import type { EmbeddedEngine } from '../../src/store/engine/engine.ts';
import { migrate } from '../../src/store/migrations.ts';
import { EVENT_SELECT, type EventRow, originOfRow, rowToEvent } from '../../src/store/row.ts';
import { sql, u64 } from '../../src/store/sql.ts';
import { BOUNDS, engineFolder } from './engine-folder.ts';
import { keepAll, madeEvent, NOW } from './store-events.ts';

const folder = engineFolder();
let engine: EmbeddedEngine;
let seq = 0;

beforeAll(async () => {
  engine = await folder.start();
  await migrate(engine);
});
afterAll(async () => {
  await engine.stop();
  folder.remove();
});

async function storeAndRead(events: readonly Event[]): Promise<{ events: Event[]; rows: EventRow[] }> {
  const encoder = new BlockEncoder(keepAll);
  events.forEach((each, i) => {
    encoder.add(toLive(each), `{"i":${i}}`);
  });
  await engine.insert(encoder.finish());
  const first = events[0]?.seq ?? 0;
  const last = events.at(-1)?.seq ?? 0;
  const rows = await engine.query<EventRow>(
    sql`SELECT ${EVENT_SELECT} FROM earshot.events WHERE seq BETWEEN ${u64(first)} AND ${u64(last)} ORDER BY seq`,
    BOUNDS,
  );
  return { events: rows.map(rowToEvent), rows };
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ minLength: 20, maxLength: 300 }),
  fc.constantFrom('', '0', '::', '\n', '\t', '\0', '\ud800', '日本'),
);
const ip = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(
    '::',
    '::1',
    '0.0.0.0',
    '::ffff:192.0.2.1',
    '2001:DB8::1',
    '2001:db8::1',
    '192.0.2.01',
    '1:0:2::',
    'fe80::1%eth0',
    '256.1.1.1',
    '::192.0.2.1',
  ),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -1, 0.5),
);
const nested: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const value: fc.Arbitrary<Value> = fc.oneof(text, ip, number, fc.boolean(), fc.constant(null), fc.array(text, { maxLength: 5 }), nested);
const path = fc.oneof(
  fc.constantFrom(...COLUMNS.map(({ field }) => field)),
  text,
  fc.constantFrom('__proto__', 'constructor', 'a\nb', '\n', 'x.y'),
);

const fields: fc.Arbitrary<Fields> = fc.array(fc.tuple(path, value), { maxLength: 30 }).map((pairs) => {
  const made: Fields = {};
  for (const [name, held] of pairs)
    Object.defineProperty(made, name, { value: held, enumerable: true, writable: true, configurable: true });
  return made;
});

const event = fc.record({
  fields,
  raw: fc.uint8Array({ maxLength: 200 }),
  timestamp: fc.integer({ min: 0, max: 4_294_967_295_000 }),
  hit: fc.boolean(),
});

describe('an event that was stored', () => {
  it('is read back exactly as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 60 }), async (drafts) => {
        const events = drafts.map(({ hit, raw, ...draft }) => {
          const hits = hit
            ? [{ id: 'r1', version: 'v', title: 'T "é"', level: 'high' as const, matches: [{ field: 'a', value: 'b\n', leaf: 'c' }] }]
            : [];
          return madeEvent(++seq, { ...draft, raw: Buffer.from(raw), hits });
        });
        const read = await storeAndRead(events);
        expect(read.events).toEqual(events);
        expect(read.rows.map(originOfRow)).toEqual(events.map((_, i) => `{"i":${i}}`));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps a fitting value in its column, and only there', async () => {
    const fitting: Fields = Object.fromEntries(
      COLUMNS.map(({ field, type }, i) => [
        field,
        type === 'words' ? ['a', ''] : type === 'ip' ? '2001:db8::1' : type.startsWith('u') ? i + 1 : `v${i}`,
      ]),
    );
    const { events, rows } = await storeAndRead([madeEvent(++seq, { fields: fitting })]);
    expect(events[0]?.fields).toEqual(fitting);
    expect(rows[0]).toMatchObject({ attrs: {}, shape: '', user_name: fitting['user.name'] });
  });

  it('keeps a number that is really zero by its name, and a row that is whole says so', async () => {
    const { events, rows } = await storeAndRead([
      madeEvent(++seq, { fields: { 'event.severity': 0, 'source.port': 0, 'user.name': 'ann' } }),
    ]);
    expect(events[0]?.fields).toEqual({ 'event.severity': 0, 'source.port': 0, 'user.name': 'ann' });
    expect(rows[0]).toMatchObject({ attrs: {}, zeros: 'event.severity\nsource.port' });
  });

  it.each([
    ['an empty string', 'user.name', ''],
    ['a number where text belongs', 'user.name', 7],
    ['text where a number belongs', 'source.port', '443'],
    ['minus zero', 'event.severity', -0],
    ['too large a number', 'source.port', 65_536],
    ['an address not in canonical form', 'source.ip', '2001:DB8::1'],
    ['one word in place of several', 'tags', 'a'],
    ['no words', 'tags', []],
  ])('keeps %s beside the column', async (_, field, held) => {
    const { events, rows } = await storeAndRead([madeEvent(++seq, { fields: { [field]: held } })]);
    expect(events[0]?.fields).toEqual({ [field]: held });
    expect(Object.keys((rows[0]?.attrs ?? {}) as object)).toEqual([field]);
  });

  it('does not hold up the others when it cannot be encoded', async () => {
    const odd = { 'user.name': 'bob', 'event.dataset': 'made.odd', broken: Number.NaN };
    const events = [madeEvent(++seq), madeEvent(++seq, { fields: odd }), madeEvent(++seq, { timestamp: -1 }), madeEvent(++seq)];
    const block = encodeBlock(events, keepAll);
    expect(block.setAside).toEqual([
      { seq: seq - 2, reason: expect.stringContaining('NaN') },
      { seq: seq - 1, reason: expect.stringContaining('@timestamp -1') },
    ]);
    const read = await storeAndRead(events);
    expect(read.events[0]).toEqual(events[0]);
    expect(read.events[3]).toEqual(events[3]);
    expect(read.events[1]).toMatchObject({
      seq: seq - 2,
      raw: events[1]?.raw,
      fields: { 'event.dataset': 'made.odd', tags: ['set_aside'] },
    });
    expect(read.events[2]).toMatchObject({ timestamp: NOW, fields: { tags: ['set_aside'] } });
  });
});
