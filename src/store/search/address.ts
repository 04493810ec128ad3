import { isIP, isIPv4, isIPv6 } from 'node:net';

/** Addresses as ClickHouse compares them: 16 bytes, IPv4 as `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2). */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

const MAPPED = 0xffff_0000_0000n;

/** An address as a number; undefined for what is none. Zone ids (`%eth0`) and forms such as `010.0.0.1` are none. */
export function parseAddress(text: string): bigint | undefined {
  if (isIPv4(text)) return MAPPED | parseV4(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const dotted = /[^:]+\.[^:]+$/.exec(text)?.[0];
  const groups = dotted === undefined ? text : `${text.slice(0, -dotted.length)}${hexPair(parseV4(dotted))}`;
  const [head = '', tail] = groups.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const all = tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

const parseV4 = (text: string): bigint => text.split('.').reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

const hexPair = (v4: bigint): string => `${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;

/** The addresses of a network such as `10.0.0.0/8`; host bits are ignored. Undefined for what is none. */
export function parseNetwork(text: string): AddressRange | undefined {
  const slash = text.lastIndexOf('/');
  const family = isIP(text.slice(0, Math.max(slash, 0)));
  const address = parseAddress(text.slice(0, Math.max(slash, 0)));
  const prefix = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  const free = (family === 4 ? 32 : 128) - Number(prefix);
  if (free < 0) return undefined;
  const hosts = (1n << BigInt(free)) - 1n;
  const first = address & ~hosts;
  return { first, last: first | hosts };
}

/** An address in the uncompressed form that every parser reads. */
export function printAddress(address: bigint): string {
  const digits = address.toString(16).padStart(32, '0');
  return digits.match(/.{4}/g)?.join(':') ?? '';
}
