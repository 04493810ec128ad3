import ipaddr from 'ipaddr.js';
import { err, ok, type Result } from '../lib/result.ts';

/** A network: 16 bytes as a text of 128 digits 0 and 1, cut to its prefix. IPv4 is ::ffff:a.b.c.d, so that a mapped address is the address it maps. */
export type Prefix = string;

/** Reads `192.0.2.0/24`, `2001:db8::/32`, or a single address. Bits of the host are ignored, as routers do. */
export function parsePrefix(text: string): Result<Prefix, string> {
  const [address = '', bits, ...more] = text.split('/');
  const digits = addressBits(address);
  if (digits === undefined || more.length > 0) return err('write a network such as 192.0.2.0/24 or 2001:db8::/32');
  if (bits === undefined) return ok(digits);
  const most = address.includes(':') ? 128 : 32;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return err(`write a prefix from 0 to ${most}`);
  return ok(digits.slice(0, 128 - most + Number(bits)));
}

/** An address as 128 digits; undefined where the text is none. */
export function addressBits(text: string): string | undefined {
  const bytes = bytesOf(text);
  return bytes?.map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

function bytesOf(text: string): readonly number[] | undefined {
  if (text.includes(':')) {
    const plain = text.split('%', 1)[0] ?? '';
    return plain.length <= 45 && ipaddr.IPv6.isValid(plain) ? ipaddr.IPv6.parse(plain).toByteArray() : undefined;
  }
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text).toIPv4MappedAddress().toByteArray() : undefined;
}

/** Prefixes with what they stand for. A look-up takes one step for each length that there is, however many prefixes. */
export class PrefixTable<T> {
  readonly #byLength = new Map<number, Map<Prefix, T[]>>();

  add(prefix: Prefix, item: T): void {
    const table = this.#byLength.get(prefix.length) ?? new Map<Prefix, T[]>();
    this.#byLength.set(prefix.length, table);
    const items = table.get(prefix);
    if (items === undefined) table.set(prefix, [item]);
    else items.push(item);
  }

  /** Everything that stands for a network which the address is in. */
  find(address: string): T[] {
    const bits = addressBits(address);
    if (bits === undefined) return [];
    const found: T[] = [];
    for (const [length, table] of this.#byLength) found.push(...(table.get(bits.slice(0, length)) ?? []));
    return found;
  }
}
