import { z } from 'zod';
import { SAID } from '../../model/ask.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, nothing } from './fields.ts';

const ask = z.object({
  id: z.string(),
  /** By this people name it on the phone; the mail bears it. */
  number: z.string(),
  state: z.enum(['sending', 'sent', 'failed', 'answered', 'expired']),
  /** The same in words. */
  stands: z.string(),
  alert_id: z.string(),
  person: z.object({ id: z.string(), name: z.string() }),
  asked_at: isoTime,
  /** Until when the links in the mail work. */
  expires_at: isoTime,
});
export type AskJson = z.output<typeof ask>;

/**
 * Writes a mail to a person of the alert, who answers on a page without signing in. What becomes of it is in the history of the alert: `asked`
 * and `answered`. 409 while they have the same question, 422 with the way to mend it where they cannot be asked by mail.
 */
export const askPersonEndpoint = endpoint({
  method: 'POST',
  path: '/api/alerts/:id/ask',
  scopes: ['alerts:write'],
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: z.strictObject({
    /** A name that the alert's events have; absent where they have but one. */
    person: z.string().trim().min(1).max(320).optional(),
  }),
  answer: ask,
});

const byLink = z.strictObject({ link: z.string().max(200) });

/** The page that a link in the mail leads to. Fetching it answers nothing. */
export const answerPageEndpoint = endpoint({
  method: 'GET',
  path: '/answer/:link',
  scopes: 'anyone',
  params: byLink,
  /** What the link stands for; the page asks once more. Mail systems add parameters of their own: they count for nothing. */
  query: z.object({ said: z.enum(SAID).optional().catch(undefined) }),
  body: z.unknown(),
  produces: ['text/html'],
  answer: z.string(),
});

/** Browsers count a line's end as one character, and send two. */
const typed = z.string().transform((text) => text.replaceAll('\r\n', '\n'));

/** What the form of that page holds. */
export const answerForm = z.object({ said: z.enum(SAID), note: typed.pipe(z.string().max(500)).default('') });

/** Takes the answer, as the form of that page sends it (`application/x-www-form-urlencoded`). Once, and in time. */
export const giveAnswerEndpoint = endpoint({
  method: 'POST',
  path: '/answer/:link',
  scopes: 'anyone',
  params: byLink,
  query: z.object({}),
  body: z.unknown(),
  produces: ['text/html'],
  answer: z.string(),
});
