/** Name of the metadata on Earshot's messages, by which they are found again. */
export const ALERT_EVENT = 'earshot_alert';

/** A message in Slack. */
export interface SlackRef {
  readonly channel: string;
  /** Its name in the channel: seconds and a number, as text. */
  readonly ts: string;
}

export const refText = ({ channel, ts }: SlackRef): string => `${channel}/${ts}`;

export function readRef(text: string): SlackRef | undefined {
  const [, channel, ts] = /^([CGD][A-Z0-9]+)\/(\d+\.\d+)$/.exec(text) ?? [];
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}
