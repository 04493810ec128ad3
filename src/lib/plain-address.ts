import ipaddr from 'ipaddr.js';

/**
 * The address without its IPv4-in-IPv6 wrapping, as a socket on all addresses has it, and without its zone (`%eth0`), which only this
 * machine knows: so it compares equal however the socket was opened. What is no address, as a proxy may name a client, stays as it is.
 */
export function plainAddress(text: string): string {
  const address = text.replace(/%.*$/, '');
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : text;
}
