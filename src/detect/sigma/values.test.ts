import { describe, expect, it } from 'vitest';
import { inNetwork, parseAddress, parseNetwork } from './cidr.ts';
import { base64Offsets, utf16Bytes } from './encoding.ts';
import { timePart } from './time-part.ts';

function inside(address: string, network: string): boolean {
  const parsed = parseNetwork(network);
  if (!parsed.ok) throw new Error(parsed.error);
  const bytes = parseAddress(address);
  return bytes !== undefined && inNetwork(bytes, parsed.value);
}

describe('networks', () => {
  it.each([
    ['192.0.2.7', '192.0.2.0/24', true],
    ['192.0.3.7', '192.0.2.0/24', false],
    ['192.0.2.130', '192.0.2.129/25', true],
    ['192.0.2.127', '192.0.2.128/25', false],
    ['203.0.113.9', '0.0.0.0/0', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['::ffff:192.0.2.7', '192.0.2.0/24', true],
    ['192.0.2.7', '::ffff:192.0.2.0/120', true],
    ['192.0.2.7', '2001:db8::/32', false],
    ['010.0.0.1', '10.0.0.0/8', false],
    ['10.0.0', '10.0.0.0/8', false],
    ['10.0.0.256', '10.0.0.0/8', false],
    ['', '0.0.0.0/0', false],
  ])('%s in %s: %s', (address, network, expected) => {
    expect(inside(address, network)).toBe(expected);
  });

  it.each(['192.0.2.0', '192.0.2.0/33', '192.0.2/24', 'x/8', '2001:db8::/129', '1.2.3.4/8/8', '192.0.2.*'])('refuses %s', (text) => {
    expect(parseNetwork(text).ok).toBe(false);
  });
});

describe('encodings', () => {
  it('are those of the specification', () => {
    expect(utf16Bytes('cmd', 'utf16le').toString('hex')).toBe('63006d006400');
    expect(utf16Bytes('cmd', 'utf16be').toString('hex')).toBe('0063006d0064');
    expect(utf16Bytes('cmd', 'utf16').toString('hex')).toBe('fffe63006d006400');
  });

  it('one of the three forms is in the Base64 of any longer text, wherever the value lies', () => {
    for (const value of ['a', 'ab', 'abc', '/bin/bash', 'http://']) {
      for (let before = 0; before < 6; before++) {
        for (let after = 0; after < 6; after++) {
          const encoded = Buffer.from(`${'x'.repeat(before)}${value}${'y'.repeat(after)}`).toString('base64');
          const forms = base64Offsets(Buffer.from(value));
          expect(encoded).toContain(forms[before % 3]);
        }
      }
    }
  });
});

describe('parts of a time', () => {
  it('takes what is written in a text, whatever its zone', () => {
    const text = '2026-11-20T23:45:01.5+05:30';
    expect(['minute', 'hour', 'day', 'month', 'year'].map((part) => timePart(text, part as 'hour'))).toEqual([45, 23, 20, 11, 2026]);
    expect(timePart('2026-11-20', 'hour')).toBeUndefined();
    expect(timePart('yesterday', 'day')).toBeUndefined();
  });

  it('takes UTC of a number', () => {
    expect(timePart(Date.UTC(2026, 10, 20, 3), 'hour')).toBe(3);
    expect(timePart(Number.NaN, 'hour')).toBeUndefined();
  });

  it.each([
    ['2026-01-01', 1],
    ['2027-01-01', 53],
    ['2024-12-30', 1],
    ['2026-11-20', 47],
  ])('%s is in week %d of ISO 8601', (date, week) => {
    expect(timePart(date, 'week')).toBe(week);
  });
});
