import { cutText } from '../../lib/cut-text.ts';
import { visibleText } from '../../lib/visible-text.ts';
import type { Delivery } from '../../notify/notifier.ts';

/** What went wrong, as nodemailer tells it. */
export interface SmtpFault {
  /** Its own code, such as `EAUTH`. */
  readonly code?: string | undefined;
  /** What the system or TLS said, such as `ECONNREFUSED`. */
  readonly originalCode?: string | undefined;
  /** The server's reply and its number; absent where it said nothing. */
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
  /** What the server was asked. */
  readonly command?: string | undefined;
  readonly message: string;
}

/**
 * What a mail server's refusal means. RFC 5321, section 4.2.1: 4yz is to be tried again, 5yz is not; 503 is about the session, not the mail.
 * `handedOver`: the mail was on its way, so that an answer that is missing may be a yes.
 */
export function verdictOf(fault: SmtpFault, handedOver: boolean): Extract<Delivery, { verdict: 'retry' | 'reject' }> {
  const { responseCode: number } = fault;
  const why = `mail: ${wordsOf(fault)}`;
  // Also a plain no to STARTTLS: somebody between us may have said it.
  if (fault.code === 'ETLS') return { verdict: 'retry', why };
  if (number !== undefined && number >= 500 && number !== 503) return rejected(fault, why);
  if (number !== undefined) return { verdict: 'retry', why };
  if (fault.code === 'EMESSAGE' && fault.command === 'MAIL FROM') return { verdict: 'reject', why };
  // Without a word of the server's: what nodemailer itself cannot do with these settings.
  if (fault.code === 'EAUTH') return { verdict: 'reject', why, target: true };
  return handedOver ? { verdict: 'retry', why, ambiguous: true } : { verdict: 'retry', why };
}

/** What is refused of the mail itself (too large, taken for spam) may be taken when it is shorter; all else is refused of every mail. */
function rejected(fault: SmtpFault, why: string): Extract<Delivery, { verdict: 'reject' }> {
  const isOfMail = fault.command === 'DATA' || (fault.command === 'MAIL FROM' && fault.responseCode === 552);
  return isOfMail ? { verdict: 'reject', why } : { verdict: 'reject', why, target: true };
}

const CERTIFICATE = /^(ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

const ASKED: Readonly<Record<string, string>> = {
  'MAIL FROM': 'the sender (from) was refused',
  'RCPT TO': 'no recipient (to) was taken',
  DATA: 'the mail was refused',
};

function wordsOf({ code, originalCode, response, command = '', message }: SmtpFault): string {
  if (code === 'ETLS') return `no TLS (${cutText(visibleText(message), 200)}); see tls and ca_file`;
  if (response !== undefined) return `${askedWords(command)}: ${replyText(response)}`;
  if (CERTIFICATE.test(originalCode ?? '')) return `the server's certificate is not trusted (${originalCode}); see host and ca_file`;
  if (originalCode !== undefined) return `the server cannot be reached (${visibleText(originalCode).slice(0, 60)})`;
  return cutText(visibleText(message), 200);
}

const askedWords = (command: string): string =>
  command.startsWith('AUTH') ? 'the sign-in (user, password) was refused' : (ASKED[command] ?? 'the server refused');

/** A server's reply in a line. It may repeat what it was told; of that it is only cut. */
export const replyText = (reply: string): string => cutText(visibleText(reply), 200);
