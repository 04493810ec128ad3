import { isIP } from 'node:net';
import { err, ok, type Result } from '../lib/result.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, with IPv6 in brackets: `127.0.0.1:5514`, `[::1]:6514`, `localhost:0`. The error is a sentence for the operator. */
export function parseListen(text: string): Result<HostPort, string> {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined) return err('write it as host:port, such as 127.0.0.1:5514 or [::1]:5514');
  if (match?.[1] !== undefined && isIP(host) !== 6) return err(`${host} is not an IPv6 address`);
  if (port > 65_535) return err(`the port ${port} is above 65535`);
  return ok({ host, port });
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
