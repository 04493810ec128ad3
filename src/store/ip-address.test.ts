import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalIp, ipText } from './ip-address.ts';

describe('canonicalIp', () => {
  it.each([
    ['192.0.2.1', 0xc0000201],
    ['0.0.0.0', 0],
    ['255.255.255.255', 0xffffffff],
  ])('reads %s', (text, address) => {
    expect(canonicalIp(text)).toBe(address);
  });

  it.each([
    '::',
    '192.0.2.01',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1.',
    '.192.0.2.1',
    '192..2.1',
    ' 192.0.2.1',
    '2001:DB8::1',
    '2001:db8:0:0::1',
    '::ffff:192.0.2.1',
    'fe80::1%eth0',
    '',
    'x'.repeat(100),
  ])('does not take %j', (text) => {
    expect(canonicalIp(text)).toBeUndefined();
  });

  it('gives an address that reads back as the same text, or none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), (text) => {
        const address = canonicalIp(text);
        if (address === undefined) return;
        const bytes =
          typeof address === 'number'
            ? [...Array(10).fill(0), 0xff, 0xff, address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255]
            : [...address];
        const printed = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16)).join(':');
        expect(ipText(printed)).toBe(text);
      }),
    );
  });
});
