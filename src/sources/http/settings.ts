import { z } from 'zod';
import { secret } from '../../config/secret-field.ts';
import { DECODERS } from '../../decode/decoded.ts';

const datasets = z.array(z.string().min(1)).min(1);

const tokenAuth = z.strictObject({
  type: z.literal('token').default('token').describe('A bearer token with the scope `ingest`, or `ingest:<source>` for this source alone.'),
  token_datasets: z
    .record(z.string().min(1), datasets)
    .default({})
    .describe('Datasets that a token, by its name, may speak for. A token that is not named here has those of the source.'),
});

const hmacAuth = z.strictObject({
  type: z.literal('hmac').describe('A signature over the body, HMAC with SHA-256, as webhooks send it.'),
  secret: secret().describe('The secret shared with the sender.'),
  header: headerName().describe('Header with the signature, such as `x-hub-signature-256`.'),
  scheme: z.string().max(32).default('').describe('What stands before the signature in the header, such as `sha256=` or `v0=`.'),
  encoding: z.enum(['hex', 'base64']).default('hex').describe('How the signature is written.'),
  timestamp_header: headerName().optional().describe('Header with the time of signing in seconds since 1970. It must be part of `signed`.'),
  window_secs: z.number().int().min(1).max(86_400).default(300).describe('How far the time of signing may be from now, either way.'),
  signed: z
    .string()
    .max(200)
    .default('{body}')
    .describe('What is signed: `{body}` and `{timestamp}` with any text around them, such as `v0:{timestamp}:{body}`.'),
});

/** Settings of one HTTP source: `POST /ingest/<its name>`. */
export const httpSettings = z
  .strictObject({
    type: z.literal('http').describe('Events by HTTP POST: JSON, NDJSON, CEF or plain lines.'),
    auth: z
      .discriminatedUnion('type', [tokenAuth, hmacAuth])
      .default({ type: 'token', token_datasets: {} })
      .describe('How a sender proves who it is.'),
    datasets: datasets.optional().describe('Datasets this source may speak for. Absent: any.'),
    decoder: z.enum(DECODERS).optional().describe('Decoder for all its messages. Absent: the content decides.'),
    time_zone: z
      .string()
      .refine(isTimeZone, 'not an IANA time zone such as Europe/Berlin')
      .optional()
      .describe('IANA time zone of its times that carry none.'),
    max_body_bytes: bytes(1024 ** 2 * 8).describe('Bound of a body as it is sent.'),
    max_expanded_bytes: bytes(1024 ** 2 * 32).describe('Bound of a body once it is unpacked.'),
    max_expansion_ratio: z
      .number()
      .int()
      .min(2)
      .max(10_000)
      .default(200)
      .describe('How many times larger than sent a body may become; a bomb is larger.'),
    max_messages: z.number().int().min(1).max(20_000).default(10_000).describe('Messages in one body.'),
    max_message_bytes: bytes(1024 ** 2).describe('Bound of one message.'),
    body_timeout_secs: z.number().int().min(1).max(110).default(30).describe('Time for a body to come in.'),
    max_in_flight: z.number().int().min(1).max(1000).default(32).describe('Requests taken at a time; above it the answer is 429.'),
  })
  .superRefine(({ auth }, context) => {
    if (auth.type !== 'hmac') return;
    const path = ['auth', 'signed'];
    if (!auth.signed.includes('{body}'))
      context.addIssue({ code: 'custom', path, message: 'must hold {body}: a signature over anything less proves nothing' });
    if (auth.signed.includes('{timestamp}') !== (auth.timestamp_header !== undefined)) {
      context.addIssue({
        code: 'custom',
        path,
        message: '{timestamp} and timestamp_header go together: without both, an old request can be sent again',
      });
    }
  });

export type HttpSettings = z.output<typeof httpSettings>;
export type HmacSettings = z.output<typeof hmacAuth>;

function headerName() {
  return z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'not a header name')
    .transform((name) => name.toLowerCase());
}

function bytes(standard: number) {
  return z
    .number()
    .int()
    .min(1)
    .max(1024 ** 2 * 256)
    .default(standard);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
