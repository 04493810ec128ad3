import { type Ask, askNumber, type SeenThing } from '../model/ask.ts';
import type { Letter, LetterPart } from '../model/letter.ts';
import { answerUrl, type Link } from './ask-link.ts';

/** The mail to somebody who has never heard of Earshot. */
export function askLetter(ask: Ask, base: string, secret: string): Letter {
  const { person, seen, expiresAt } = ask;
  const link: Link = { id: ask.id, secret };
  const number = askNumber(ask);
  return {
    subject: `Was this you? (question ${number})`,
    parts: [
      { kind: 'heading', text: 'Was this you?' },
      { kind: 'text', text: `Hello ${person.name},` },
      { kind: 'text', text: `${askerText(ask)} would like to know whether you did the following. It was seen under your name:` },
      ...seen.map((thing): LetterPart => ({ kind: 'facts', facts: thingFacts(thing) })),
      {
        kind: 'text',
        text: `Please answer until ${timeText(expiresAt)}. Each link opens a page on which you confirm your answer and can add a sentence.`,
      },
      {
        kind: 'links',
        links: [
          { text: 'It was me', url: answerUrl(base, link, 'me') },
          { text: 'It was not me', url: answerUrl(base, link, 'not_me') },
        ],
      },
      { kind: 'text', text: 'Not sure? Then say that it was not you, and write so. Nobody is blamed for asking to have a look.' },
      {
        kind: 'list',
        title: 'How you know that this mail is real',
        items: [
          `Both links lead to ${new URL(base).host} and to no other place. You are asked for no password, no code and no payment, neither here nor there.`,
          `If in doubt, do not open them. Call your security team by a number that you have from elsewhere, or go there, and say the question's number: ${number}. They can tell you whether they have asked, and take your answer.`,
        ],
      },
      { kind: 'small', text: 'Please do not forward this mail: whoever has it can answer in your name, once.' },
    ],
  };
}

/** Who asks, in words for the person who is asked. */
export const askerText = ({ by, byKind }: Pick<Ask, 'by' | 'byKind'>): string =>
  byKind === 'user' ? `${by} of your security team` : 'Your security team';

/** What was seen, line by line. */
export function thingFacts({ what, system, device, address, firstAt, lastAt }: SeenThing): readonly (readonly [string, string])[] {
  const when: readonly (readonly [string, string])[] =
    firstAt === lastAt ? [['When', timeText(firstAt)]] : [['First', timeText(firstAt)], ['Last', timeText(lastAt)]]; // biome-ignore format: pairs
  return [
    ['What', system === undefined ? what : `${what} (${system})`],
    ...when,
    ...(address === undefined ? [] : [['From the address', address] as const]),
    ...(device === undefined ? [] : [['Computer or server', device] as const]),
  ];
}

/** With the zone: it is the hub's, which the reader need not share. */
export const timeText = (ms: number): string =>
  new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(ms));
