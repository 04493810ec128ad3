import type { Delivery } from '../../notify/notifier.ts';
import { refusalText, type SlackRefusal } from './exchange.ts';

/** What to do where Slack takes nothing from us any more, whatever the message (pages of `chat.postMessage` and `chat.update`, errors). */
const MENDS: Readonly<Record<string, string>> = {
  access_denied: ofToken('may not do this'),
  account_inactive: ofToken('belongs to a bot that was removed'),
  channel_not_found:
    'the channel does not exist, or is private and the bot is not in it: check `channel` (an ID such as C0123456789), and invite the bot',
  ekm_access_denied: "the workspace's administrators have suspended access to it",
  enterprise_is_restricted: "the organization's policy forbids it: ask its administrators",
  invalid_auth: ofToken('is not valid'),
  is_archived: 'the channel is archived: unarchive it, or set another `channel`',
  messages_tab_disabled: 'the channel is a direct message that takes none: set another `channel`',
  missing_scope: 'the app lacks {scope}: add it under OAuth & Permissions, install the app again',
  no_permission: ofToken('may not do this'),
  not_allowed_token_type: 'the token is of the wrong kind: it must be a bot token, which begins with xoxb-',
  not_authed: ofToken('is empty'),
  not_in_channel: 'the bot is not in the channel: write /invite @earshot there (with the name of your app)',
  org_login_required: 'the workspace is being moved to an organization: try again later',
  restricted_action: "the workspace's settings do not let the bot post there: ask its administrators",
  restricted_action_read_only_channel: 'the channel is read-only for the bot: let it post there, or set another `channel`',
  restricted_action_non_threadable_channel: 'the channel takes replies alone: set another `channel`',
  restricted_action_thread_only_channel: 'the channel takes replies alone: set another `channel`',
  team_access_not_granted: 'the app may not act in this workspace: ask its administrators',
  team_not_found: ofToken('belongs to a workspace that is gone'),
  token_expired: ofToken('has expired'),
  token_revoked: ofToken('was revoked'),
  two_factor_setup_required: 'the workspace asks for two-factor authentication of whoever made the token',
};

function ofToken(what: string): string {
  return `the bot token ${what}: install the app again and set \`token\``;
}

/** What is wrong with the message itself: another one may be taken. */
const MESSAGES: Readonly<Record<string, string>> = {
  msg_too_long: 'the message is too long',
  msg_blocks_too_long: 'the message is too long',
  metadata_too_large: 'the message is too long',
};

/** A dead letter, with the way to mend it. */
export function refusal(refused: Omit<SlackRefusal, 'kind'>): Extract<Delivery, { verdict: 'reject' }> {
  const { error } = refused;
  const target = error.startsWith('http_') || Object.hasOwn(MENDS, error);
  return { verdict: 'reject', why: refusalText(refused, { ...MENDS, ...MESSAGES }), ...(target && { target }) };
}
