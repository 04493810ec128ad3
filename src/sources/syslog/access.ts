import ipaddr from 'ipaddr.js';
import { plainAddress } from '../../lib/plain-address.ts';
import type { Origin } from '../../model/record.ts';
import type { Peer, SyslogSettings } from './settings.ts';

/** Who is at the other end, as far as it is proven. */
export interface Remote {
  readonly address: string;
  readonly port?: number;
  /** Subject common name of a verified client certificate. */
  readonly certificate?: string;
  /** It showed a client certificate that our authorities vouch for, with a common name or without. */
  readonly verified?: boolean;
}

/** Where the connection came in: on a loopback listener, or one that demands certificates, nobody needs to be named. */
export interface Door {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'relp';
  readonly loopback: boolean;
  readonly certificateRequired: boolean;
}

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Decides who may send, and as what. Built once per settings; asked once per connection, or once per UDP address. */
export class Access {
  readonly #allow: readonly Network[];
  readonly #peers: readonly { readonly network?: Network; readonly peer: Peer }[];
  readonly #timeZone: string;

  constructor(settings: Pick<SyslogSettings, 'allow' | 'peers' | 'time_zone'>) {
    this.#allow = settings.allow.map(network);
    this.#peers = settings.peers.map((peer) => (peer.cidr === undefined ? { peer } : { peer, network: network(peer.cidr) }));
    this.#timeZone = settings.time_zone;
  }

  /** False when this address will not get in, whatever certificate it may show. */
  mayEnter(door: Door, address: string): boolean {
    if (this.admit(door, { address }) !== undefined) return true;
    const ip = ipaddr.process(address);
    const byCertificate = this.#peers.some((p) => p.peer.certificate !== undefined && (p.network === undefined || within(ip, p.network)));
    const byAuthority = door.certificateRequired && this.#allow.length === 0 && this.#peers.length === 0;
    return byCertificate || byAuthority;
  }

  /** What messages of this remote come with, or undefined when it may not send. */
  admit(door: Door, remote: Remote): Origin | undefined {
    const ip = ipaddr.parse(plainAddress(remote.address));
    const bound = this.#peers.find(
      ({ peer, network: n }) =>
        (n === undefined || within(ip, n)) && (peer.certificate === undefined || peer.certificate === remote.certificate),
    )?.peer;
    const allowed = bound !== undefined || this.#allow.some((n) => within(ip, n)) || this.#openToAll(door, remote);
    return allowed ? this.#origin(door, ip.toString(), remote, bound) : undefined;
  }

  #openToAll(door: Door, remote: Remote): boolean {
    if (this.#allow.length > 0) return false;
    return door.loopback || (this.#peers.length === 0 && door.certificateRequired && remote.verified === true);
  }

  #origin(door: Door, address: string, remote: Remote, bound: Peer | undefined): Origin {
    return {
      transport: door.transport,
      address,
      ...(remote.port !== undefined && { port: remote.port }),
      ...(remote.certificate !== undefined && { certificate: remote.certificate }),
      ...(bound?.datasets !== undefined && { datasets: bound.datasets }),
      ...(bound?.decoder !== undefined && { decoder: bound.decoder }),
      timeZone: bound?.time_zone ?? this.#timeZone,
    };
  }
}

function network(text: string): Network {
  if (text.includes('/')) {
    const [ip, bits] = ipaddr.parseCIDR(text);
    return [ip, bits];
  }
  const ip = ipaddr.process(text);
  return [ip, ip.kind() === 'ipv4' ? 32 : 128];
}

function within(ip: ipaddr.IPv4 | ipaddr.IPv6, [base, bits]: Network): boolean {
  return ip.kind() === base.kind() && ip.match(base, bits);
}
