import type { SessionEvents } from '../model/privileged-session.ts';
import type { Mapping } from '../normalize/mapping.ts';
import { linuxMappings } from './linux/mappings.ts';
import { mail } from './mail/mail-notifier.ts';
import { osirium } from './osirium/mappings.ts';
import { osiriumSessionEvents } from './osirium/session-events.ts';
import { osquery } from './osquery/mappings.ts';
import { segura } from './segura/mappings.ts';
import { seguraSessionEvents } from './segura/session-events.ts';
import { seguraSessions } from './segura/sessions.ts';
import { slackMapping } from './slack/audit-mapping.ts';
import { slackAuditSettings } from './slack/audit-settings.ts';
import { startSlackAudit } from './slack/audit-source.ts';
import { slackBot } from './slack/bot-notifier.ts';
import { slackSessions } from './slack/sessions.ts';
import { slackWebhook } from './slack/webhook-notifier.ts';
import { windowsMappings } from './windows/mappings.ts';

/** Every product, in one list: a line here and a folder beside it are all that a product is. */
export const MAPPINGS: readonly Mapping[] = [...linuxMappings, slackMapping, ...windowsMappings, osquery, segura, osirium];

/** Sources that ask a product's API. */
export const POLLED = [{ type: 'slack_audit', settings: slackAuditSettings, start: startSlackAudit }] as const;

/** Systems in which Earshot can act. */
export const RESPONDERS = [slackSessions, seguraSessions] as const;

export const NOTIFIERS = [slackBot, slackWebhook, mail] as const;

/** Products that tell of privileged sessions. */
export const SESSION_EVENTS: readonly SessionEvents[] = [seguraSessionEvents, osiriumSessionEvents];
