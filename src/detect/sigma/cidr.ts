import ipaddr from 'ipaddr.js';
import { err, ok, type Result } from '../../lib/result.ts';

/** A network: addresses as 16 bytes, IPv4 as ::ffff:a.b.c.d, so that a mapped address is the address it maps. */
export interface Network {
  readonly bytes: readonly number[];
  /** Bits of the prefix, of 128. */
  readonly bits: number;
}

/** Reads `192.0.2.0/24` or `2001:db8::/32`. Bits of the host are ignored, as routers do. */
export function parseNetwork(text: string): Result<Network, string> {
  const [address = '', prefix = '', ...more] = text.split('/');
  const wanted = 'write a network such as 192.0.2.0/24 or 2001:db8::/32';
  if (!/^[0-9]{1,3}$/.test(prefix) || more.length > 0) return err(`\`${text}\` is no network: ${wanted}`);
  const bytes = parseAddress(address);
  if (!bytes) return err(`\`${address}\` is no IP address: ${wanted}`);
  const four = !address.includes(':');
  const bits = Number(prefix) + (four ? 96 : 0);
  if (bits > 128) return err(`the prefix of \`${text}\` is too long: ${wanted}`);
  return ok({ bytes, bits });
}

/** An address as 16 bytes; undefined where the text is none. IPv4 only in its canonical form: `010.0.0.1` means different things to different programs. */
export function parseAddress(text: string): readonly number[] | undefined {
  if (text.includes(':')) {
    // A zone (`fe80::1%eth0`) says where an address holds, not which it is.
    const plain = text.split('%', 1)[0] ?? '';
    return plain.length <= 45 && ipaddr.IPv6.isValid(plain) ? ipaddr.IPv6.parse(plain).toByteArray() : undefined;
  }
  const four = /^(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})$/.exec(text)?.slice(1).map(Number);
  return four?.every((byte) => byte <= 255) ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...four] : undefined;
}

export function inNetwork(address: readonly number[], network: Network): boolean {
  const whole = network.bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== network.bytes[i]) return false;
  const rest = network.bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((address[whole] ?? 0) & mask) === ((network.bytes[whole] ?? 0) & mask);
}
