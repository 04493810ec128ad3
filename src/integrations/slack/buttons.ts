import type { ToldAlert } from '../../model/alert.ts';
import { type AlertAct, RESOLUTIONS, type Resolution } from '../../model/alert-life.ts';
import { standOf } from '../../model/click.ts';
import { alertLink } from './alert-words.ts';
import { type ActionElement, actions, type Block, button, select } from './blocks.ts';

const HOUR_MS = 3_600_000;
/** When a day begins for those who sleep until tomorrow. */
const MORNING = 8;

const SNOOZES: Readonly<Record<string, { readonly text: string; readonly until: (now: number) => number }>> = {
  '1h': { text: 'Snooze for 1 hour', until: (now) => now + HOUR_MS },
  '8h': { text: 'Snooze for 8 hours', until: (now) => now + 8 * HOUR_MS },
  tomorrow: { text: 'Snooze until tomorrow', until: tomorrow },
};

const RESOLUTION_TEXT: Readonly<Record<Resolution, string>> = {
  true_positive: 'True positive',
  false_positive: 'False positive',
  benign: 'Benign',
  expected: 'Expected',
};

/** What can be done about an alert from its message. */
export function alertButtons(alert: ToldAlert, baseUrl: string | undefined): Block {
  const link = alertLink(alert.id, baseUrl);
  const open = link === undefined ? [] : [button('open', 'Open in Earshot', link)];
  return actions(`${BLOCK}:${alert.id}:${standOf(alert)}`, [...deeds(alert), ...open]);
}

function deeds({ state }: ToldAlert): ActionElement[] {
  if (state === 'resolved') return [button('reopen', 'Reopen')];
  return [
    ...(state === 'acknowledged' ? [] : [button('acknowledge', 'Acknowledge')]),
    button('take', 'Take it'),
    select(
      'snooze',
      'Snooze',
      Object.entries(SNOOZES).map(([value, { text }]) => ({ value, text })),
    ),
    select(
      'resolve',
      'Resolve as',
      Object.entries(RESOLUTION_TEXT).map(([value, text]) => ({ value, text })),
    ),
  ];
}

const BLOCK = 'earshot';

/** The alert that a block of buttons is about, and where it stood then. */
export function readBlockId(blockId: string): { readonly alertId: string; readonly shown: string } | undefined {
  const [, alertId, shown] = /^earshot:([0-9a-f]{1,64}):(.+)$/su.exec(blockId) ?? [];
  return alertId === undefined || shown === undefined ? undefined : { alertId, shown };
}

/** What a button or a choice asks for; undefined for those that ask for nothing, and those that are not ours. */
export function readAct(actionId: string, choice: string | undefined, now: number): AlertAct | undefined {
  switch (actionId) {
    case 'acknowledge':
    case 'take':
    case 'reopen':
      return { kind: actionId };
    case 'snooze': {
      const snooze = Object.entries(SNOOZES).find(([value]) => value === choice)?.[1];
      return snooze && { kind: 'snooze', until: snooze.until(now) };
    }
    case 'resolve': {
      const resolution = RESOLUTIONS.find((each) => each === choice);
      return resolution && { kind: 'resolve', resolution };
    }
    default:
      return undefined;
  }
}

/** Slack does not say in which zone they are: it is the hub's. */
function tomorrow(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, MORNING).getTime();
}
