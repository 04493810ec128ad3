import type { Value } from './event.ts';

/** Name of the source of Earshot's own events, and their dataset. */
export const AUDIT_SOURCE = 'earshot';
export const AUDIT_DATASET = 'earshot.audit';

/** Something that a user or Earshot itself did: an event like any other, in the same store and under the same rules. */
export interface AuditEvent {
  /** Such as `search`, `token_create`, `dataset_mismatch`. */
  readonly action: string;
  readonly category: readonly string[];
  readonly type: readonly string[];
  readonly outcome: 'success' | 'failure' | 'unknown';
  /** Who did it; absent for Earshot itself. */
  readonly actor?: string;
  /** What the actor is: names of tokens are chosen, and may be those of users. `local`: over the hub's own socket. */
  readonly actorKind?: 'user' | 'token' | 'local';
  /** Whom it was done to, where that is a user. */
  readonly target?: string;
  /** IP address the request came from. */
  readonly address?: string;
  readonly message: string;
  /** More about it; stored under `earshot.audit.*`. */
  readonly about?: { readonly [key: string]: Value };
}

/** The event as a message for the intake: ECS as JSON. */
export function auditMessage(event: AuditEvent, now: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      '@timestamp': new Date(now).toISOString(),
      ecs: { version: '8.11.0' },
      event: {
        dataset: AUDIT_DATASET,
        kind: 'event',
        action: event.action,
        category: event.category,
        type: event.type,
        outcome: event.outcome,
      },
      ...((event.actor ?? event.target) !== undefined && { user: userOf(event) }),
      ...(event.address !== undefined && { source: { ip: event.address } }),
      message: event.message,
      ...((event.about ?? event.actorKind) !== undefined && { earshot: { audit: detailsOf(event) } }),
    }),
  );
}

const detailsOf = ({ about, actorKind }: AuditEvent) => ({ ...about, ...(actorKind !== undefined && { actor_kind: actorKind }) });

const userOf = ({ actor, target }: AuditEvent) => ({
  ...(actor !== undefined && { name: actor }),
  ...(target !== undefined && { target: { name: target } }),
});
