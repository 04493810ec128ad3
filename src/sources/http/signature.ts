import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { err, ok, type Result } from '../../lib/result.ts';
import type { IngestFault } from './fault.ts';
import type { HmacSettings } from './settings.ts';

const refuse = (detail: string) => err<IngestFault>({ status: 401, code: 'EAR_INGEST_AUTH', detail });

/**
 * Checks the signature of a body, in constant time (the schemes of GitHub, Slack and their kin: HMAC-SHA-256 over the body, or over a
 * text that holds the time of signing too).
 */
export function checkSignature(settings: HmacSettings, headers: IncomingHttpHeaders, body: Buffer, now: number): Result<true, IngestFault> {
  const given = single(headers, settings.header);
  if (given === undefined) return refuse(`The header ${settings.header} with the signature is missing.`);
  const timestamp = settings.timestamp_header === undefined ? '' : single(headers, settings.timestamp_header);
  if (settings.timestamp_header !== undefined) {
    if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) {
      return refuse(`The header ${settings.timestamp_header} must hold seconds since 1970.`);
    }
    const age = Math.abs(now / 1000 - Number(timestamp));
    if (age > settings.window_secs)
      return refuse(`The time of signing is ${Math.round(age)} s from now; ${settings.window_secs} s are allowed.`);
  }
  const expected = sign(settings, body, timestamp ?? '');
  // A scheme that is wrong or missing leaves a text that no signature equals.
  const signature = given.startsWith(settings.scheme) ? given.slice(settings.scheme.length) : '';
  return equalDigests(expected, decode(signature, settings.encoding)) ? ok(true) : refuse('The signature does not fit the body.');
}

function sign({ secret, signed }: HmacSettings, body: Buffer, timestamp: string): Buffer {
  const hmac = createHmac('sha256', secret.reveal());
  for (const part of signed.split(/(\{body\}|\{timestamp\})/)) {
    hmac.update(part === '{body}' ? body : part === '{timestamp}' ? timestamp : part);
  }
  return hmac.digest();
}

function decode(text: string, encoding: 'hex' | 'base64'): Buffer {
  const fits = encoding === 'hex' ? /^[0-9a-fA-F]{64}$/ : /^[A-Za-z0-9+/]{43}=$/;
  return fits.test(text) ? Buffer.from(text, encoding) : Buffer.alloc(0);
}

const equalDigests = (expected: Buffer, given: Buffer): boolean => {
  const candidate = given.length === expected.length ? given : Buffer.alloc(expected.length);
  return timingSafeEqual(expected, candidate) && given.length === expected.length;
};

/** A header that came once; one that came twice is nobody's. */
const single = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};
