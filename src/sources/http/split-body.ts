import { splitJson } from '../../formats/json.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { badBody, type IngestFault, tooLarge } from './fault.ts';

export interface SplitBounds {
  readonly maxMessages: number;
  readonly maxMessageBytes: number;
}

const MAX_JSON_DEPTH = 512;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Splits a body into messages, each with its original bytes: JSON (an object, an array's elements, or one after another), else lines.
 * The content type says which; where it says nothing, a body that begins as JSON is JSON.
 */
export function splitBody(body: Buffer, contentType: string | undefined, bounds: SplitBounds): Result<Buffer[], IngestFault> {
  const form = formOf(contentType);
  if (!form.ok) return form;
  const messages = form.value === 'lines' ? ok(lines(body)) : form.value === 'json' ? json(body, bounds) : sniffed(body, bounds);
  return messages.ok ? bounded(messages.value, bounds) : messages;
}

type Form = 'json' | 'lines' | 'unsaid';

function formOf(contentType: string | undefined): Result<Form, IngestFault> {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  // curl says that it sends a form when nobody told it otherwise.
  if (type === '' || type === 'application/octet-stream' || type === 'application/x-www-form-urlencoded') return ok('unsaid');
  if (type.endsWith('/json') || type.endsWith('+json') || /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-seq)$/.test(type))
    return ok('json');
  if (type === 'text/plain' || type === 'text/x-log' || type === 'application/syslog' || type === 'application/cef') return ok('lines');
  const detail = `Content-Type ${type.slice(0, 80)} is not taken: use application/json, application/x-ndjson or text/plain.`;
  return err({ status: 415, code: 'EAR_INGEST_TYPE', detail });
}

function json(body: Buffer, bounds: SplitBounds): Result<Buffer[], IngestFault> {
  const split = splitJson(body, { maxElements: bounds.maxMessages, maxDepth: MAX_JSON_DEPTH });
  if (split.ok) return split;
  if (split.error.code === 'json_too_many') return err(tooMany(bounds));
  return err(badBody(`Line ${split.error.line}: ${split.error.message}.`, split.error.line));
}

/** A log line may begin with a bracket too; with a brace, hardly. */
function sniffed(body: Buffer, bounds: SplitBounds): Result<Buffer[], IngestFault> {
  const first = body.find((byte) => byte > 32);
  if (first === 0x7b) return json(body, bounds);
  if (first !== 0x5b) return ok(lines(body));
  const split = json(body, bounds);
  return split.ok || split.error.status === 413 ? split : ok(lines(body));
}

/** Lines without their ends; empty ones are none. */
function lines(body: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const feed = body.indexOf(LINE_FEED, at);
    const next = feed < 0 ? body.length : feed;
    const end = next > at && body[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    if (end > at) found.push(body.subarray(at, end));
    at = next + 1;
  }
  return found;
}

function bounded(messages: Buffer[], bounds: SplitBounds): Result<Buffer[], IngestFault> {
  if (messages.length > bounds.maxMessages) return err(tooMany(bounds));
  const long = messages.findIndex((message) => message.length > bounds.maxMessageBytes);
  return long < 0 ? ok(messages) : err(tooLarge(`Message ${long + 1} is larger than ${bounds.maxMessageBytes} bytes (max_message_bytes).`));
}

const tooMany = ({ maxMessages }: SplitBounds): IngestFault => tooLarge(`The body holds more than ${maxMessages} messages (max_messages).`);
