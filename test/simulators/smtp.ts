import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as the simulated server has taken it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Whether it came over TLS, and whose sign-in it came with. */
  readonly secure: boolean;
  readonly user: string | undefined;
  /** As it came over the wire. */
  readonly raw: string;
  readonly subject: string;
  readonly messageId: string;
  readonly references: readonly string[];
  readonly text: string;
  readonly html: string;
}

type Step = 'MAIL' | 'RCPT' | 'DATA';

/** What the next attempt meets. `drop`: the connection ends after the mail was sent; `take`: it is in the mailbox all the same. */
export type Script =
  | { readonly at: Step; readonly code: number; readonly text: string; readonly address?: string }
  | { readonly at: 'DATA'; readonly drop: true; readonly take: boolean }
  | { readonly at: 'DATA'; readonly hang: true };

export interface SmtpOptions {
  readonly port?: number;
  /** PEM; absent: no TLS is offered. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the start. */
  readonly implicit?: boolean;
  /** Who must sign in; absent: nobody. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Bytes of a mail (RFC 1870). */
  readonly size?: number;
}

export interface SmtpSimulator {
  readonly port: number;
  readonly mails: readonly TakenMail[];
  /** Connections that were opened. */
  connections(): number;
  script(...steps: readonly Script[]): void;
  until(count: number): Promise<readonly TakenMail[]>;
  stop(): Promise<void>;
}

/** A mail server on loopback: smtp-server, which follows RFC 5321, 3207 (STARTTLS) and 4954 (AUTH), with a mailbox that takes everything. */
export async function startSmtp({ port = 0, tls, implicit = false, login, size }: SmtpOptions = {}): Promise<SmtpSimulator> {
  const mails: TakenMail[] = [];
  const scripts: Script[] = [];
  let connections = 0;
  const scripted = (at: Step, address?: string): Script | undefined => {
    const i = scripts.findIndex((step) => step.at === at && (!('address' in step) || step.address === address));
    return i < 0 ? undefined : scripts.splice(i, 1)[0];
  };
  const refusal = (step: Script | undefined) =>
    step !== undefined && 'code' in step ? Object.assign(new Error(step.text), { responseCode: step.code }) : null;
  const server = new SMTPServer({
    ...(tls !== undefined && tls),
    secure: implicit,
    ...(tls === undefined && { disabledCommands: ['STARTTLS'] }),
    authOptional: login === undefined,
    allowInsecureAuth: true,
    ...(size !== undefined && { size }),
    closeTimeout: 100,
    disableReverseLookup: true,
    logger: false,
    onConnect: (_session, done) => {
      connections++;
      done();
    },
    onAuth: ({ username, password }, _session, done) => {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(Object.assign(new Error('authentication failed'), { responseCode: 535 }));
    },
    onMailFrom: (_address, _session, done) => done(refusal(scripted('MAIL'))),
    onRcptTo: ({ address }, _session, done) => done(refusal(scripted('RCPT', address))),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const step = scripted('DATA');
        const refused = stream.sizeExceeded ? Object.assign(new Error('message too large'), { responseCode: 552 }) : refusal(step);
        if (refused !== null) return done(refused);
        if (step !== undefined && 'hang' in step) return;
        const { mailFrom, rcptTo } = session.envelope;
        const envelope = { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) };
        const user = typeof session.user === 'string' ? session.user : undefined;
        const drops = step !== undefined && 'drop' in step;
        if (!drops || step.take)
          mails.push({ ...envelope, secure: session.secure, user, ...readMail(Buffer.concat(chunks).toString('utf8')) });
        if (!drops) return done();
        for (const connection of server.connections) connection._socket?.destroy();
      });
    },
  });
  // A client that goes in the middle is what tests do.
  server.on('error', () => undefined);
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    mails,
    connections: () => connections,
    script: (...steps) => void scripts.push(...steps),
    until: async (count) => {
      const deadline = Date.now() + 30_000;
      while (mails.length < count) {
        if (Date.now() > deadline) throw new Error(`${mails.length} mails came, not ${count}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return mails;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

function readMail(raw: string): Pick<TakenMail, 'raw' | 'subject' | 'messageId' | 'references' | 'text' | 'html'> {
  const header = (name: string) => headerOf(raw, name);
  return {
    raw,
    subject: decodedWords(header('subject')),
    messageId: header('message-id'),
    references: header('references')
      .split(/\s+/)
      .filter((each) => each !== ''),
    text: partOf(raw, 'text/plain'),
    html: partOf(raw, 'text/html'),
  };
}

/** A header of a mail or of one of its parts, unfolded; '' where there is none. */
export function headerOf(entity: string, name: string): string {
  const head = (entity.split('\r\n\r\n', 1)[0] ?? '').replace(/\r\n[ \t]+/g, ' ');
  const line = head.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line === undefined ? '' : line.slice(line.indexOf(':') + 1).trim();
}

/** RFC 2047: `=?UTF-8?Q?…?=` and `=?UTF-8?B?…?=`. */
const decodedWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, way: string, word: string) =>
      way.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString('utf8') : unquoted(word.replaceAll('_', ' ')),
    );

function partOf(raw: string, type: string): string {
  const boundary = /boundary="?([^";\r\n]+)/i.exec(raw)?.[1] ?? '';
  const part = raw.split(`--${boundary}\r\n`).find((each) => headerOf(each, 'content-type').startsWith(type)) ?? '';
  const body = (part.slice(part.indexOf('\r\n\r\n') + 4).split(`\r\n--${boundary}`)[0] ?? '').trimEnd();
  switch (headerOf(part, 'content-transfer-encoding').toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n');
    case 'quoted-printable':
      return unquoted(body.replace(/=\r\n/g, '')).replaceAll('\r\n', '\n');
    default:
      return body.replaceAll('\r\n', '\n');
  }
}

const unquoted = (text: string): string =>
  Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
