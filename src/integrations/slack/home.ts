import type { PersonalPage } from '../../notify/notifier.ts';
import { briefly } from './alert-message.ts';
import { type Block, context, header, section } from './blocks.ts';
import { localTime, plain } from './mrkdwn.ts';

/** What `views.publish` takes for the Home tab of an app. */
export interface HomeView {
  readonly type: 'home';
  readonly blocks: readonly Block[];
}

/** Slack's bound for a view ("Block Kit", views; a message has 50). */
const MOST_BLOCKS = 100;

/** One person's Home tab: the alerts that wait and that they may see, the worst first, with their buttons. */
export function homeView({ note, alerts, total, mayWork, at }: PersonalPage, baseUrl: string | undefined): HomeView {
  const said = note === undefined ? [] : [section(plain(note, 1_000))];
  const top = [header('Alerts that wait'), ...said];
  if (alerts.length === 0 && total === 0) return home([...top, ...(note === undefined ? [section('None that you may see.')] : [])], at);
  const shown: Block[] = [];
  let count = 0;
  for (const alert of alerts) {
    const blocks = briefly(alert, baseUrl, { clickable: mayWork });
    // Two more: how many there are, and when that was.
    if (top.length + shown.length + blocks.length + 2 > MOST_BLOCKS) break;
    shown.push(...blocks);
    count++;
  }
  const rest = total - count;
  const more = rest > 0 ? `*and ${rest} more*, none more severe than these. ` : '';
  return home([...top, ...shown, ...(more === '' ? [] : [section(more)])], at);
}

const home = (blocks: readonly Block[], at: number): HomeView => ({
  type: 'home',
  blocks: [...blocks, context(`As of ${localTime(at)}. Open this tab again to bring it up to date.`)],
});
