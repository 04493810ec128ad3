import { describe, expect, it } from 'vitest';
import { parseSocketAddress } from './audit-address.ts';

describe('parseSocketAddress', () => {
  it.each([
    ['IPv4', '020001BBC00002010000000000000000', { ip: '192.0.2.1', port: 443 }],
    ['IPv6', '0A0000160000000020010DB800000000000000000000000100000000', { ip: '2001:db8::1', port: 22 }],
    ['the IPv6 loopback', '0A0000160000000000000000000000000000000000000001', { ip: '::1', port: 22 }],
    ['a Unix socket', '01002F72756E2F78', undefined],
    ['a cut IPv6 address', '0A00001600000000', undefined],
    ['no hexadecimal', 'inet', undefined],
  ])('reads %s', (_, hex, expected) => {
    expect(parseSocketAddress(hex)).toEqual(expected);
  });
});
