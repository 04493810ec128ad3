import { z } from 'zod';
import { alertSettings, routesSettings } from './alert/settings.ts';
import { authSettings } from './api/auth/settings.ts';
import { apiSettings } from './api/settings.ts';
import { askingSettings } from './ask/settings.ts';
import { correlationsSettings } from './detect/correlate/settings.ts';
import { digestsSettings } from './digest/settings.ts';
import { enrichSettings } from './enrich/settings.ts';
import { NOTIFIERS, POLLED, RESPONDERS } from './integrations/index.ts';
import { listeningSettings } from './listen/settings.ts';
import { listsSettings } from './lists/settings.ts';
import { logSourceSettings } from './log-source-settings.ts';
import { AUDIT_SOURCE } from './model/audit.ts';
import { normalizeConfig } from './normalize/config.ts';
import { notifiersSettings, outboxSettings } from './notify/settings.ts';
import { peopleSettings } from './people/settings.ts';
import { privilegedSessionsSettings } from './privileged/settings.ts';
import { RawLogSettings } from './raw-log/settings.ts';
import { actsSettings } from './respond/settings.ts';
import { fileSettings } from './sources/file/settings.ts';
import { httpSettings } from './sources/http/settings.ts';
import { syslogSettings } from './sources/syslog/settings.ts';
import { StoreSettings } from './store/settings.ts';
import { stateSettings } from './store/state/settings.ts';
import { logSettings } from './telemetry/settings.ts';

/** Name of a source. Earshot's own events come under a name that nobody else may take. */
export const sourceName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'a name begins with a letter and is 1 to 64 of a-z, 0-9, _ and -')
  .refine((name) => name !== AUDIT_SOURCE, `"${AUDIT_SOURCE}" is the name of Earshot's own events`);

const rulesSettings = z
  .strictObject({
    shipped: z.boolean().default(true).describe('Whether the rules that come with Earshot are on.'),
    folders: z.array(z.string().min(1)).default([]).describe('Folders with Sigma rules of your own, read with all that is below them.'),
    log_sources: logSourceSettings,
    staged: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Rules on trial, by name or id; `*` at the end stands for any rest, such as `linux_*`. Their hits are recorded with the events; no alert opens and nobody is told.',
      ),
    budget_ms_per_sec: z
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(200)
      .describe(
        'How many milliseconds of a second one rule may take. What takes more is judged a little later, by a search over the stored events, until it is cheap again.',
      ),
    late_after_hours: z
      .number()
      .int()
      .min(1)
      .max(8_760)
      .default(24)
      .describe('Events that arrive later than this after their own time (imports, backfills) are judged and stored, and nobody is told.'),
  })
  .prefault({})
  .describe('Detection rules (Sigma).');

/** The whole configuration. Every key has a default, so none is needed. */
export const settingsSchema = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default('./data')
    .describe(
      'Folder for everything that is kept. Made for its user alone (mode 0700). As each relative path here, it begins in the folder in which `earshot` is started.',
    ),
  node: z.number().int().min(0).max(65_535).default(1).describe('Number of this hub among hubs on one store; part of every event id.'),
  api: apiSettings,
  auth: authSettings,
  sources: z
    .record(
      sourceName,
      z.discriminatedUnion('type', [syslogSettings, httpSettings, fileSettings, ...POLLED.map(({ settings }) => settings)]),
    )
    .prefault({ syslog: { type: 'syslog' }, http: { type: 'http' } })
    .describe('Doors for messages, by a name of your choice.'),
  people: peopleSettings,
  lists: listsSettings,
  enrich: enrichSettings,
  rules: rulesSettings,
  correlations: correlationsSettings,
  alerts: alertSettings.describe('How hits become alerts.'),
  routes: routesSettings,
  notifiers: notifiersSettings(NOTIFIERS),
  acts: actsSettings(RESPONDERS),
  asking: askingSettings,
  listening: listeningSettings,
  digests: digestsSettings,
  privileged_sessions: privilegedSessionsSettings,
  outbox: outboxSettings.describe('How notifications are sent, whatever the target.'),
  raw_log: RawLogSettings.prefault({}).describe('Where messages are kept before they are acknowledged.'),
  normalize: normalizeConfig.prefault({}).describe('Bounds of one event.'),
  ...StoreSettings.shape,
  state: stateSettings,
  log: logSettings,
});

/** Types that a source in the configuration may have. */
export const SOURCE_TYPES: readonly string[] = ['syslog', 'http', 'file', ...POLLED.map(({ type }) => type)];

export type Settings = z.output<typeof settingsSchema>;
export type SourceSettings = Settings['sources'][string];
