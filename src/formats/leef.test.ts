import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLeef, parseLeef } from './leef.ts';
import { leefTime } from './leef-time.ts';

const attributesOf = (text: string) => {
  const read = parseLeef(text);
  return read.ok ? { ...read.value.attributes } : read.error;
};
const AB = { a: '1', b: '2' };

describe('parseLeef', () => {
  it('reads the header', () => {
    expect(parseLeef('<13>Jul 27 09:12:00 host LEEF:1.0|Exa\\|mple|Vault|3.2|login|a=1')).toEqual({
      ok: true,
      value: { version: '1.0', vendor: 'Exa|mple', product: 'Vault', productVersion: '3.2', eventId: 'login', attributes: { a: '1' } },
    });
  });

  it.each([
    ['1.0, tabs', 'LEEF:1.0|V|P|1|id|a=1\tb=2', AB],
    ['1.0, values with blanks and =', 'LEEF:1.0|V|P|1|id|a=x y=z\tb=2', { a: 'x y=z', b: '2' }],
    ['1.0, a pipe in the attributes', 'LEEF:1.0|V|P|1|id|a=1|2\tb=2', { a: '1|2', b: '2' }],
    ['1.0, tabs that became #011', 'LEEF:1.0|V|P|1|id|a=1#011b=2', AB],
    ['1.0, tabs that became blanks', 'LEEF:1.0|V|P|1|id|a=1 b=2', AB],
    ['1.0, one attribute with blanks', 'LEEF:1.0|V|P|1|id|a=one two', { a: 'one two' }],
    ['2.0, a character', 'LEEF:2.0|V|P|1|id|^|a=1^b=2', AB],
    ['2.0, hex 0x', 'LEEF:2.0|V|P|1|id|0x5E|a=1^b=2', AB],
    ['2.0, hex x', 'LEEF:2.0|V|P|1|id|x5e|a=1^b=2', AB],
    ['2.0, four digits', 'LEEF:2.0|V|P|1|id|x005E|a=1^b=2', AB],
    ['2.0, a pipe', 'LEEF:2.0|V|P|1|id|||a=1|b=2', AB],
    ['2.0, nothing: a tab', 'LEEF:2.0|V|P|1|id||a=1\tb=2', AB],
    ['2.0, the field left out', 'LEEF:2.0|V|P|1|id|a=1\tb=2', AB],
    ['2.0, the field left out, a pipe early', 'LEEF:2.0|V|P|1|id|a=1|x\tb=2', { a: '1|x', b: '2' }],
    ['a delimiter inside a value', 'LEEF:2.0|V|P|1|id|^|a=1^x^b=2', { a: '1^x', b: '2' }],
    ['the last of equal keys', 'LEEF:2.0|V|P|1|id|^|a=1^a=2', { a: '2' }],
    ['no attributes', 'LEEF:1.0|V|P|1|id|', {}],
    ['cut behind the event id', 'LEEF:1.0|V|P|1|id', {}],
  ])('%s', (_, text, attributes) => {
    expect(attributesOf(text)).toEqual(attributes);
  });

  it.each([
    ['hello', 'leef_no_prefix'],
    ['LEEF:', 'leef_short_header'],
    ['LEEF:3.0|V|P|1|id|', 'leef_bad_version'],
    ['LEEF:|V|P|1|id|', 'leef_bad_version'],
    ['LEEF:1.0|V|P', 'leef_short_header'],
    ['LEEF:1.0|V|P|1|', 'leef_short_header'],
  ])('refuses %j with %s', (text, code) => {
    expect(parseLeef(text)).toMatchObject({ ok: false, error: { code } });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseLeef(`LEEF:2.0|${text}`)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseLeef(`LEEF:2.0|V|P|1|id|${text}`)));
  });

  it('reads back what formatLeef writes', () => {
    const field = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
    const value = field.map((text) => text.replace(/\p{Cc}/gu, '').trim());
    const attributes = fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/), value, { noNullPrototype: true, minKeys: 2 });
    const names = { vendor: field, product: field, productVersion: field, eventId: field.filter((text) => text !== '') };
    const leef = fc.record({ version: fc.constantFrom('1.0', '2.0'), ...names, attributes });
    fc.assert(
      fc.property(leef, (message) => {
        expect(parseLeef(formatLeef(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('formats with a delimiter that no value holds', () => {
    const leef = {
      version: '2.0' as const,
      vendor: 'V',
      product: 'P',
      productVersion: '1',
      eventId: 'id',
      attributes: { a: 'x\ty', b: '^' },
    };
    expect(formatLeef(leef)).toBe('LEEF:2.0|V|P|1|id|x7c|a=x\ty|b=^');
    expect(attributesOf(formatLeef(leef))).toEqual(leef.attributes);
  });
});

describe('leefTime', () => {
  const reference = Date.parse('2026-07-27T12:00:00Z');
  it.each([
    [{ devTime: '1642503713520' }, '2022-01-18T11:01:53.520Z'],
    [{ devTime: '1642503713' }, '2022-01-18T11:01:53.000Z'],
    [{ devTime: 'Jan 18 2022 11:01:53.520 EST' }, '2022-01-18T16:01:53.520Z'],
    [{ devTime: 'Jan 18 2022 11:01:53.520 EST', devTimeFormat: 'MMM dd yyyy HH:mm:ss.SSS z' }, '2022-01-18T16:01:53.520Z'],
    [{ devTime: '20220118110153', devTimeFormat: 'yyyyMMddHHmmss' }, '2022-01-18T11:01:53.000Z'],
    [{ devTime: '2022-01-18T11:01:53Z', devTimeFormat: "yyyy-MM-dd'T'HH:mm:ssX" }, '2022-01-18T11:01:53.000Z'],
    [{ devTime: '18/01/22 01:01:53 PM', devTimeFormat: 'dd/MM/yy hh:mm:ss a' }, '2022-01-18T13:01:53.000Z'],
    [{ devTime: 'Jul 27 09:12:00', devTimeFormat: 'MMM dd HH:mm:ss', devTimeZone: 'Europe/Berlin' }, '2026-07-27T07:12:00.000Z'],
    // A format that does not fit is worth less than a time that can be read.
    [{ devTime: '2022-01-18T11:01:53Z', devTimeFormat: 'MMM dd' }, '2022-01-18T11:01:53.000Z'],
  ])('%o', (attributes: Record<string, string>, expected) => {
    const time = leefTime(attributes, { reference });
    expect(time === undefined ? time : new Date(time).toISOString()).toBe(expected);
  });

  it('gives nothing for nothing', () => {
    expect(leefTime({}, { reference })).toBeUndefined();
    expect(leefTime({ devTime: 'soon', devTimeFormat: 'yyyy' }, { reference })).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (devTime, devTimeFormat) => void leefTime({ devTime, devTimeFormat }, { reference })));
  });
});
