import type { Alerts } from '../../alert/alerts.ts';
import { SCOPES_OF_ROLE } from '../../api/contract/endpoint.ts';
import { visibleAlert } from '../../api/visible.ts';
import type { Act } from '../../model/act.ts';
import { askNumber } from '../../model/ask.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { ActAsk, Click, PersonAsk } from '../../model/click.ts';
import type { User } from '../../store/state/accounts.ts';
import type { ClickOutcome, KeptClick } from '../../store/state/clicks.ts';
import type { State, StateTransaction } from '../../store/state/state.ts';
import type { Asking } from '../telling/asking.ts';
import type { Acting } from './acting.ts';

export interface ActClickDeps {
  readonly acting: Pick<Acting, 'plan' | 'confirm' | 'cancel' | 'get' | 'systems'>;
  readonly alerts: Pick<Alerts, 'get'>;
  readonly state: Pick<State, 'clicks'>;
}

export interface AskClickDeps {
  readonly asking: Pick<Asking, 'ask'>;
  readonly alerts: Pick<Alerts, 'get'>;
  readonly state: Pick<State, 'clicks'>;
}

/** Does what a click asks for in another system, together with the note that it was run. Gives why not; undefined when it was done. */
export async function runActClick(
  { acting, alerts, state }: ActClickDeps,
  { click }: KeptClick<Click>,
  ask: ActAsk,
  user: User,
): Promise<string | undefined> {
  const { key, alertId } = click;
  const scopes = SCOPES_OF_ROLE[user.role];
  if (!scopes.includes('respond') && !scopes.includes('admin'))
    return `Nothing was done: ${user.name}, with the role ${user.role}, may change nothing in other systems. Ask an administrator for the role responder.`;
  const alert = await alerts.get(alertId);
  if (alert === undefined || visibleAlert(alert, user) === undefined)
    return 'Nothing was done: the alert is gone, or its events are not for you to see.';
  const by = { name: user.name, kind: 'user' } as const;
  const note = (answerOf: (act: Act) => Omit<ClickOutcome, 'done' | 'user'>) => async (tx: StateTransaction, act: Act) =>
    noteRun(await state.clicks.run(tx, key, { done: true, user: user.name, ...answerOf(act) }));
  switch (ask.kind) {
    case 'plan_sign_out': {
      // Where there are several, the answer says which.
      const [system, ...others] = acting.systems().filter(({ does }) => does === 'sign_out');
      const wish = {
        ...(others.length === 0 && { system: system?.name }),
        targets: [ask.target],
        devices: ask.devices,
        reason: `clicked in the message of the alert ${alertId}`,
        alertId,
      };
      const planned = await acting.plan(wish, by, note(planAnswer));
      return planned.ok ? undefined : `Nothing was done: ${planned.error.message}`;
    }
    case 'confirm_act':
    case 'cancel_act': {
      // A plan is confirmed where its alert is told, and nowhere else.
      if ((await acting.get(ask.id))?.alertId !== alertId) return 'Nothing was done: there is no such plan for this alert.';
      const decided =
        ask.kind === 'confirm_act'
          ? await acting.confirm(ask.id, by, note(confirmAnswer))
          : await acting.cancel(ask.id, by, note(cancelAnswer));
      return decided.ok ? undefined : decided.error.message;
    }
  }
}

/** What belongs to the note is not done a second time: another hub has run the click meanwhile. Throws, which takes back what was done. */
function noteRun(isFirst: boolean): void {
  if (!isFirst) throw new Error('the click was run before');
}

function planAnswer({ id, effect, needsSecond, alertId = '' }: Act): Pick<ClickOutcome, 'answer' | 'plan'> {
  const answer = `Nothing is done yet. Earshot ${effect}.`;
  if (needsSecond) return { answer: `${answer} Another user must confirm it: the message of the alert has the button for them.` };
  return { answer, plan: { act: id, alertId } };
}

const confirmAnswer = ({ effect }: Act) => ({ answer: `Confirmed: Earshot ${effect}. The message of the alert says what came of it.` });
const cancelAnswer = ({ effect }: Act) => ({ answer: `Taken back: Earshot does nothing (${effect}).` });

/** Has somebody asked by mail, together with the note that the click was run. Gives why not; undefined when it was done. */
export async function runAskClick(
  { asking, alerts, state }: AskClickDeps,
  { click: { key, alertId } }: KeptClick<Click>,
  { target }: PersonAsk,
  user: User,
): Promise<string | undefined> {
  const alert = await alerts.get(alertId);
  if (alert === undefined || visibleAlert(alert, user) === undefined)
    return 'Nobody was asked: the alert is gone, or its events are not for you to see.';
  const wish = { alertId, person: target, datasets: user.datasets };
  const asked = await asking.ask(wish, { name: user.name, kind: 'user' }, async (tx, ask) => {
    const answer = `${ask.person.name} is asked by mail (question ${askNumber(ask)}). What they say comes into the thread of the alert.`;
    noteRun(await state.clicks.run(tx, key, { done: true, user: user.name, answer }));
  });
  return asked.ok ? undefined : asked.error.message;
}

/** The audit event of a click that was refused. */
export const actClickAudit = (
  ask: ActAsk | PersonAsk,
  { alertId, by, user, why }: { readonly alertId: string; readonly by: string; readonly user: string | undefined; readonly why: string },
): AuditEvent => ({
  action: ask.kind === 'ask_person' ? 'ask_refused' : 'act_refused',
  category: ['iam'],
  type: ['denied'],
  outcome: 'failure',
  ...(user !== undefined && { actor: user, actorKind: 'user' }),
  message: `${user ?? 'somebody who is no user'} clicked on ${ask.kind === 'ask_person' ? 'a question to somebody' : 'an act'} via slack: ${why}`,
  about: {
    alert_id: alertId,
    via: 'slack',
    via_person: by,
    asked: ask.kind,
    ...('id' in ask ? { act_id: ask.id } : { targets: [ask.target] }),
  },
});
