import type { ToldAlert } from '../../model/alert.ts';
import type { AlertChange } from '../../model/alert-life.ts';
import type { OfferedPlan } from '../../model/click.ts';
import { localTime, plain } from './mrkdwn.ts';

/** What was done about an alert in other systems, a line for each, as mrkdwn. */
export const actLines = ({ acts }: ToldAlert): string[] => (acts ?? []).map(lineOf);

function lineOf({ about, actor, note, at }: AlertChange): string {
  const effect = plain(about.effect ?? '', 300);
  const did = plain(about.did ?? '', 300);
  const more = note === '' ? '' : `: ${plain(note, 300)}`;
  switch (about.state) {
    case 'planned':
      return `⏳ *Planned* by ${plain(actor, 80)}, ${localTime(at)}: Earshot ${effect}; it ${plain(about.stand ?? '', 80)}`;
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

/** Plans that wait for somebody else than who made them. */
export const awaitedPlans = ({ acts, id }: ToldAlert): OfferedPlan[] =>
  (acts ?? []).flatMap(({ about }) =>
    about.state === 'planned' && about.stand === 'waits for a second person' && about.act !== undefined
      ? [{ act: about.act, alertId: id }]
      : [],
  );
