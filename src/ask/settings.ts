import { z } from 'zod';

/** Datasets by which mail systems, and what people sign in to their mail with, are heard: names that Elastic's integrations use. */
const MAIL_DATASETS = [
  ...['o365.*', 'microsoft_exchange*', 'exchange.*', 'google_workspace.*', 'gsuite.*', 'zimbra.*'],
  ...['azure.*', 'entra.*', 'okta.*', 'keycloak.*', 'onelogin.*', 'ping_one.*', 'auth0.*', 'jumpcloud.*'],
];

/** Whether people of whom alerts tell can be asked, and how. */
export const askingSettings = z
  .strictObject({
    by: z
      .string()
      .optional()
      .describe(
        'Name of the notifier of type `mail` through which people are asked whether it was them. Absent: nobody is asked. It needs `api.public_url`, https, and people must reach it.',
      ),
    answer_within_hours: z.number().int().min(1).max(336).default(72).describe('How long the links in the mail work.'),
    not_for: z
      .array(z.string().min(1).max(100))
      .default(MAIL_DATASETS)
      .describe(
        'Datasets of your mail system, and of what people sign in to their mail with; `*` stands for any rest. Of an alert with an event of these nobody is asked by mail: whoever holds the account could answer. Where people read mail with their Windows account, add `windows.*`.',
      ),
  })
  .prefault({})
  .describe('Asking the person of whom an alert tells whether it was them (docs/asking.md).');

export type AskingSettings = z.output<typeof askingSettings>;
