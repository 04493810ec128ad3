import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCef, parseCef } from './cef.ts';

const HEADER = 'CEF:0|Example|Vault|8.1|100|Task run|5|';
const extensionOf = (extension: string) => {
  const read = parseCef(HEADER + extension);
  return read.ok ? { ...read.value.extension } : read.error;
};

describe('parseCef: the extension', () => {
  it.each([
    ['a plain pair', 'suser=alice', { suser: 'alice' }],
    ['blanks in a value', 'msg=reset the password suser=alice', { msg: 'reset the password', suser: 'alice' }],
    ['blanks around pairs', '  src=192.0.2.1   dst=192.0.2.2  ', { src: '192.0.2.1', dst: '192.0.2.2' }],
    ['an empty value', 'shost= src=192.0.2.1 msg=', { shost: '', src: '192.0.2.1', msg: '' }],
    ['escaped = and \\ and line ends', 'msg=a\\=b\\\\c\\nd\\re', { msg: 'a=b\\c\nd\re' }],
    ['an escaped = is no key', 'msg=x suser\\=bob', { msg: 'x suser=bob' }],
    ['a bare = right behind a key', 'msg=status=ok reason=none', { msg: 'status=ok', reason: 'none' }],
    ['a bare = between blanks', 'msg=this = that', { msg: 'this = that' }],
    ['a bare = in an address', 'request=https://example.com/?id=1&a=2 act=x', { request: 'https://example.com/?id=1&a=2', act: 'x' }],
    ['a bare = behind punctuation', "agent='A; Guid:test=' cs1=", { agent: "'A; Guid:test='", cs1: '' }],
    ['a bare pipe', 'msg=a|b', { msg: 'a|b' }],
    ['an escaped pipe is two characters', 'msg=a\\|b', { msg: 'a\\|b' }],
    ['backslashes that escape nothing', 'msg=\\has \\ backslashes\\', { msg: '\\has \\ backslashes\\' }],
    ['an escaped backslash before a key', 'path=\\\\home\\\\ spt=1232', { path: '\\home\\', spt: '1232' }],
    ['tabs between pairs', 'src=192.0.2.1\tdst=192.0.2.2', { src: '192.0.2.1', dst: '192.0.2.2' }],
    ['the last of two equal keys', 'cs1=a cs1=b', { cs1: 'b' }],
    ['keys with dots and indexes', 'ad.nn=T ad.field[0]=f ad.Error_,Code=3', { 'ad.nn': 'T', 'ad.field[0]': 'f', 'ad.Error_,Code': '3' }],
    ['a comma is no part of a plain key', 'msg=failed,code=5 act=x', { msg: 'failed,code=5', act: 'x' }],
    ['quotes stay', 'act="Logon" suser=bob', { act: '"Logon"', suser: 'bob' }],
    ['text that is not ASCII', 'msg=Größe 日本 suser=žofie', { msg: 'Größe 日本', suser: 'žofie' }],
    ['nothing', '', {}],
    ['names of Object.prototype', 'constructor=a toString=b', { constructor: 'a', toString: 'b' }],
  ])('%s', (_, extension, expected) => {
    expect(extensionOf(extension)).toEqual(expected);
  });

  it('keeps __proto__ as a key and leaves the prototype alone', () => {
    const read = parseCef(`${HEADER}__proto__=x src=192.0.2.1`);
    const extension = read.ok ? read.value.extension : {};
    expect(Object.entries(extension)).toEqual([
      ['__proto__', 'x'],
      ['src', '192.0.2.1'],
    ]);
    expect(Object.getPrototypeOf(extension)).toBe(null);
  });

  it('keeps text before the first key', () => {
    expect(parseCef(`${HEADER}no pairs here`)).toMatchObject({ ok: true, value: { unkeyed: 'no pairs here', extension: {} } });
    expect(parseCef(`${HEADER}loose text src=192.0.2.1`)).toMatchObject({
      value: { unkeyed: 'loose text', extension: { src: '192.0.2.1' } },
    });
    expect(parseCef(`${HEADER}src=192.0.2.1`)).not.toHaveProperty('value.unkeyed');
  });
});

describe('parseCef: the header', () => {
  const plain = {
    version: 0,
    vendor: 'V',
    product: 'P',
    productVersion: '1',
    classId: '7',
    name: 'N',
    severity: '5',
    extension: { src: 'x' },
  };
  it.each([
    ['version 0', 'CEF:0|V|P|1|7|N|5|src=x', {}],
    ['version 1', 'CEF:1|V|P|1|7|N|5|src=x', { version: 1 }],
    ['version 0.1', 'CEF:0.1|V|P|1|7|N|5|src=x', { version: 0.1 }],
    ['a blank before the version', 'CEF: 0|V|P|1|7|N|5|src=x', {}],
    ['a syslog header', '<134>Jun  3 12:08:33 pam01 CEF:0|V|P|1|7|N|5|src=x', {}],
    ['a byte order mark', '\ufeffCEF:0|V|P|1|7|N|5|src=x', {}],
    ['outer pipes', '|CEF:0|V|P|1|7|N|5|src=x|', {}],
    ['outer pipes and a line end', '|CEF:0|V|P|1|7|N|5|src=x|\r\n', {}],
    ['escapes', 'CEF:0|V\\|v|P\\\\|1|7|N\\\\\\|n|5|src=x', { vendor: 'V|v', product: 'P\\', name: 'N\\|n' }],
    ['a backslash that escapes nothing', 'CEF:0|V|P|1|7|C:\\new|5|src=x', { name: 'C:\\new' }],
    ['= in a field', 'CEF:0|V|P=q|1|7|N|5|src=x', { product: 'P=q' }],
    ['empty fields', 'CEF:0|||1||N||src=x', { vendor: '', product: '', classId: '', severity: '' }],
    ['a severity in words', 'CEF:0|V|P|1|7|N|Very-High|src=x', { severity: 'Very-High' }],
    ['bare pipes in the name', 'CEF:0|V|P|1|7|login | shell | root|5|src=x', { name: 'login | shell | root' }],
    ['a severity of no known form', 'CEF:0|V|P|1|7|N|$sev|src=x', { severity: '$sev' }],
    ['a pipe in a value is not of the name', 'CEF:0|V|P|1|7|N|$sev|src=x|5|', { severity: '$sev', extension: { src: 'x|5|' } }],
    ['an earlier "CEF:" that is none', 'about CEF: CEF:0|V|P|1|7|N|5|src=x', {}],
    ['cut behind the severity', 'CEF:0|V|P|1|7|N|5', { extension: {} }],
  ])('%s', (_, text, differs) => {
    expect(parseCef(text)).toEqual({ ok: true, value: { ...plain, ...differs } });
  });

  it.each([
    ['', 'cef_no_prefix'],
    ['hello', 'cef_no_prefix'],
    ['cef:0|a|b|c|d|e|5|', 'cef_no_prefix'],
    ['CEF:x|a|b|c|d|e|5|', 'cef_bad_version'],
    ['CEF:|a|b|c|d|e|5|', 'cef_bad_version'],
    ['CEF:', 'cef_short_header'],
    ['CEF:0', 'cef_short_header'],
    ['CEF:0|', 'cef_short_header'],
    ['CEF:0|a|b', 'cef_short_header'],
    ['CEF:0|a|b|c|d|e|', 'cef_short_header'],
    ['CEF:0|a|b|c|d|e\\|5|', 'cef_short_header'],
  ])('refuses %j with %s', (text, code) => {
    expect(parseCef(text)).toMatchObject({ ok: false, error: { code } });
  });
});

describe('formatCef', () => {
  it('escapes what the standard says', () => {
    const text = formatCef({
      version: 0,
      vendor: 'a|b',
      product: 'c\\d',
      productVersion: '1',
      classId: '7',
      name: 'x\ny=z',
      severity: '5',
      extension: { msg: 'a=b|c\\d\ne' },
    });
    expect(text).toBe('CEF:0|a\\|b|c\\\\d|1|7|x y=z|5|msg=a\\=b|c\\\\d\\ne');
  });

  it('is read back', () => {
    const edges = /^[\0- ]+|[\0- ]+$/g;
    const field = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ' '));
    const value = fc.string({ unit: 'grapheme' }).map((text) => text.replace(edges, ''));
    const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.[\]-]{0,8}$/);
    const cef = fc.record(
      {
        version: fc.nat(999),
        vendor: field,
        product: field,
        productVersion: field,
        classId: field,
        name: field,
        severity: fc.constantFrom('0', '10', 'High', 'Unknown', ''),
        extension: fc.dictionary(key, value, { noNullPrototype: true }),
        unkeyed: value.filter((text) => text !== ''),
      },
      { requiredKeys: ['version', 'vendor', 'product', 'productVersion', 'classId', 'name', 'severity', 'extension'] },
    );
    fc.assert(
      fc.property(cef, (message) => {
        expect(parseCef(formatCef(message))).toEqual({ ok: true, value: message });
      }),
    );
  });
});

it('parseCef never throws', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseCef(text)));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseCef(`CEF:0|${text}`)));
  fc.assert(fc.property(fc.string(), (text) => void parseCef(HEADER + text)));
});
