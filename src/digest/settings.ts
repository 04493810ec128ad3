import { z } from 'zod';
import { zoneOf } from '../formats/time-zone.ts';
import { minutesOf } from '../lib/time-of-day.ts';
import { LEVELS } from '../model/severity.ts';
import { WEEKDAYS } from './period.ts';

const digest = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a name is 1 to 64 of a-z, 0-9, _ and -')
    .describe('What people call it. Which one was told last is kept under it.'),
  to: z.string().min(1).describe('Name of a notifier of type `slack_bot` or `slack_webhook`.'),
  channel: z
    .string()
    .regex(/^[CGDUW][A-Z0-9]{6,20}$/, 'must be an ID, such as C0123456789 of a channel or U0123456789 of a person')
    .optional()
    .describe("With a notifier of type `slack_bot`: ID of a channel, or a person's member ID. Absent: the notifier's own channel."),
  every: z
    .enum(['day', 'week'])
    .default('week')
    .describe('`week`: tells of the seven days before the day on which it is told. `day`: of the day before. Days begin at midnight.'),
  weekday: z.enum(WEEKDAYS).default('monday').describe('On which day a weekly one is told.'),
  at: z
    .string()
    .refine((text) => minutesOf(text) !== undefined, 'write a time of day, such as 09:00')
    .default('09:00')
    .describe('When it is told. One that was missed is told late, once.'),
  time_zone: z
    .string()
    .refine((name) => zoneOf(name) !== undefined, 'not a time zone: write Europe/Lisbon or UTC')
    .default('UTC')
    .describe('IANA name of the zone by whose clocks this is, such as `Europe/Lisbon`.'),
  datasets: z
    .array(z.string().min(1).max(200))
    .min(1)
    .default(['*'])
    .describe('Datasets of which it tells, with `*` as a wildcard: whoever reads the channel reads it.'),
  least_level: z.enum(LEVELS).default('medium').describe('The least level of the alerts that it counts.'),
});

export type DigestSettings = z.output<typeof digest>;

/** What is summed up, when and for whom. */
export const digestsSettings = z
  .array(digest)
  .max(100)
  .superRefine((all, context) => {
    all.forEach(({ name }, i) => {
      if (all.findIndex((other) => other.name === name) < i)
        context.addIssue({ code: 'custom', path: [i, 'name'], message: `there are two of the name ${name}` });
    });
  })
  .prefault([])
  .describe('Digests: what a day or a week was like, told in a channel. `earshot digest NAME --preview` shows what one would say now.');
