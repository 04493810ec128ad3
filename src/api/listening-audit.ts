import type { AuditEvent } from '../model/audit.ts';

/** That somebody began or ceased to listen for words, or may not. */
export interface ListeningChange {
  readonly change: 'add' | 'stop';
  readonly done: boolean;
  readonly user: string;
  readonly words: string;
  readonly notifier: string;
  /** Where it is told. */
  readonly place: string;
  /** The name that the target has for the user. */
  readonly person: string;
  readonly via?: 'api' | 'slack';
}

export function listeningAudit({ change, done, user, words, notifier, place, person, via = 'slack' }: ListeningChange): AuditEvent {
  return {
    action: `listening_${change}`,
    category: ['configuration'],
    type: [change === 'add' ? 'creation' : 'deletion'],
    outcome: done ? 'success' : 'failure',
    actor: user,
    actorKind: 'user',
    message: `${user} ${change === 'add' ? (done ? 'listens' : 'may not listen') : 'listens no more'} for: ${words}`,
    about: { words, notifier, place, via, via_person: person },
  };
}
