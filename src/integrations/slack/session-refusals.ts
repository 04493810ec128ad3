import type { SlackAnswer } from './client.ts';
import { refusalText } from './exchange.ts';

/** What each of Slack's words means, and what mends it; `{who}` is who was to be signed out, `{token}` the setting of the token. */
const MENDS: Readonly<Record<string, string>> = {
  access_denied: 'the token may not do this: {token} must be of an administrator or owner of the organization',
  account_inactive: 'whoever made the token is deactivated: set {token} anew',
  admin_unauthorized: 'the token may not do this: {token} must be of an administrator or owner of the organization',
  cannot_invalidate_primary_owner: '{who} is the primary owner, whom Slack lets nobody sign out',
  cannot_reset_bot: '{who} is a bot: Slack signs out people alone',
  cannot_reset_primary_owner: '{who} is the primary owner, whom Slack lets nobody sign out',
  endpoint_unavailable: 'Slack does not have this for your organization now: try again later',
  enterprise_is_restricted: "the organization's policy forbids it: ask its owners",
  failed_for_some_users: 'some of {who} could not be signed out; proof will tell who was',
  feature_not_enabled: 'ending sessions is part of Slack Enterprise plans alone',
  invalid_field_or_data: 'one of the networks is none that Slack takes: it takes IPv4 alone',
  invalid_auth: '{token} is not a token of Slack, or not any more: set it anew',
  missing_scope:
    'the app of {token} lacks {scope}: add it under OAuth & Permissions, install the app on the organization again, and set the new token',
  no_permission: 'the token may not do this: {token} must be of an administrator or owner of the organization',
  not_allowed_token_type: '{token} must be a user token, which begins with xoxp-',
  not_an_enterprise: 'this is part of Slack Enterprise plans alone',
  not_an_admin: '{token} must be of an administrator or owner of the organization',
  not_authed: '{token} is empty',
  org_login_required: 'the workspace is being moved to an organization: try again later',
  restricted_action: "the organization's settings do not let the token's user do this: ask its owners",
  session_invalidation_failed: 'the session of {who} could not be ended, says Slack',
  session_not_found: '{who} does not have this session any more',
  session_reset_not_allowed: 'the token may not sign out {who}: only an owner may do that to an administrator or owner',
  team_access_not_granted: 'install the app of {token} on the organization, not on a workspace',
  token_expired: '{token} has expired: set it anew',
  token_revoked: '{token} was revoked: set it anew',
  unknown_method: 'Slack does not know the method: check api_url beside {token}',
  user_not_found: 'there is nobody known as {who} in Slack',
  users_not_found: 'there is nobody with the mail address of {who} in Slack',
  user_session_reset_failed: '{who} could not be signed out, says Slack; proof will tell whether part of it was done',
};

/** Why Slack did not do it, with the way to mend it. `name`: of the system in the configuration. */
export function sessionRefusal(answer: Exclude<SlackAnswer, { kind: 'done' }>, name: string, who: string): string {
  if (answer.kind === 'failed') return `${answer.retry.why}: try again`;
  return refusalText(answer, MENDS).replaceAll('{who}', who).replaceAll('{token}', `acts.systems.${name}.token`);
}
