import ipaddr from 'ipaddr.js';
import { err, ok, type Result } from '../lib/result.ts';
import type { ListKind } from '../model/named-list.ts';

/** A value in the one form in which a list of the kind keeps it, or what to write instead. */
export function listValue(kind: ListKind, text: string): Result<string, string> {
  const value = text.trim();
  if (value === '' || value.length > 1_024) return err('write 1 to 1024 characters');
  if (kind === 'cidr') return networkOf(value);
  if (kind !== 'asn') return ok(value);
  const number = /^(?:as)?(\d{1,10})$/i.exec(value)?.[1];
  const asn = Number(number);
  return number !== undefined && asn > 0 && asn < 2 ** 32 ? ok(`${asn}`) : err('write the number of an autonomous system, such as AS64496');
}

/** An address is a network of its own. Bits of the host that are not zero are a slip: nobody can tell which network was meant. */
function networkOf(value: string): Result<string, string> {
  const fault = err('write an address or a network, such as 192.0.2.0/24 or 2001:db8::/32');
  const [address = '', bits, ...more] = value.split('/');
  const isFour = ipaddr.IPv4.isValidFourPartDecimal(address);
  if (more.length > 0 || !(isFour || (address.includes(':') && !address.includes('%') && ipaddr.IPv6.isValid(address)))) return fault;
  const most = isFour ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return fault;
  const cidr = `${address}/${bits ?? most}`;
  const network = (isFour ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr)).toString();
  const own = (isFour ? ipaddr.IPv4.parse(address) : ipaddr.IPv6.parse(address)).toString();
  if (network !== own) return err(`${value} has bits behind its prefix: write ${network}/${bits}, or the address alone`);
  return ok(bits === undefined || Number(bits) === most ? own : `${own}/${bits}`);
}
