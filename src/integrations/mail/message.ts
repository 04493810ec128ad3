import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Letter } from '../../model/letter.ts';
import { letterHtml } from './letter-html.ts';
import { letterText, mailText } from './letter-text.ts';

/** Characters of a subject: what a phone shows is less. */
const SUBJECT = 140;

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

export interface Headers {
  readonly messageId: string;
  /** Messages that it belongs to, the nearest last. */
  readonly references?: readonly string[];
}

/** A mail as it goes over the wire. The same letter with the same headers differs in its date and its boundaries alone. */
export function mailMessage(letter: Letter, { from, to }: Envelope, { messageId, references = [] }: Headers): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: 'Earshot', address: from },
    to: to.map((address) => ({ name: '', address })),
    subject: mailText(letter.subject, SUBJECT),
    text: letterText(letter),
    html: letterHtml(letter),
    messageId,
    ...(references.length > 0 && { references: [...references], inReplyTo: references.at(-1) }),
    headers: {
      // RFC 3834: no note of absence is to come back, which would come back for ever.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(letter.urgent === true && { Importance: 'high', 'X-Priority': '1' }),
    },
    // Nothing that a letter says makes the hub read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

/** The same for the same name, between the same people: a mail that is sent twice is one for systems that look at it. */
export function messageIdOf(name: string, { from, to }: Envelope): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([name, from, to]))
    .digest('hex')
    .slice(0, 32);
  return `<earshot-${digest}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}
