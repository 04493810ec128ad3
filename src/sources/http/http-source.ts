import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { EarshotError } from '../../lib/errors.ts';
import { plainAddress } from '../../lib/plain-address.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { type Intake, isOtherBatch, type Origin, type RawBatch } from '../../model/record.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { badBody, busy, type IngestFault, keyReused } from './fault.ts';
import { type ByteBudget, expandBody, readBody, Share } from './read-body.ts';
import type { HttpSettings } from './settings.ts';
import { checkSignature } from './signature.ts';
import { splitBody } from './split-body.ts';

/** One POST, as the server hands it over; the body has not been read yet. */
export interface IngestRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** Name of the token that was verified; absent where the source has another kind of proof. */
  readonly token?: string;
  readonly address?: string;
}

export interface Accepted {
  readonly accepted: number;
  /** The batch's key was seen before: it is stored already, and not again. */
  readonly duplicate: boolean;
}

export interface HttpSourceDeps {
  readonly name: string;
  readonly settings: HttpSettings;
  readonly intake: Intake;
  /** Shared by all HTTP sources. */
  readonly budget: ByteBudget;
  readonly telemetry: Telemetry;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long a sender is asked to wait while the raw log is near its bound. */
const CLOSED_RETRY_SECS = 5;
const MAX_KEY_LENGTH = 255;

/** The HTTP source: a body is one batch, kept whole or not at all, and accepted only when it is on disk. */
export class HttpSource {
  readonly name: string;
  readonly #deps: HttpSourceDeps;
  #inFlight = 0;

  constructor(deps: HttpSourceDeps) {
    this.name = deps.name;
    this.#deps = deps;
  }

  /** What proves the sender: a token, which the server verifies before the body is read, or a signature over the body. */
  get proof(): 'token' | 'signature' {
    return this.#deps.settings.auth.type === 'token' ? 'token' : 'signature';
  }

  /** Takes a body in. Resolves when its messages are on disk, or with the reason why none of them is. */
  async receive(request: IngestRequest): Promise<Result<Accepted, IngestFault>> {
    const { settings, intake } = this.#deps;
    if (!intake.open) return err(closed());
    if (this.#inFlight >= settings.max_in_flight)
      return err(busy(429, 1, `${settings.max_in_flight} requests are in flight (max_in_flight).`));
    const share = new Share(this.#deps.budget);
    this.#inFlight += 1;
    try {
      return await this.#take(request, share);
    } finally {
      this.#inFlight -= 1;
      share.release();
    }
  }

  async #take(request: IngestRequest, share: Share): Promise<Result<Accepted, IngestFault>> {
    const { settings, name, now } = this.#deps;
    const key = batchKey(name, request.headers['idempotency-key']);
    if (!key.ok) return key;
    const bounds = { maxBytes: settings.max_body_bytes, timeoutMs: settings.body_timeout_secs * 1000 };
    const sent = await readBody(request.body, bounds, share);
    if (!sent.ok) return sent;
    if (settings.auth.type === 'hmac') {
      const signed = checkSignature(settings.auth, request.headers, sent.value, now());
      if (!signed.ok) return signed;
    }
    const expansion = { maxBytes: settings.max_expanded_bytes, maxRatio: settings.max_expansion_ratio };
    const body = await expandBody(sent.value, request.headers['content-encoding'], expansion, share);
    if (!body.ok) return body;
    const split = { maxMessages: settings.max_messages, maxMessageBytes: settings.max_message_bytes };
    const messages = splitBody(body.value, request.headers['content-type'], split);
    if (!messages.ok) return messages;
    const identity = key.value === undefined ? {} : { key: key.value, fingerprint: digestOf(body.value) };
    return this.#append(messages.value, identity, this.#origin(request));
  }

  async #append(
    messages: readonly Buffer[],
    identity: Pick<RawBatch, 'key' | 'fingerprint'>,
    origin: Origin,
  ): Promise<Result<Accepted, IngestFault>> {
    const { intake, name, now } = this.#deps;
    if (messages.length === 0) return ok({ accepted: 0, duplicate: false });
    try {
      const batch = { source: name, origin, receivedAt: now(), messages, ...identity };
      const receipt = await intake.append(batch);
      if (isOtherBatch(receipt, batch)) return err(keyReused);
      return ok({ accepted: receipt.count, duplicate: receipt.duplicate });
    } catch (error) {
      if (error instanceof EarshotError && (error.code === 'EAR_RAW_LOG_FULL' || error.code === 'EAR_RAW_LOG_IO')) return err(closed());
      throw error;
    }
  }

  #origin({ token, address }: IngestRequest): Origin {
    const { settings } = this.#deps;
    const ofToken = settings.auth.type === 'token' && token !== undefined && Object.hasOwn(settings.auth.token_datasets, token);
    const datasets = (ofToken && settings.auth.type === 'token' && settings.auth.token_datasets[token]) || settings.datasets;
    return {
      transport: 'http',
      ...(address !== undefined && { address: plainAddress(address) }),
      ...(datasets !== undefined && { datasets }),
      ...(settings.decoder !== undefined && { decoder: settings.decoder }),
      ...(settings.time_zone !== undefined && { timeZone: settings.time_zone }),
    };
  }
}

const closed = (): IngestFault => busy(503, CLOSED_RETRY_SECS, 'The raw log is near its bound, or cannot be written.');

/** Of the body as unpacked: it may be packed otherwise when it comes again. */
const digestOf = (body: Buffer): string => createHash('sha256').update(body).digest('base64url');

/** The key within its source: two senders' keys never meet. */
function batchKey(source: string, header: string | string[] | undefined): Result<string | undefined, IngestFault> {
  if (header === undefined) return ok(undefined);
  if (typeof header !== 'string' || !/^[\x21-\x7e]+$/.test(header) || header.length > MAX_KEY_LENGTH) {
    return err(badBody(`Idempotency-Key must be 1 to ${MAX_KEY_LENGTH} printable ASCII characters without blanks.`));
  }
  return ok(`http:${source}:${header}`);
}
