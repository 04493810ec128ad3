import { z } from 'zod';

/** What comes over a socket, as "Using Socket Mode" (docs.slack.dev) has it. `other`: something new that needs no answer. */
export type SocketFrame =
  | { readonly kind: 'hello'; readonly connections: number | undefined }
  | { readonly kind: 'disconnect'; readonly reason: string }
  | { readonly kind: 'envelope'; readonly envelope: SocketEnvelope }
  | { readonly kind: 'other' };

export interface SocketEnvelope {
  readonly envelope_id: string;
  /** `interactive`, `slash_commands`, `events_api`, and what Slack may think of next. */
  readonly type: string;
  readonly payload?: unknown;
  readonly accepts_response_payload?: boolean | undefined;
  readonly retry_attempt?: number | undefined;
}

const hello = z.object({ type: z.literal('hello'), num_connections: z.number().optional() });
const disconnect = z.object({ type: z.literal('disconnect'), reason: z.string().max(100).default('') });
const envelope = z.object({
  envelope_id: z.string().min(1).max(200),
  type: z.string().max(100),
  payload: z.unknown(),
  accepts_response_payload: z.boolean().optional(),
  retry_attempt: z.number().optional(),
});

export function readFrame(data: unknown): SocketFrame {
  const value = parsed(data);
  const [greeting, parting, sent] = [hello.safeParse(value), disconnect.safeParse(value), envelope.safeParse(value)];
  if (greeting.success) return { kind: 'hello', connections: greeting.data.num_connections };
  if (parting.success) return { kind: 'disconnect', reason: parting.data.reason };
  return sent.success ? { kind: 'envelope', envelope: sent.data } : { kind: 'other' };
}

function parsed(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : undefined;
  } catch {
    return undefined;
  }
}
