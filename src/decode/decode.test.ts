import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin } from '../model/record.ts';
import { decode } from './decode.ts';

const receivedAt = Date.parse('2026-07-27T09:12:30Z');
const bytesOf = (bytes: string | Uint8Array) => (typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes));
const read = (bytes: string | Uint8Array, origin: Partial<Origin> = {}, timeZone?: string) =>
  decode({ seq: 1, receivedAt, source: 'test', origin: { transport: 'tcp', ...origin }, bytes: bytesOf(bytes) }, { timeZone });

const CEF = 'CEF:0|Example|Vault|1|7|Password viewed|5|suser=alice';
const FORGED = 'CEF:0|Example|Vault|1|7|Password viewed|5|suser=mallory';

describe('decode: the content decides', () => {
  it.each([
    ['CEF alone', CEF, 'cef'],
    ['CEF behind RFC 3164', `<134>Jul 27 09:12:00 host ${CEF}`, 'cef'],
    ['CEF behind RFC 5424', `<134>1 2026-07-27T09:12:00Z host app 1 - - ${CEF}`, 'cef'],
    ['CEF behind RFC 5424 with a byte order mark', `<134>1 2026-07-27T09:12:00Z host app 1 - - \ufeff${CEF}`, 'cef'],
    ['CEF behind PRI', `<134>${CEF}`, 'cef'],
    ['CEF behind a tag', `<134>Jul 27 09:12:00 host vault: ${CEF}`, 'cef'],
    ['CEF behind a word', `<134>Jul 27 09:12:00 host vault ${CEF}`, 'cef'],
    ['CEF behind name, process and message id', `<134>Jul 27 09:12:00 host vault 4711 ID ${CEF}`, 'cef'],
    ['CEF in pipes', `|${CEF}|`, 'cef'],
    ['LEEF', '<134>Jul 27 09:12:00 host LEEF:1.0|V|P|1|id|a=1\tb=2', 'leef'],
    ['JSON alone', '{"a":1}', 'json'],
    ['JSON behind a tag', '<134>Jul 27 09:12:00 host app: {"a":1}', 'json'],
    ['JSON behind a word', '<134>Jul 27 09:12:00 host audit {"a":1}', 'json'],
    ['JSON, CEE', '<134>Jul 27 09:12:00 host app: @cee: {"a":1}', 'json'],
    ['JSON over several lines', '{\n  "a": 1\n}', 'json'],
    ['pairs', '<134>date=2026-07-27 time=09:12:00 user="alice"', 'key_value'],
    ['text', '<38>Jul 27 09:12:00 host sshd[42]: Accepted publickey for alice', 'text'],
    ['nothing', '', 'text'],
    ['a JSON array', '[{"a":1}]', 'text'],
    ['a user name that is CEF', `<38>Jul 27 09:12:00 host sshd[42]: Invalid user ${FORGED}`, 'text'],
    ['one word of a tagged program', `<38>Jul 27 09:12:00 host app: login ${FORGED}`, 'text'],
    ['CEF deep in a line', `<38>Jul 27 09:12:00 host Invalid user name ${FORGED}`, 'text'],
    ['talk about CEF', 'CEF: is a format', 'text'],
  ])('%s', (_, text, format) => {
    expect(read(text)).toMatchObject({ format, notes: [], text });
  });

  it('gives the body', () => {
    expect(read(`<134>Jul 27 09:12:00 host ${CEF}`)).toMatchObject({ cef: { name: 'Password viewed' }, syslog: { hostname: 'host' } });
    expect(read('<134>x: {"a":{"b":1}}')).toMatchObject({ json: { a: { b: 1 } }, syslog: { appName: 'x' } });
    expect(read('<13>Jul 27 09:12:00 h app: Done well. act=login duser=root')).toMatchObject({
      pairs: { act: 'login', duser: 'root' },
      message: 'Done well.',
    });
    expect(read('<38>Jul 27 09:12:00 host sshd[42]: hello')).toMatchObject({ message: 'hello' });
    expect(read('hello\r\n\0')).toMatchObject({ message: 'hello', text: 'hello\r\n\0' });
  });

  it('reads times in the zone of the sender, else of the source', () => {
    const line = '<38>Jul 27 11:12:00 host sshd: x';
    const expected = Date.parse('2026-07-27T09:12:00Z');
    expect(read(line, {}, 'Europe/Berlin').syslog?.timestamp).toBe(expected);
    expect(read(line, { timeZone: 'Europe/Berlin' }, 'Asia/Tokyo').syslog?.timestamp).toBe(expected);
  });
});

describe('decode: what was odd', () => {
  it.each([
    ['bytes that are not UTF-8', Buffer.from('caf\xe9', 'latin1'), ['invalid_utf8'], 'caf\ufffd'],
    ['UTF-8', Buffer.from('café'), [], 'café'],
    ['NULs', Buffer.from('a\0b'), ['nul_bytes'], 'a\0b'],
  ])('%s', (_, bytes, notes, text) => {
    expect(read(bytes)).toMatchObject({ notes, text, format: 'text' });
  });

  it.each([
    ['a CEF header that breaks off', 'CEF:0|Example|Vault|1|7|Pass', ['cef_fault:cef_short_header', 'truncated']],
    ['a CEF version that is none', 'CEF:1x|a|b|c|d|e|5|', ['cef_fault:cef_bad_version']],
    ['a LEEF header that breaks off', 'LEEF:1.0|V|P', ['leef_fault:leef_short_header', 'truncated']],
    ['JSON that breaks off', '{"a":"b', ['json_fault:json_cut', 'truncated']],
    ['JSON that is wrong', '{"a" 1}', ['json_fault:json_syntax']],
    ['JSON that is too deep', `{"a":${'['.repeat(99)}${']'.repeat(99)}}`, ['json_fault:json_too_deep']],
    ['a time that cannot be', '<38>1 1970-01-01T00:00:00Z h a - - - x', ['bad_timestamp']],
    ['text before the first key', 'CEF:0|E|V|1|7|N|5|loose text', ['cef_unkeyed_text']],
  ])('%s', (_, text, notes) => {
    expect(read(text).notes).toEqual(notes);
    expect(read(text).text).toBe(text);
  });

  it('notes what the source cut', () => {
    expect(read('x', { transport: 'tcp', truncated: true }).notes).toEqual(['truncated']);
  });

  it('notes a datagram of exactly a common bound', () => {
    expect(read('x'.repeat(1024), { transport: 'udp' }).notes).toEqual(['truncated']);
    expect(read('x'.repeat(1023), { transport: 'udp' }).notes).toEqual([]);
    expect(read('x'.repeat(1024), { transport: 'tcp' }).notes).toEqual([]);
    expect(read('CEF:0|'.padEnd(1024, 'x'), { transport: 'udp' }).notes).toEqual(['truncated', 'cef_fault:cef_short_header']);
  });
});

describe('decode: the origin is bound to a decoder', () => {
  it.each([
    ['syslog', `<134>Jul 27 09:12:00 host ${CEF}`, 'text', []],
    ['syslog', CEF, 'text', ['syslog_fault:no_header']],
    ['text', `<134>Jul 27 09:12:00 host ${CEF}`, 'text', []],
    ['cef', `Some words of a relay: ${CEF}`, 'cef', []],
    ['cef', 'hello', 'text', ['cef_fault:cef_no_prefix']],
    ['cef', '{"a":1}', 'text', ['cef_fault:cef_no_prefix']],
    ['leef', 'some words LEEF:1.0|V|P|1|id|a=1', 'leef', []],
    ['json', 'some words of a relay {"a":1}', 'json', []],
    ['json', 'hello', 'text', ['json_fault:json_syntax']],
    ['key_value', 'the user did a=b', 'key_value', []],
    ['key_value', 'hello', 'text', ['key_value_fault:no_pairs']],
    ['nosuch', '{"a":1}', 'json', ['unknown_decoder']],
  ])('%s on %j', (decoder, text, format, notes) => {
    expect(read(text, { decoder })).toMatchObject({ format, notes });
  });

  it('reads no syslog header where it is bound to text', () => {
    expect(read('<134>hello', { decoder: 'text' })).toEqual({ text: '<134>hello', notes: [], format: 'text', message: '<134>hello' });
  });
});

it('never throws', () => {
  const origin = fc.record({
    decoder: fc.option(fc.constantFrom('syslog', 'cef', 'leef', 'json', 'key_value', 'text', 'x'), { nil: 'cef' }),
  });
  fc.assert(fc.property(fc.uint8Array(), origin, (bytes, bound) => void read(bytes, bound)));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void read(bytes)));
});
