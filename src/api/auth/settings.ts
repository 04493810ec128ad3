import { z } from 'zod';
import type { SessionBounds } from '../../store/state/accounts.ts';

const sessionSettings = z
  .strictObject({
    idle_timeout_mins: z.number().int().min(5).max(43_200).default(480).describe('A session that was not used for so long has ended.'),
    lifetime_hours: z
      .number()
      .int()
      .min(1)
      .max(8_760)
      .default(168)
      .describe('So long after the sign-in a session ends, however much it is used.'),
  })
  .prefault({})
  .describe('Sessions of people who are signed in.');

/** Settings of who may come in. */
export const authSettings = z.strictObject({ session: sessionSettings }).prefault({}).describe('How people sign in.');

export type AuthSettings = z.output<typeof authSettings>;

export const boundsOf = ({ session }: AuthSettings): SessionBounds => ({
  idleMs: session.idle_timeout_mins * 60_000,
  mostMs: session.lifetime_hours * 3_600_000,
});
