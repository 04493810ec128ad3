import { expect, it } from 'vitest';
import { plainAddress } from './plain-address.ts';

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['unknown', 'unknown'],
  ['192.0.2.7:4711', '192.0.2.7:4711'],
])('%s is %s', (address, plain) => expect(plainAddress(address)).toBe(plain));
