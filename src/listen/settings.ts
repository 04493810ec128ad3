import { z } from 'zod';
import { minutesOf } from '../lib/time-of-day.ts';
import { PHRASE_FAULTS, phraseOf } from './phrase.ts';

const clock = z.string().refine((text) => minutesOf(text) !== undefined, 'write a time of day, such as 22:00');

/** Messages in an hour about what one listens for, where nothing else is said, and at most. */
export const PER_HOUR = 10;
export const MOST_PER_HOUR = 60;

const quietHoursSettings = z.strictObject({
  from: clock.describe('When it becomes quiet, such as `22:00`.'),
  to: clock.describe('When it ends, such as `07:00`: then what was heard meanwhile is told in one message.'),
  time_zone: z
    .string()
    .refine(isZone, 'not a time zone: write Europe/Lisbon or UTC')
    .optional()
    .describe('IANA name of the zone, such as `Europe/Lisbon`. Absent: that of the machine.'),
});

const listener = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a name is 1 to 64 of a-z, 0-9, _ and -')
    .describe('What people call it. What waits to be told is kept under it.'),
  words: z
    .array(
      z.string().superRefine((text, context) => {
        const read = phraseOf(text);
        if ('fault' in read) context.addIssue({ code: 'custom', message: `cannot be listened for: ${PHRASE_FAULTS[read.fault]}` });
      }),
    )
    .min(1)
    .max(100)
    .describe('Words, or several words one after the other, such as `prod-db` or `break glass`: what a search for them in quotes finds.'),
  to: z.string().min(1).describe('Name of a notifier of type `slack_bot`.'),
  channel: z
    .string()
    .regex(/^[CGDUW][A-Z0-9]{6,20}$/, 'must be an ID, such as C0123456789 of a channel or U0123456789 of a person')
    .optional()
    .describe("ID of a channel, or a person's member ID. Absent: the notifier's own channel."),
  datasets: z
    .array(z.string().min(1).max(200))
    .min(1)
    .default(['*'])
    .describe('Datasets of which is told there, with `*` as a wildcard: whoever reads the channel reads it.'),
  per_hour: z
    .number()
    .int()
    .min(1)
    .max(MOST_PER_HOUR)
    .default(PER_HOUR)
    .describe('Messages in an hour. What is heard beyond that is counted, and told in one message when the hour is over.'),
  quiet_hours: quietHoursSettings.optional().describe('Hours of each day in which nothing is told. Absent: none.'),
});

/** Who hears of which words, by the configuration. */
export const listeningSettings = z
  .array(listener)
  .max(1_000)
  .superRefine((all, context) => {
    all.forEach(({ name }, i) => {
      if (all.findIndex((other) => other.name === name) < i)
        context.addIssue({ code: 'custom', path: [i, 'name'], message: `there are two of the name ${name}` });
    });
  })
  .prefault([])
  .describe(
    'Words to listen for, and where events and alerts are told that have them. People say it by themselves, too: `/earshot listen`.',
  );

export type ListenerSettings = z.output<typeof listener>;

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
