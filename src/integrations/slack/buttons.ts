import { DEVICES, type Devices } from '../../model/act.ts';
import type { ToldAlert } from '../../model/alert.ts';
import { RESOLUTIONS, type Resolution } from '../../model/alert-life.ts';
import { type Click, type OfferedPlan, standOf } from '../../model/click.ts';
import { alertLink } from './alert-words.ts';
import { type ActionElement, actions, type Block, button, select } from './blocks.ts';
import { plainText } from './mrkdwn.ts';

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
  const open = link === undefined ? [] : [button('open', 'Open in Earshot', { url: link })];
  return actions(`${BLOCK}:${alert.id}:${standOf(alert)}`, [...deeds(alert), ...open]);
}

function deeds({ state, signOut, askable }: ToldAlert): ActionElement[] {
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
    ...asks(askable ?? []),
    ...signOuts(signOut ?? []),
  ];
}

const DEVICE_TEXT: Readonly<Record<Devices, string>> = {
  all: 'all devices',
  mobile: 'phones and tablets',
  web: 'browsers and desktop',
};
/** Characters of a choice's value. */
const VALUE = 75;

/** A mail cannot be taken back, and warns whoever is up to no good: Slack asks once more. */
function asks(names: readonly string[]): ActionElement[] {
  const choices = names.filter((name) => name.length <= VALUE).map((name) => ({ value: name, text: `${plainText(name, 50)}, by mail` }));
  return choices.length === 0 ? [] : [select('ask_person', 'Ask whether it was them', choices, ASK_ONCE_MORE)];
}

const ASK_ONCE_MORE = {
  title: 'Send them a mail?',
  text: 'It says what was seen under their name, when and from where, and that you ask. Whoever reads their mail can answer.',
  confirm: 'Send the mail',
  deny: 'No',
};

/** Choosing only plans it: what would be done is shown then, to be confirmed. */
function signOuts(names: readonly string[]): ActionElement[] {
  const choices = names.flatMap((name) =>
    DEVICES.map((devices) => ({ value: `${devices}:${name}`, text: `${plainText(name, 50)}: ${DEVICE_TEXT[devices]}` })),
  );
  const short = choices.filter(({ value }) => value.length <= VALUE);
  return short.length === 0 ? [] : [select('sign_out', 'Sign out …', short)];
}

/** The buttons by which a plan is confirmed or taken back. */
export const planButtons = ({ act, alertId }: OfferedPlan): Block =>
  actions(`${PLAN}:${act}:${alertId}`, [button('confirm_act', 'Do it', { style: 'danger' }), button('cancel_act', 'Take it back')]);

const PLAN = 'earshot_act';

/** The plan that a block of buttons is about. */
export function readPlanId(blockId: string): OfferedPlan | undefined {
  const [, act, alertId] = /^earshot_act:([0-9a-f]{16}):([0-9a-f]{1,64})$/.exec(blockId) ?? [];
  return act === undefined || alertId === undefined ? undefined : { act, alertId };
}

const BLOCK = 'earshot';

/** The alert that a block of buttons is about, and where it stood then. */
export function readBlockId(blockId: string): { readonly alertId: string; readonly shown: string } | undefined {
  const [, alertId, shown] = /^earshot:([0-9a-f]{1,64}):(.+)$/su.exec(blockId) ?? [];
  return alertId === undefined || shown === undefined ? undefined : { alertId, shown };
}

/** What a button or a choice asks for; undefined for those that ask for nothing, and those that are not ours. */
export function readAct(actionId: string, choice: string | undefined, now: number): Click['act'] | undefined {
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
    case 'ask_person':
      return choice === undefined || choice === '' ? undefined : { kind: 'ask_person', target: choice };
    case 'sign_out': {
      const [, devices, target] = /^([a-z]+):(.+)$/su.exec(choice ?? '') ?? [];
      const known = DEVICES.find((each) => each === devices);
      return known === undefined || target === undefined ? undefined : { kind: 'plan_sign_out', target, devices: known };
    }
    default:
      return undefined;
  }
}

/** What is asked for about a plan. */
export const readPlanAct = (actionId: string, { act }: OfferedPlan): Click['act'] | undefined =>
  actionId === 'confirm_act' || actionId === 'cancel_act' ? { kind: actionId, id: act } : undefined;

/** Slack does not say in which zone they are: it is the hub's. */
function tomorrow(now: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, MORNING).getTime();
}
