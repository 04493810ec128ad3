import type { ToldAlert } from '../../model/alert.ts';
import type { AlertChange } from '../../model/alert-life.ts';
import { shownLines } from '../../model/shown-lines.ts';
import type { Notification } from '../../notify/notifier.ts';
import { localTime, plain } from './mrkdwn.ts';

/** Whom people have asked about the alert, and what they say, as mrkdwn: one line for each. */
export const askLines = ({ asks }: ToldAlert): string[] => shownLines(asks).map(lineOf);

function lineOf({ change, at, note, about }: AlertChange): string {
  const person = plain(about.person ?? '', 100);
  if (change === 'answered') return answerText({ about, note });
  const why = note === '' ? '' : ` (${plain(note, 200)})`;
  return `✉ *${person}* was asked by mail by ${plain(about.by ?? '', 80)} whether it was them, ${localTime(at)}: ${plain(about.stand ?? '', 100)}${why}`;
}

/** The answer, with what it is worth. */
function answerText({ about, note }: Pick<AlertChange, 'about' | 'note'>): string {
  const person = plain(about.person ?? '', 100);
  const said = about.said === 'me' ? `💬 *${person} says: it was me.*` : `🚨 *${person} says: it was NOT me.*`;
  const words = note === '' ? '' : ` “${plain(note, 500)}”`;
  const doubt = about.doubt === undefined ? '' : ` _But ${plain(about.doubt, 100)}._`;
  return `${said}${words}${doubt} _Answered by mail. It is evidence: it decides nothing._`;
}

/** Of a notification of the kind `said`, the line that it tells of. */
export function answerLine({ alerts, said }: Notification): AlertChange | undefined {
  if (said === undefined) return undefined;
  return alerts[0]?.asks?.find(({ change, about }) => change === 'answered' && about.ask === said);
}

/** The same in one line, for lock screens. */
export const answerBrief = ({ about }: AlertChange): string =>
  `${plain(about.person ?? '', 100)} says: ${about.said === 'me' ? 'it was me' : 'it was NOT me'}`;
