import { z } from 'zod';
import { slackAuditUrl } from './addresses.ts';
import { slackToken } from './tokens.ts';

/** What Slack gives the whole organization, for all tools together ("Using the Audit Logs API", rate tier 3). */
export const CALLS_OF_ORGANIZATION = 50;

/** Settings of the source that reads the audit log of a Slack Enterprise organization. */
export const slackAuditSettings = z.strictObject({
  type: z.literal('slack_audit').describe('The audit log of a Slack Enterprise organization.'),
  token: slackToken('owner'),
  api_url: slackAuditUrl(),
  actions: z
    .array(z.string().regex(/^[A-Za-z0-9_.]{1,120}$/, 'is not the name of an action, such as user_login'))
    .max(30, 'Slack takes 30 actions at most: leave them out to read all')
    .default([])
    .describe('Names of the actions to read, such as `user_login`; 30 at most. None: all of them.'),
  anomalies_only: z.boolean().default(false).describe('Reads anomalies and nothing else. What surrounds them is missing then.'),
  actor: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,20}$/, "must be a user's ID, such as W0123456789")
    .optional()
    .describe('Reads what this user did and nothing else, by ID.'),
  entity: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]{2,40}$/, 'must be an ID, such as C0123456789')
    .optional()
    .describe('Reads what was done to this and nothing else: the ID of a channel, file, user or workspace.'),
  backfill_days: z
    .number()
    .int()
    .min(0)
    .max(3_650)
    .default(7)
    .describe('How many days before its first start are read too, the newest first, with what new entries leave of the calls.'),
  backfill_slice_hours: z.number().int().min(1).max(168).default(6).describe('How many hours of the past are asked for at a time.'),
  overlap_secs: z
    .number()
    .int()
    .min(60)
    .max(86_400)
    .default(600)
    .describe("How long after its own time an entry may appear in Slack's log and is still found: so much is read again each time."),
  max_ids: z
    .number()
    .int()
    .min(1_000)
    .max(1_000_000)
    .default(100_000)
    .describe('How many entries of the overlap are remembered, to tell what is new. Where there are more, the overlap becomes shorter.'),
  poll_interval_secs: z
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(10)
    .describe('How often new entries are asked for. It becomes longer when that takes more calls than there are.'),
  calls_per_minute: z
    .number()
    .int()
    .min(1)
    .max(CALLS_OF_ORGANIZATION)
    .default(20)
    .describe('The share of the 50 calls a minute that Slack gives the whole organization, which other tools need too.'),
  page_size: z.number().int().min(10).max(9_999).default(2_000).describe('How many entries are asked for in one call.'),
  max_body_bytes: z
    .number()
    .int()
    .min(1024 ** 2)
    .max(1024 ** 2 * 256)
    .default(1024 ** 2 * 32)
    .describe('Bound of one answer. After a longer one, fewer entries are asked for in one call.'),
  timeout_secs: z.number().int().min(1).max(300).default(60).describe('How long Slack may take to answer.'),
});
export type SlackAuditSettings = z.output<typeof slackAuditSettings>;
