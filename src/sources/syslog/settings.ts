import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { DECODERS } from '../../decode/decoded.ts';
import { isLoopback, parseListen } from '../listen.ts';

const listen = (standard: string) =>
  z
    .string()
    .superRefine((text, context) => {
      const parsed = parseListen(text);
      if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.error });
    })
    .default(standard)
    .describe('Address and port to listen on, such as 0.0.0.0:514 or [::]:514.');

const cidr = z.string().refine((text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text), {
  message: 'write an address or a network, such as 192.0.2.7 or 192.0.2.0/24',
});

const timeZone = z.string().refine(isTimeZone, { message: 'not an IANA time zone such as Europe/Berlin' });

/** Certificates of a TLS listener. The files are read again when they change; open connections stay. */
const tls = z.strictObject({
  certificate_file: z.string().min(1).describe('Certificate chain of this listener, PEM.'),
  key_file: z.string().min(1).describe('Its private key, PEM, without a passphrase.'),
  client_ca_file: z.string().min(1).optional().describe('Authorities that client certificates must come from, PEM.'),
  client_certificates: z
    .enum(['off', 'request', 'require'])
    .default('off')
    .describe('request: a valid certificate names the peer; require: without one the connection is refused.'),
  handshake_timeout_secs: z
    .number()
    .int()
    .min(1)
    .max(300)
    .default(10)
    .describe('A peer that has not finished the handshake by then is cut.'),
});
export type TlsSettings = z.output<typeof tls>;

const peer = z
  .strictObject({
    cidr: cidr.optional().describe('Address or network of the peer.'),
    certificate: z.string().min(1).optional().describe("Subject common name of the peer's verified client certificate."),
    datasets: z.array(z.string().min(1)).min(1).optional().describe('Datasets it may speak for. Absent: any.'),
    decoder: z.enum(DECODERS).optional().describe('Decoder for all its messages. Absent: the content decides.'),
    time_zone: timeZone.optional().describe('IANA time zone of its times that carry none.'),
  })
  .refine((p) => p.cidr !== undefined || p.certificate !== undefined, { message: 'needs cidr, certificate, or both' });
export type Peer = z.output<typeof peer>;

const off = z.literal(false);

/** Settings of the syslog source. */
export const syslogSettings = z
  .strictObject({
    type: z.literal('syslog').default('syslog').describe('Syslog over UDP, TCP, TLS and RELP.'),
    udp: z
      .union([off, z.strictObject({ listen: listen('127.0.0.1:5514') })])
      .default({ listen: '127.0.0.1:5514' })
      .describe('UDP listener, or false. UDP loses messages under load; what can be counted is counted.'),
    tcp: z
      .union([off, z.strictObject({ listen: listen('127.0.0.1:5514') })])
      .default({ listen: '127.0.0.1:5514' })
      .describe('TCP listener (RFC 6587, both framings), or false.'),
    tls: z
      .union([off, tls.extend({ listen: listen('127.0.0.1:6514') })])
      .default(false)
      .describe('TLS listener (RFC 5425), or false.'),
    relp: z
      .union([
        off,
        z.strictObject({
          listen: listen('127.0.0.1:2514'),
          tls: z
            .union([off, tls])
            .default(false)
            .describe(
              'Certificates for RELP over TLS, or false. rsyslog needs a certificate of its own for it (tls.myCert); without, it offers anonymous ciphers only.',
            ),
        }),
      ])
      .default({ listen: '127.0.0.1:2514', tls: false })
      .describe('RELP listener, or false: the only syslog transport that acknowledges what is on disk.'),
    allow: z.array(cidr).default([]).describe('Networks that may send beside `peers`. Empty: loopback listeners are open, others are not.'),
    peers: z.array(peer).default([]).describe('Who may send, as what. The first entry that fits a connection counts.'),
    time_zone: timeZone.default('UTC').describe('IANA time zone of times that carry none.'),
    max_message_bytes: z
      .number()
      .int()
      .min(480)
      .max(16 * 1024 * 1024)
      .default(256 * 1024)
      .describe('Of a longer message the beginning is kept, marked as truncated.'),
    max_connections: z.number().int().min(1).max(100_000).default(10_000).describe('Open connections of all listeners together.'),
    max_connections_per_peer: z.number().int().min(1).max(100_000).default(4096).describe('Open connections of one address.'),
    idle_timeout_secs: z
      .number()
      .int()
      .min(0)
      .max(604_800)
      .default(0)
      .describe(
        'Closes connections that say nothing for so long; 0: never. Many senders lose the next message on a connection that was closed; peers that are gone are found by TCP keepalive.',
      ),
    receive_buffer_bytes: z
      .number()
      .int()
      .min(4096)
      .max(1024 * 1024 * 1024)
      .default(8 * 1024 * 1024)
      .describe('Socket buffer of the UDP listener; the system may grant less (net.core.rmem_max).'),
  })
  .superRefine((settings, context) => {
    for (const [path, message] of faults(settings)) context.addIssue({ code: 'custom', path, message });
  });
export type SyslogSettings = z.output<typeof syslogSettings>;

type Listeners = Pick<SyslogSettings, 'udp' | 'tcp' | 'tls' | 'relp' | 'allow' | 'peers'>;

function* faults(settings: Listeners): Generator<[string[], string]> {
  const { udp, tcp, tls: secure, relp } = settings;
  if (!udp && !tcp && !secure && !relp) yield [[], 'all listeners are off; switch on one of udp, tcp, tls, relp'];
  if (secure) yield* tlsFaults(['tls'], secure);
  if (relp !== false && relp.tls !== false) yield* tlsFaults(['relp', 'tls'], relp.tls);

  const named = settings.allow.length > 0 || settings.peers.length > 0;
  for (const name of ['udp', 'tcp', 'tls', 'relp'] as const) {
    const listener = settings[name];
    if (!listener || named) continue;
    const certificates = name === 'tls' ? secure : name === 'relp' && relp !== false && relp.tls;
    if (certificates && certificates.client_certificates === 'require') continue;
    const parsed = parseListen(listener.listen);
    if (!parsed.ok || isLoopback(parsed.value.host)) continue;
    yield [
      [name, 'listen'],
      `${listener.listen} can be reached from other machines: say who may send in "peers" or "allow" (allow: ['0.0.0.0/0', '::/0'] lets everyone)`,
    ];
  }
}

function* tlsFaults(path: string[], settings: TlsSettings): Generator<[string[], string]> {
  if (settings.client_certificates !== 'off' && settings.client_ca_file === undefined) {
    yield [[...path, 'client_ca_file'], `client_certificates: ${settings.client_certificates} needs client_ca_file to check them against`];
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
