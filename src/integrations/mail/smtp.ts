import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Secret } from '../../lib/secret.ts';
import type { Delivery } from '../../notify/notifier.ts';
import type { Envelope } from './message.ts';
import { replyText, type SmtpFault, verdictOf } from './replies.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'implicit' | 'none';
  /** Authorities that its certificate may come from, PEM; absent: those of Node. */
  readonly ca?: string | undefined;
  readonly login?: { readonly user: string; readonly password: Secret } | undefined;
}

export interface Posting extends Envelope {
  readonly message: Buffer;
}

/** For each of: connecting, the greeting, any answer. The caller bounds them all together. */
const STEP_MS = 15_000;

type Handed = { readonly verdict: 'delivered'; readonly missed: string | undefined };

/** Hands one mail to a server, over a connection of its own, and goes. `missed`: who of several was not taken, and why. */
export function postMail(
  server: MailServer,
  posting: Posting,
  signal: AbortSignal,
): Promise<Handed | Exclude<Delivery, { verdict: 'delivered' }>> {
  const connection = new SMTPConnection(optionsOf(server));
  let handedOver = false;
  return new Promise((resolve) => {
    const fail = (fault: SmtpFault) => {
      signal.removeEventListener('abort', onAbort);
      resolve(verdictOf(fault, handedOver));
      connection.close();
    };
    const onAbort = () => fail({ message: 'no answer in time' });
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    connection.on('error', fail);
    // What the server said before it went is told right after.
    connection.once('end', () => setImmediate(fail, { message: 'the server closed the connection' }));

    const send = () => {
      const { from, to, message } = posting;
      const onRead = () => {
        handedOver = true;
      };
      connection.send({ from, to: [...to], size: message.length }, once(message, onRead), (error, info) => {
        if (error !== null || info === undefined) return fail(error ?? { message: 'no answer' });
        signal.removeEventListener('abort', onAbort);
        resolve({ verdict: 'delivered', missed: missedOf(info.rejectedErrors ?? []) });
        connection.quit();
      });
    };
    connection.connect((error) => {
      if (error !== undefined && error !== null) return fail(error);
      const { login } = server;
      if (login === undefined) return send();
      if (!connection.allowsAuth) return fail({ code: 'EAUTH', message: 'the server takes no sign-in (AUTH); see user and tls' });
      connection.login({ credentials: { user: login.user, pass: login.password.reveal() } }, (refused) =>
        refused === null || refused === undefined ? send() : fail(refused),
      );
    });
  });
}

function optionsOf({ host, port, tls, ca }: MailServer) {
  return {
    host,
    port,
    secure: tls === 'implicit',
    // What the server offers is not asked: who sits between us could take the offer away.
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' as const, ...(ca !== undefined && { ca }) },
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    dnsTimeout: STEP_MS,
    socketCloseTimeout: 1_000,
    maxResponseSize: 64 * 1024,
    allowInternalNetworkInterfaces: true,
    logger: false,
  };
}

/** The mail as a stream: it is read once the server has said that it takes it. */
function once(message: Buffer, onRead: () => void): Readable {
  return Readable.from(
    (function* () {
      onRead();
      yield message;
    })(),
  );
}

/** Those of several whom the server does not take. The others have the mail; nobody is told twice for them. */
function missedOf(errors: readonly (SmtpFault & { readonly recipient?: string | undefined })[]): string | undefined {
  const lines = errors.map(({ recipient = 'somebody', response = '' }) => `${recipient}: ${replyText(response)}`);
  return lines.length === 0 ? undefined : `not taken by the mail server for ${lines.join('; ')}`;
}
