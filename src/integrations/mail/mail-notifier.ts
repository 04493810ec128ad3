import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { secret } from '../../config/secret-field.ts';
import type { Letter } from '../../model/letter.ts';
import { type Delivery, defineNotifier, type Notification } from '../../notify/notifier.ts';
import { alertLetter } from './alert-letter.ts';
import { type Envelope, type Headers, mailMessage, messageIdOf } from './message.ts';
import { type MailServer, postMail } from './smtp.ts';

/** RFC 8314 (465, 587) and RFC 5321 (25). */
const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

const config = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'write a name or an address, such as mail.example.com')
      .describe('The mail server that takes mail of Earshot, such as `mail.example.com`: your own, or a relay.'),
    port: z.number().int().min(1).max(65_535).optional().describe('Absent: 587, with `tls: implicit` 465, with `tls: none` 25.'),
    tls: z
      .enum(['starttls', 'implicit', 'none'])
      .default('starttls')
      .describe(
        '`starttls` begins in the clear and goes on in TLS, or not at all; `implicit` is TLS from the start; `none` is for a server on this machine. The certificate is checked, always.',
      ),
    allow_plain: z
      .boolean()
      .default(false)
      .describe(
        'Allows `tls: none` to another machine: alerts, and links that people are asked by, cross the network in the clear. A password never does.',
      ),
    ca_file: z
      .string()
      .min(1)
      .refine(isReadable, 'cannot be read')
      .optional()
      .describe("Authorities that the server's certificate may come from, PEM. Absent: those that Node.js trusts."),
    user: z.string().min(1).max(320).optional().describe('Whom Earshot signs in as. Absent: it does not sign in.'),
    password: secret().optional().describe('Password of that user. It is a secret; `file:/path` reads it from a file.'),
    from: z.email().describe('Address that mail comes from, such as `earshot@example.com`. The server must let Earshot use it.'),
    to: z.array(z.email()).min(1).max(50).describe('Addresses that alerts are sent to. Each of them sees the others.'),
    base_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where people reach this hub, such as `https://earshot.example.com`. Alerts link there. Absent: `api.public_url`.'),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ['password'],
    message: '`user` and `password` belong together',
  })
  .refine(({ tls, host, allow_plain: allowed }) => tls !== 'none' || allowed || isLoopback(host), {
    path: ['tls'],
    message: '`none` is for loopback addresses, or with `allow_plain: true`',
  })
  .refine(({ tls, host, password }) => tls !== 'none' || password === undefined || isLoopback(host), {
    path: ['password'],
    message: 'a password does not cross a network in the clear: set `tls`',
  });

type Config = z.output<typeof config>;

/** Sends alerts as mail through a mail server (SMTP submission). */
export const mail = defineNotifier({
  type: 'mail',
  summary: 'Sends alerts as mail.',
  config,
  perSecond: 1,

  send: (notification, { config, signal, pageUrl }) =>
    post(
      alertLetter(notification, config.base_url ?? pageUrl),
      { envelope: config, headers: headersOf(notification, config) },
      config,
      signal,
    ),

  writeTo(address, letter, key, { config, signal }) {
    const envelope = { from: config.from, to: [address] };
    return post(letter, { envelope, headers: { messageId: messageIdOf(`letter ${key}`, envelope) } }, config, signal);
  },
});

interface Addressed {
  readonly envelope: Envelope;
  readonly headers: Headers;
}

async function post(letter: Letter, { envelope, headers }: Addressed, config: Config, signal: AbortSignal): Promise<Delivery> {
  const server = await serverOf(config);
  if (server === undefined) return { verdict: 'retry', why: 'mail: ca_file cannot be read' };
  const message = await mailMessage(letter, envelope, headers);
  const posted = await postMail(server, { from: envelope.from, to: envelope.to, message }, signal);
  return posted.verdict === 'delivered' ? { ...posted, ref: headers.messageId } : posted;
}

/** What tells of an alert first bears the alert's own id, and all that follows refers to it. What tells of several refers to each of them. */
function headersOf({ key, kind, alerts, more }: Notification, envelope: Config): Headers {
  const roots = alerts.map(({ id }) => messageIdOf(`alert ${id}`, envelope));
  const [only] = roots;
  if (kind === 'opened' && only !== undefined && roots.length === 1 && more === 0) return { messageId: only };
  return { messageId: messageIdOf(`message ${key}`, envelope), references: roots };
}

/** The file is read each time: authorities change while the hub runs. */
async function serverOf({ host, port, tls, ca_file: caFile, user, password }: Config): Promise<MailServer | undefined> {
  const server = {
    host,
    port: port ?? PORTS[tls],
    tls,
    ...(user !== undefined && password !== undefined && { login: { user, password } }),
  };
  if (caFile === undefined) return server;
  const ca = await readFile(caFile, 'utf8').catch(() => undefined);
  return ca === undefined ? undefined : { ...server, ca };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
