import { z } from 'zod';
import { zoneOf } from '../formats/time-zone.ts';

export const privilegedSessionsSettings = z
  .strictObject({
    never_ended_after_hours: z
      .number()
      .int()
      .min(1)
      .max(744)
      .default(24)
      .describe(
        'A privileged session of which no end was heard for so many hours never ended. An end that is heard later belongs to no session.',
      ),
    time_zone: z
      .string()
      .refine((name) => zoneOf(name) !== undefined, 'write a time zone such as Europe/Berlin')
      .default('UTC')
      .describe('Time zone of the vaults: the windows of approvals are told by their clocks, without a zone.'),
  })
  .prefault({})
  .describe('How sessions through vaults are made of their events (docs/privileged-sessions.md).');

export type PrivilegedSessionsSettings = z.output<typeof privilegedSessionsSettings>;
