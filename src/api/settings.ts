import { z } from 'zod';
import { isLoopback, parseListen } from '../sources/listen.ts';

/** Settings of the HTTP API, which the HTTP sources share. */
export const apiSettings = z
  .strictObject({
    listen: z
      .string()
      .regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'write it as host:port, such as 127.0.0.1:8484 or [::1]:8484')
      .default('127.0.0.1:8484')
      .describe('Address and port of the page, the API and HTTP sources. Beyond loopback it needs `tls` or `behind_proxy`.'),
    public_url: z
      .string()
      .regex(/^https?:\/\/[^/?#@]+$/, 'write it without a path, such as https://earshot.example.com')
      .optional()
      .describe('How people reach the page, such as https://earshot.example.com: for links that are given away. Absent: as it listens.'),
    tls: z
      .union([
        z.literal(false),
        z.strictObject({
          certificate_file: z.string().min(1).describe('Certificate chain of the page and the API, PEM.'),
          key_file: z.string().min(1).describe('Its private key, PEM, without a passphrase.'),
        }),
      ])
      .default(false)
      .describe('Certificates, or false for plain HTTP. The files are read again when they change.'),
    behind_proxy: z
      .boolean()
      .default(false)
      .describe(
        'A proxy in front ends TLS, and is the only one who can reach `listen`: its X-Forwarded-For and X-Forwarded-Proto are believed.',
      ),
  })
  .prefault({})
  .describe('The page and the HTTP API.');

export type ApiSettings = z.output<typeof apiSettings>;

/** Why the hub does not listen there: sessions and tokens must not cross a network in the clear. */
export function openDoorFault({ listen, tls, behind_proxy: behindProxy }: ApiSettings): string | undefined {
  const parsed = parseListen(listen);
  if (!parsed.ok || isLoopback(parsed.value.host) || tls !== false || behindProxy) return undefined;
  return `${listen} can be reached from elsewhere, and passwords and tokens would cross the network in the clear: set api.tls, or api.behind_proxy where a TLS proxy is in front`;
}

/** Where people find the page. */
export function pageUrlOf({ public_url: url, listen, tls }: ApiSettings): string {
  if (url !== undefined) return url;
  const parsed = parseListen(listen);
  const { host, port } = parsed.ok ? parsed.value : { host: listen, port: 0 };
  const named = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tls === false ? 'http' : 'https'}://${named}:${port}`;
}
