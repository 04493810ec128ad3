import { describe, expect, it } from 'vitest';
import { nest, toDocument } from './document.ts';
import type { Event, Fields } from './event.ts';

const event = (fields: Fields, raw: Buffer = Buffer.from('hello')): Event => ({
  node: 1,
  seq: 42,
  receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  timestamp: Date.UTC(2026, 0, 2, 3, 4, 4, 250),
  source: 'syslog',
  fields,
  raw,
  hits: [],
});

describe('toDocument', () => {
  it('nests the fields between the envelope', () => {
    expect(toDocument(event({ 'event.action': 'ssh_login', 'user.name': 'alice', 'user.target.name': 'bob', tags: ['a'] }))).toEqual({
      '@timestamp': '2026-01-02T03:04:04.250Z',
      event: { action: 'ssh_login', id: '1-42', ingested: '2026-01-02T03:04:05.000Z', original: 'hello' },
      user: { name: 'alice', target: { name: 'bob' } },
      tags: ['a'],
      earshot: { source: 'syslog' },
    });
  });

  it('keeps the bytes beside a text that is no UTF-8', () => {
    const document = toDocument(event({}, Buffer.from([0x61, 0xff])));
    expect(document.event).toMatchObject({ original: 'a\uFFFD', original_base64: 'Yf8=' });
  });

  it('shows what rules said, and leaves a sender’s own rule alone', () => {
    const hit = {
      id: '1d7e3b6c-0000-4000-8000-000000000001',
      version: 'v1',
      title: 'Login as root',
      level: 'high' as const,
      matches: [{ field: 'user.name', value: 'root', leaf: 'selection: user.name' }],
    };
    expect(toDocument({ ...event({}), hits: [hit] })).toMatchObject({
      earshot: { hits: [hit] },
      rule: { id: [hit.id], name: [hit.title] },
    });
    expect(toDocument({ ...event({ 'rule.name': 'deny all' }), hits: [hit] })).toMatchObject({
      earshot: { hits: [hit] },
      rule: { name: 'deny all' },
    });
  });
});

describe('nest', () => {
  it.each<[string, Fields, unknown]>([
    ['a value above a path', { 'a.b': 2, a: 1 }, { a: 1, 'a.b': 2 }],
    ['a value in the middle', { 'x.a': 1, 'x.a.b.c': 2 }, { x: { a: 1, 'a.b.c': 2 } }],
    ['null, empty text and empty object', { a: null, b: '', c: {} }, { a: null, b: '', c: {} }],
    ['an odd dot', { '.a': 1, 'b.': 2, 'c..d': 3 }, { '.a': 1, b: { '': 2 }, c: { '.d': 3 } }],
  ])('keeps %s', (_, fields, expected) => {
    expect(nest(fields)).toEqual(expected);
  });

  it('does not share an empty object with the event', () => {
    const empty = {};
    nest({ a: empty, 'a.b': 1 });
    expect(empty).toEqual({});
  });

  it('sets no prototype', () => {
    const fields: Fields = { '__proto__.polluted': true, 'constructor.prototype.polluted': true };
    const document = nest(fields);
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(JSON.stringify(document)).toBe('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
  });
});
