import type { Delivery } from '../../notify/notifier.ts';

export type Retry = Extract<Delivery, { verdict: 'retry' }>;

/** Errors before anything was sent: the message cannot have arrived. After all others it may have. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
const CERTIFICATE = /^(ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** What a failed fetch means. Codes alone: a message may hold the address, and the address may be the secret. */
export function unreachable(error: unknown, signal: AbortSignal): Retry {
  if (signal.aborted) return { verdict: 'retry', why: 'Slack: no answer in time', ambiguous: true };
  const code = causeCode(error);
  const why = `Slack: cannot be reached (${code === '' ? 'connection failed' : code})`;
  return NOT_SENT.has(code) || CERTIFICATE.test(code) ? { verdict: 'retry', why } : { verdict: 'retry', why, ambiguous: true };
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

/** The answer's text, and no more of it than `most` characters; undefined when it is longer or breaks off. */
export async function boundedText(response: Response, most: number): Promise<string | undefined> {
  if (response.body === null) return '';
  let text = '';
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > most) return undefined;
    }
    return text;
  } catch {
    return undefined;
  }
}

/** The answer's bytes, and no more of them than `most`. */
export async function boundedBytes(response: Response, most: number): Promise<Buffer | 'too_long' | 'broken'> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > most) return 'too_long';
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    return 'broken';
  }
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
export function retryAfter(headers: Headers): { afterMs?: number } {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return ms > 0 ? { afterMs: Math.min(ms, 3_600_000) } : {};
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
