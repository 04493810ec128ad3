import type { Answer, Span } from '../../model/answer.ts';
import { type Block, messageText, section } from './blocks.ts';
import { localTime, plain } from './mrkdwn.ts';

/** Characters of one piece: a line of several stays within a block. */
const SPAN = 1_000;
/** "Text object": characters of a section. */
const SECTION = 3_000;
/** Blocks of a message. */
const MOST = 50;

export interface SlackAnswer {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** An answer as Slack shows it. What comes from events, and what somebody typed, stays text. */
export function writeAnswer(answer: Answer, baseUrl: string | undefined): SlackAnswer {
  const lines = answer.map((line) => line.map((span) => writeSpan(span, baseUrl)).join(''));
  return { text: messageText(lines.join('\n')), blocks: sections(lines).slice(0, MOST).map(section) };
}

/** As many lines in one block as it holds. */
function sections(lines: readonly string[]): string[] {
  const all: string[] = [];
  for (const line of lines) {
    const last = all.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= SECTION) all[all.length - 1] = `${last}\n${line}`;
    else all.push(line);
  }
  return all.filter((text) => text !== '');
}

function writeSpan(span: Span, baseUrl: string | undefined): string {
  if (typeof span === 'string') return edges(span, plain(span, SPAN));
  if ('bold' in span) return `*${plain(span.bold, SPAN)}*`;
  if ('code' in span) return `\`${plain(span.code, SPAN)}\``;
  if ('at' in span) return localTime(span.at);
  return baseUrl === undefined ? '' : `<${baseUrl.replace(/\/+$/, '')}${span.path}|${plain(span.text, SPAN)}>`;
}

/** A piece of a line keeps the blanks between it and its neighbors. */
const edges = (text: string, shown: string): string =>
  `${/^\s/.test(text) ? ' ' : ''}${shown}${/\s$/.test(text) && shown !== '' ? ' ' : ''}`;
