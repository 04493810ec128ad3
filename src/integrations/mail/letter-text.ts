import { cutText } from '../../lib/cut-text.ts';
import { visibleText } from '../../lib/visible-text.ts';
import type { Letter, LetterPart } from '../../model/letter.ts';

/** Characters of a paragraph or a value. */
const PIECE = 1_500;

/**
 * Text of events on its way into a mail: one line, and no link. Programs that show mail make links of whatever looks like one, and who writes
 * events may be an attacker: `://` becomes `[:]//`, as people who share such addresses write it, and `www.` becomes `www[.]`.
 */
export const mailText = (text: string, max = PIECE): string =>
  cutText(visibleText(text), max)
    .replaceAll('://', '[:]//')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}[.]`);

/** The letter as plain text. */
export const letterText = ({ parts }: Letter): string => `${parts.map(partText).join('\n\n')}\n`;

function partText(part: LetterPart): string {
  switch (part.kind) {
    case 'heading': {
      const text = mailText(part.text);
      return `${text}\n${'='.repeat(Math.min(70, text.length))}`;
    }
    case 'text':
    case 'small':
      return mailText(part.text);
    case 'facts':
      return part.facts.map(([name, value]) => `${mailText(name)}: ${mailText(value)}`).join('\n');
    case 'list': {
      const items = part.items.map((item, i) => `${part.numbered === true ? `${i + 1}.` : '-'} ${mailText(item)}`);
      return [`${mailText(part.title)}:`, ...items].join('\n');
    }
    case 'links':
      return part.links.map(({ text, url }) => `${mailText(text)}:\n${url}`).join('\n\n');
  }
}
