/** The part of Block Kit that alerts use. `verbatim` keeps Slack from making links and mentions of plain words. */
export interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

export type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: readonly Mrkdwn[] }
  | { readonly type: 'image'; readonly slack_file: { readonly id: string }; readonly alt_text: string }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] }
  | { readonly type: 'actions'; readonly block_id: string; readonly elements: readonly ActionElement[] };

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

/** What can be clicked. Slack tells of a click on a link, too. */
export type ActionElement =
  | { readonly type: 'button'; readonly action_id: string; readonly text: PlainText; readonly url?: string; readonly style?: 'danger' }
  | {
      readonly type: 'static_select';
      readonly action_id: string;
      readonly placeholder: PlainText;
      readonly options: readonly { readonly text: PlainText; readonly value: string }[];
      readonly confirm?: Confirmation;
    };

/** What Slack asks whoever has chosen, before it tells of it. */
interface Confirmation {
  readonly title: PlainText;
  readonly text: PlainText;
  readonly confirm: PlainText;
  readonly deny: PlainText;
}

export interface SlackMessage {
  /** Shown in notifications, and searched for keywords. */
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly parse: 'none';
  readonly link_names: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** Nothing that an event says becomes a link, a mention or a preview. */
export const asMessage = (content: Pick<SlackMessage, 'text' | 'blocks'>): SlackMessage => ({
  ...content,
  parse: 'none',
  link_names: false,
  unfurl_links: false,
  unfurl_media: false,
});

/** Block Kit's bounds, in characters. What is put together here must hold them, or Slack refuses the whole message. */
const SECTION = 3_000;
const FIELD = 2_000;
const HEADER = 150;
/** Of a button, and of a choice. */
const LABEL = 75;
const CONFIRM = { title: 100, text: 300, button: 30 } as const;
/** Of what is said of a picture. */
const ALT = 2_000;
/** A link that is longer would have Slack refuse the message: the footer has it as text. */
const LINK = 3_000;
/** Slack cuts `text` at 40,000; nobody reads beyond this. */
const TEXT = 4_000;

export const section = (text: string): Block => ({ type: 'section', text: mrkdwn(text, SECTION) });
export const fields = (texts: readonly string[]): Block => ({
  type: 'section',
  fields: texts.slice(0, 10).map((text) => mrkdwn(text, FIELD)),
});
export const context = (text: string): Block => ({ type: 'context', elements: [mrkdwn(text, SECTION)] });
export const header = (text: string): Block => ({ type: 'header', text: plainObject(text, HEADER) });

/** A picture that was uploaded. */
export const image = (file: string, alt: string): Block => ({ type: 'image', slack_file: { id: file }, alt_text: bounded(alt, ALT) });

/** `blockId`: at most 255 characters. */
export const actions = (blockId: string, elements: readonly ActionElement[]): Block => ({ type: 'actions', block_id: blockId, elements });
export const button = (id: string, text: string, { url, style }: { url?: string; style?: 'danger' } = {}): ActionElement => ({
  type: 'button',
  action_id: id,
  text: plainObject(text, LABEL),
  ...(url !== undefined && url.length <= LINK && { url }),
  ...(style !== undefined && { style }),
});
export const select = (
  id: string,
  placeholder: string,
  options: readonly { readonly value: string; readonly text: string }[],
  confirm?: Readonly<Record<keyof Confirmation, string>>,
): ActionElement => ({
  type: 'static_select',
  action_id: id,
  placeholder: plainObject(placeholder, LABEL),
  options: options.map(({ value, text }) => ({ text: plainObject(text, LABEL), value })),
  ...(confirm !== undefined && {
    confirm: {
      title: plainObject(confirm.title, CONFIRM.title),
      text: plainObject(confirm.text, CONFIRM.text),
      confirm: plainObject(confirm.confirm, CONFIRM.button),
      deny: plainObject(confirm.deny, CONFIRM.button),
    },
  }),
});
export const messageText = (text: string): string => bounded(text, TEXT);

const plainObject = (text: string, max: number): PlainText => ({ type: 'plain_text', text: bounded(text, max), emoji: false });
const mrkdwn = (text: string, max: number): Mrkdwn => ({ type: 'mrkdwn', text: bounded(text, max), verbatim: true });

/**
 * Cuts to `max` UTF-16 units, the strictest way to count characters; an entity or a character outside the BMP is kept whole or not at all.
 */
function bounded(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text
    .slice(0, max - 1)
    .replace(/[\uD800-\uDBFF]$/, '')
    .replace(/&[a-z]{0,3}$/, '');
  return `${cut}…`;
}
