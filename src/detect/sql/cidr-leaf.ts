import { Param, type Sql, sql } from '../../store/sql.ts';
import type { Network } from '../sigma/cidr.ts';
import type { Scope } from './scope.ts';
import { all } from './values.ts';

/** An address of the network. How odd spellings of IPv6 are read is the stream's to say. */
export function cidrLeaf(network: Network, paths: readonly string[], scope: Scope): Sql {
  const first = address(network, 0);
  const last = address(network, 0xff);
  for (const path of paths) if (scope.field(path).address === undefined) scope.addOdd(scope.field(path).some(strange));
  return scope.first(paths, (field) =>
    field.address === undefined
      ? field.some((text) => sql`ifNull(toIPv6OrNull(toString(${text})) BETWEEN ${first} AND ${last}, 0)`)
      : all([field.there, sql`${field.address} BETWEEN ${first} AND ${last}`]),
  );
}

/** With a zone, with an IPv4 address in it, with more digits or groups than there should be. */
const strange = (text: Sql): Sql =>
  sql`(match(${text}, '^[0-9a-fA-F]*:[0-9a-fA-F:.]*(%.*)?$') AND match(${text}, '[.%]|[0-9a-fA-F]{5}|(:.*){8}'))`;

/** The network's first address (`rest` 0), or its last (255). */
function address({ bytes, bits }: Network, rest: number): Param {
  const all = bytes.map((byte, i) => {
    const own = Math.min(8, Math.max(0, bits - i * 8));
    const mask = (0xff << (8 - own)) & 0xff;
    return (byte & mask) | (rest & ~mask & 0xff);
  });
  const groups = Array.from({ length: 8 }, (_, i) => (((all[i * 2] ?? 0) << 8) | (all[i * 2 + 1] ?? 0)).toString(16));
  return new Param('IPv6', groups.join(':'));
}
