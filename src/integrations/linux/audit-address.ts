/** Where a socket call goes to. */
export interface SocketAddress {
  readonly ip: string;
  readonly port: number;
}

const AF_INET = 2;
const AF_INET6 = 10;

/**
 * Reads `saddr=` of a SOCKADDR record: the bytes of a `struct sockaddr` in hexadecimal. The family is in the byte order of the machine,
 * little-endian on all that Linux commonly runs on; port and address are in network order. Undefined for other families (Unix sockets).
 */
export function parseSocketAddress(hex: string): SocketAddress | undefined {
  if (!/^(?:[0-9A-Fa-f]{2}){8,128}$/.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  if (family === AF_INET) return { ip: bytes.subarray(4, 8).join('.'), port };
  if (family !== AF_INET6 || bytes.length < 24) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(8 + i * 2).toString(16));
  return { ip: compressed(groups), port };
}

/** RFC 5952: the longest run of two or more zero groups becomes `::`. */
function compressed(groups: readonly string[]): string {
  let best = { start: -1, length: 1 };
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (groups[end] === '0') end++;
    if (end - i > best.length) best = { start: i, length: end - i };
  }
  if (best.start === -1) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}
