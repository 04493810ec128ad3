import type { AlertAct, AlertLife } from './alert-life.ts';

/** What somebody asks for by a click on a message about an alert. Times are milliseconds since the epoch. */
export interface Click {
  /** A click that is sent again has the same key. */
  readonly key: string;
  readonly alertId: string;
  readonly act: AlertAct;
  /** Where the alert stood in the message that was clicked, as {@link standOf} writes it. */
  readonly shown: string;
  /** Who clicked, by the name that the target has for them. */
  readonly by: string;
  /** Where they can be answered; absent where that place is none of the target's. */
  readonly replyTo?: string | undefined;
}

/** Where an alert stands, as a short text: two that are the same have had nothing decided between them. */
export function standOf({ state, snoozedUntil, resolution, assignee }: Pick<AlertLife, 'state'> & Partial<AlertLife>): string {
  return [state, snoozedUntil ?? '', resolution ?? '', [...(assignee ?? '')].slice(0, 60).join('')].join('.');
}
