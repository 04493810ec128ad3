import type { SessionEvents } from '../../model/privileged-session.ts';

/**
 * Sessions in the events of Segura. They carry no id of the session: who, as whom and on which device tells it. What is viewed is no session: a request
 * to see a password (`View password`) approves none, and one for a session no look. The event of a modified session file names neither session nor person.
 */
export const seguraSessionEvents: SessionEvents = {
  product: 'segura',
  datasets: ['segura.pam'],
  opens: ['session_started'],
  ends: ['session_ended'],
  cuts: ['command_blocked_session_ended'],
  deeds: {
    command_detected: 'command',
    command_allowed: 'command',
    command_blocked: 'command_blocked',
    command_blocked_session_ended: 'command_blocked',
  },
  views: ['password_viewed', 'request_password_viewed', 'agent_password_viewed', 'agent_password_copied'],
  keys: [
    ['user.name', 'destination.user.name', 'destination.ip'],
    ['user.name', 'destination.user.name', 'destination.domain'],
  ],
  requests: {
    asked: 'access_requested',
    approved: 'request_approved',
    denied: 'request_denied',
    id: 'segura.request.id',
    requester: 'segura.request.requester',
    approver: 'segura.request.approver',
    validFrom: 'segura.request.valid_from',
    validUntil: 'segura.request.valid_until',
    wish: 'segura.request.action',
    isFor: (purpose, wish) => wish === '' || /\bpassword/i.test(wish) === (purpose === 'view'),
  },
};
