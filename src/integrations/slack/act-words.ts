import type { ToldAlert } from '../../model/alert.ts';
import type { AlertChange } from '../../model/alert-life.ts';
import { shownLines } from '../../model/shown-lines.ts';
import { type Block, section } from './blocks.ts';
import { planButtons } from './buttons.ts';
import { localTime, plain } from './mrkdwn.ts';

/** Characters of what an act does. A plan that says more is confirmed where all of it can be read: on the page. */
const EFFECT = 1_500;

/**
 * What was done about an alert in other systems, a line for each. Below a plan that waits for somebody else than who made it are its own
 * buttons: of two plans it must be plain which one is confirmed.
 */
export const actBlocks = ({ acts, id }: ToldAlert, clickable: boolean): Block[] =>
  shownLines(acts).flatMap((line) => {
    const act = clickable ? offeredPlan(line) : undefined;
    return [section(lineOf(line)), ...(act === undefined ? [] : [planButtons({ act, alertId: id })])];
  });

/** The plan that can be confirmed below its line. */
const offeredPlan = ({ about }: AlertChange): string | undefined =>
  about.state === 'planned' && about.stand === 'waits for a second person' && isWhole(about.effect) ? about.act : undefined;

const isWhole = (effect = ''): boolean => effect.length <= EFFECT;

function lineOf({ about, actor, note, at }: AlertChange): string {
  const effect = plain(about.effect ?? '', EFFECT);
  const did = plain(about.did ?? '', EFFECT);
  const more = note === '' ? '' : `: ${plain(note, 300)}`;
  switch (about.state) {
    case 'planned': {
      const where = isWhole(about.effect) ? '' : ', on the page, where all of it can be read';
      return `⏳ *Planned* by ${plain(actor, 80)}, ${localTime(at)}: Earshot ${effect}; it ${plain(about.stand ?? '', 80)}${where}`;
    }
    case 'done':
      return `🚪 *${did}*, ${localTime(at)} (${plain(about.stand ?? '', 100)})`;
    case 'proven':
      return `🚪 *${did}*. Proven ${plain(note, 300)}`;
    case 'refused':
      return `✖ *Not done*: Earshot ${effect}${more} (${plain(actor, 80)})`;
    case 'failed':
      return `⚠ *Failed, nothing was done*: Earshot ${effect}${more}`;
    case 'unknown':
      return `⚠ *${capital(plain(about.stand ?? '', 100))}*: Earshot ${effect}${more}`;
    default:
      return `⏳ *Confirmed* by ${plain(actor, 80)}, ${localTime(at)}: Earshot ${effect}`;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
