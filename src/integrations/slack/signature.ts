import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../../lib/secret.ts';

/** "Verifying requests from Slack": what is older may be somebody's recording. */
const WINDOW_SECS = 300;

/** Whether Slack has signed this body, version 0: HMAC-SHA-256 over `v0:`, the time of signing, `:` and the body as it came. */
export function isSigned(headers: IncomingHttpHeaders, body: Buffer, secret: Secret, now: number): boolean {
  const { 'x-slack-request-timestamp': at, 'x-slack-signature': signature } = headers;
  if (typeof at !== 'string' || !/^\d{1,12}$/.test(at)) return false;
  if (Math.abs(now / 1_000 - Number(at)) > WINDOW_SECS) return false;
  if (typeof signature !== 'string' || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  const expected = createHmac('sha256', secret.reveal()).update(`v0:${at}:`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signature.slice('v0='.length), 'hex'));
}
