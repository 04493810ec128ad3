import type { Devices } from './act.ts';
import type { AlertAct, AlertLife } from './alert-life.ts';

/** Somebody opened the page that a target has for them alone. */
export interface HomeOpened {
  /** The same where it is told again. */
  readonly key: string;
  /** Who, by the name that the target has for them. */
  readonly by: string;
  readonly home: 'opened';
}

/** What somebody has typed for Earshot where alerts are told. */
export interface TypedCommand {
  /** The same where it is told again. */
  readonly key: string;
  /** Who, by the name that the target has for them. */
  readonly by: string;
  readonly typed: string;
  /** Where, by the name that the target has for the channel; absent where it says none. */
  readonly channel?: string | undefined;
  /** Where they can be answered later; absent where that place is none of the target's. */
  readonly replyTo?: string | undefined;
  /** When it was heard, in milliseconds since the epoch: times that it names count from then. */
  readonly at: number;
  /** The hub that has heard it. */
  readonly node: number;
}

/** What somebody asks for by a click on what they were told of an alert. Times are milliseconds since the epoch. */
export interface Click {
  /** A click that is sent again has the same key. */
  readonly key: string;
  readonly alertId: string;
  readonly act: AlertAct | ActAsk | PersonAsk;
  /** Where the alert stood in the message that was clicked, as {@link standOf} writes it. */
  readonly shown: string;
  /** Who clicked, by the name that the target has for them. */
  readonly by: string;
  /** Where they can be answered; absent where that place is none of the target's. */
  readonly replyTo?: string | undefined;
  /** What was clicked is shown to who clicked alone: what is said next takes its place. */
  readonly isPrivate?: boolean;
  /** It was made on the page that is theirs alone: they are answered there. */
  readonly home?: 'clicked' | undefined;
}

/** What a click asks for in another system. */
export type ActAsk =
  | { readonly kind: 'plan_sign_out'; readonly target: string; readonly devices: Devices }
  | { readonly kind: 'confirm_act' | 'cancel_act'; readonly id: string };

/** That somebody be asked, by mail, whether it was them. */
export interface PersonAsk {
  readonly kind: 'ask_person';
  readonly target: string;
}

export const isActAsk = (act: Click['act']): act is ActAsk =>
  act.kind === 'plan_sign_out' || act.kind === 'confirm_act' || act.kind === 'cancel_act';

/** A plan that is offered to who clicked, to be confirmed or taken back. */
export interface OfferedPlan {
  readonly act: string;
  readonly alertId: string;
}

/** Where an alert stands, as a short text: two that are the same have had nothing decided between them. */
export function standOf({ state, snoozedUntil, resolution, assignee }: Pick<AlertLife, 'state'> & Partial<AlertLife>): string {
  return [state, snoozedUntil ?? '', resolution ?? '', [...(assignee ?? '')].slice(0, 60).join('')].join('.');
}
