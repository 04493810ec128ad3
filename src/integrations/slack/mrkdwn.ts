import { cutText } from '../../lib/cut-text.ts';
import { visibleText } from '../../lib/visible-text.ts';

/**
 * Text of events on its way into Slack's mrkdwn. Senders of events choose it, and attackers are among them: it must stay text.
 *
 * mrkdwn knows no escape for its own marks, only the entities for `&`, `<` and `>`. What could open or close a format is therefore
 * replaced by a look-alike. Marks that cannot, such as the underscore of `svc_backup`, stay: people copy names and search for them.
 */
export function plain(text: string, max: number): string {
  return entities(marks(cutText(visibleText(text), max)));
}

/** For Slack's `plain_text` objects, which know no marks. */
export const plainText = (text: string, max: number): string => cutText(visibleText(text), max);

const LOOK_ALIKE: Readonly<Record<string, string>> = { '*': '∗', _: '＿', '~': '∼', '`': 'ˋ' };

function marks(text: string): string {
  return text
    .replace(/[*~`]/g, (mark) => LOOK_ALIKE[mark] ?? '')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '＿')
    .replace(/:(?=[a-z0-9_+'-]*[g-z_+'-][a-z0-9_+'-]*:)/gi, '∶')
    .replace(/@(?=(?:here|channel|everyone|group)\b)/gi, '＠');
}

/** docs.slack.dev, "Formatting message text": these three characters, and no others, are written as entities. */
const entities = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The last time of four-digit years. */
const LAST_TIME = Date.UTC(9999, 11, 31);

/** A time in the reader's own time zone, with UTC where Slack cannot show it. */
export function localTime(ms: number): string {
  const utc = new Date(Math.max(0, Math.min(ms, LAST_TIME))).toISOString().slice(0, 19).replace('T', ' ');
  return `<!date^${Math.floor(ms / 1_000)}^{date_num} {time_secs}|${utc} UTC>`;
}
