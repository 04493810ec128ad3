import ipaddr from 'ipaddr.js';

/** An address as the store keeps it: IPv4 as a number, IPv6 as its 16 bytes. */
export type IpAddress = number | Uint8Array;

const REMEMBERED = 4096;
const remembered = new Map<string, Uint8Array | undefined>();

/**
 * Reads an address that is written in its canonical form (dotted decimal without leading zeros, RFC 5952), so that {@link ipText} gives
 * the same text back. Anything else is undefined: also IPv4 written as IPv6, and `::`, which is the column's "not here".
 */
export function canonicalIp(text: string): IpAddress | undefined {
  const v4 = readIpv4(text);
  if (v4 >= 0) return v4;
  if (text.length > 39 || !text.includes(':')) return undefined;
  if (remembered.has(text)) return remembered.get(text);
  if (remembered.size >= REMEMBERED) remembered.clear();
  const v6 = readIpv6(text);
  remembered.set(text, v6);
  return v6;
}

/** The canonical text of an address as the engine prints it. */
export function ipText(printed: string): string {
  const address = ipaddr.IPv6.parse(printed);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}

function readIpv4(text: string): number {
  const { length } = text;
  if (length < 7 || length > 15) return -1;
  let address = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      if (digits === 0 || ++dots > 3) return -1;
      address = address * 256 + part;
      part = 0;
      digits = 0;
    } else {
      if (code < 0x30 || code > 0x39 || (digits > 0 && part === 0)) return -1;
      part = part * 10 + code - 0x30;
      if (part > 255) return -1;
      digits++;
    }
  }
  return dots === 3 && digits > 0 ? address * 256 + part : -1;
}

function readIpv6(text: string): Uint8Array | undefined {
  if (text === '::' || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  if (address.isIPv4MappedAddress() || address.zoneId !== undefined || address.toRFC5952String() !== text) return undefined;
  return Uint8Array.from(address.toByteArray());
}
