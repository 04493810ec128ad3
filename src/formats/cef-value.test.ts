import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CEF_KEYS, cefCustomType, cefKey, cefType } from './cef-dictionary.ts';
import { cefLabeled, cefSeverity, readCefValue } from './cef-value.ts';

const times = { reference: Date.UTC(2026, 6, 27) };

describe('the dictionary', () => {
  it('holds the 174 keys of the standard, each full name once', () => {
    expect(CEF_KEYS.size).toBe(174);
    expect(new Set([...CEF_KEYS.values()].map(({ fullName }) => fullName)).size).toBe(174);
  });

  it('finds short and full names', () => {
    expect(cefKey('dpt')).toEqual({ key: 'dpt', fullName: 'destinationPort', type: 'integer', sendable: true });
    expect(cefKey('destinationPort')?.key).toBe('dpt');
    expect(cefKey('art')?.sendable).toBe(false);
    expect(cefKey('nosuch')).toBeUndefined();
    expect(cefKey('constructor')).toBeUndefined();
  });

  it.each([
    ['cs7', 'string'],
    ['Cs6', 'string'],
    ['cn12', 'integer'],
    ['cfp15', 'float'],
    ['c6a2', 'ip'],
    ['flexDate2', 'timestamp'],
    ['cs', undefined],
    ['7', undefined],
    ['cs123', undefined],
    ['src1', undefined],
  ])('custom key %s is %s', (key, type) => {
    expect(cefCustomType(key)).toBe(type);
  });

  it('takes every other key for a string', () => {
    expect(cefType('VendorKey')).toBe('string');
  });
});

describe('readCefValue', () => {
  it.each([
    ['spt', '1232', 1232],
    ['spt', '"1232"', 1232],
    ['cn1', '-5', -5],
    ['cfp1', '35.46', 35.46],
    ['cfp1', '-1e3', -1000],
    ['src', '192.0.2.1', '192.0.2.1'],
    ['src', '2001:DB8::1', '2001:db8::1'],
    ['src', '[2001:db8::1%eth0]', '2001:db8::1'],
    ['smac', '00:00:5e:00:53:23', '00-00-5E-00-53-23'],
    ['smac', '0000.5e00.5323', '00-00-5E-00-53-23'],
    ['smac', '00005E005323', '00-00-5E-00-53-23'],
    ['rt', '1500464384997', 1500464384997],
    ['destinationPort', '53', 53],
    ['suser', '"bob"', 'bob'],
    ['suser', '"', '"'],
    ['suser', '', ''],
  ])('%s=%s', (key, text, value) => {
    expect(readCefValue(key, text, times)).toEqual({ ok: true, value });
  });

  it.each([
    ['spt', '12x', 'not_an_integer'],
    ['spt', '1.5', 'not_an_integer'],
    ['spt', '-', 'not_an_integer'],
    ['eventId', '12345678901234567890', 'not_an_integer'],
    ['cfp1', '0x1f', 'not_a_number'],
    ['cfp1', 'e', 'not_a_number'],
    ['src', '192.0.2.256', 'not_an_ip'],
    ['src', 'host', 'not_an_ip'],
    ['smac', '00:00:5e', 'not_a_mac'],
    ['smac', '0-0-0-0-5E0053230000', 'not_a_mac'],
    ['rt', 'yesterday', 'not_a_time'],
    ['spt', ' ', 'empty'],
  ])('%s=%s is refused: %s', (key, text, code) => {
    expect(readCefValue(key, text, times)).toMatchObject({ ok: false, error: { code } });
  });

  it('never throws', () => {
    const keys = fc.constantFrom('spt', 'cfp1', 'src', 'smac', 'rt', 'msg');
    fc.assert(fc.property(keys, fc.string({ unit: 'binary' }), (key, text) => void readCefValue(key, text, times)));
  });
});

describe('cefLabeled', () => {
  it('pairs labels with values, in any order and beyond the standard', () => {
    expect(cefLabeled({ cs1: 'allow all', cs1Label: 'Rule Name', cn1Label: 'Count', cn1: '3', Cs7Label: '"Why"', cs7: 'x' })).toEqual([
      { key: 'cs1', label: 'Rule Name', value: 'allow all', type: 'string' },
      { key: 'cn1', label: 'Count', value: '3', type: 'integer' },
      { key: 'cs7', label: 'Why', value: 'x', type: 'string' },
    ]);
  });

  it('makes no pair of half a pair, an empty label, or a vendor key', () => {
    expect(cefLabeled({ cs1Label: 'A', cs2: 'b', cs3Label: '', cs3: 'c', priorityLabel: 'High', priority: '3' })).toEqual([]);
  });
});

it.each([
  ['0', 0],
  [' 10 ', 10],
  ['Low', 0],
  ['medium', 4],
  ['High', 7],
  ['Very-High', 9],
  ['"8"', 8],
  ['Unknown', undefined],
  ['11', undefined],
  ['-1', undefined],
  ['', undefined],
])('cefSeverity(%j) is %s', (text, severity) => {
  expect(cefSeverity(text)).toBe(severity);
});
