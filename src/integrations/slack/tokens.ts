import { secret } from '../../config/secret-field.ts';

/** Which token of Slack does what. Each opens one door and is needed for no other. The table in README.md beside this file says the same. */
const SLACK_TOKENS = {
  owner: {
    begins: 'xoxp-',
    pattern: /^(xoxe\.)?xoxp-[\w-]+$/,
    kind: 'a user token',
    of: 'an owner of the organization, of an app that is installed on the organization',
    scopes: ['auditlogs:read'],
    does: 'reads the audit log',
  },
  admin: {
    begins: 'xoxp-',
    pattern: /^(xoxe\.)?xoxp-[\w-]+$/,
    kind: 'a user token',
    of: 'an administrator or an owner of the organization, of an app that is installed on the organization',
    scopes: ['admin.users:read', 'admin.users:write', 'users:read', 'users:read.email', 'admin'],
    does: 'signs people out, and (`admin` alone) keeps the networks that Slack trusts',
  },
  bot: {
    begins: 'xoxb-',
    pattern: /^xoxb-[\w-]+$/,
    kind: 'a bot token',
    of: 'your Slack app',
    scopes: ['chat:write', 'channels:history', 'commands', 'files:write'],
    does: 'tells alerts and digests',
  },
  app: {
    begins: 'xapp-',
    pattern: /^xapp-[\w-]+$/,
    kind: 'an app-level token',
    of: 'your Slack app',
    scopes: ['connections:write'],
    does: 'hears of clicks and commands (Socket Mode)',
  },
} as const;

/** The setting of a token; `more` is said of it beside what it does. */
export function slackToken(which: keyof typeof SLACK_TOKENS, more = '') {
  const { begins, pattern, kind, of, scopes, does } = SLACK_TOKENS[which];
  const named = scopes.map((scope) => `\`${scope}\``).join(', ');
  return secret()
    .refine((token) => pattern.test(token.reveal()), `must be ${kind}, which begins with ${begins}`)
    .describe(
      `The token that ${does}: ${kind} of ${of}, \`${begins}…\`, with the ${scopes.length === 1 ? 'scope' : 'scopes'} ${named}. ${more === '' ? '' : `${more} `}It is a secret; \`file:/path\` reads it from a file.`,
    );
}
