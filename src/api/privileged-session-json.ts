import type { PersonNames } from '../model/person.ts';
import type { AccessRequest, PrivilegedSession } from '../model/privileged-session.ts';
import type { PrivilegedSessionJson } from './contract/privileged-sessions.ts';
import { iso } from './time-range.ts';

/** `alerts`: how many the caller may see that have an event of the session. */
export function privilegedSessionJson(session: PrivilegedSession, names: PersonNames, alerts: number): PrivilegedSessionJson {
  const { id, product, dataset, vault, person, fullName, account, host, address, port, source, state, approval } = session;
  const { startedAt, endedAt, isCut, requests, commands, blocked, guessed } = session;
  const known = names.find(person);
  return {
    id,
    product,
    dataset,
    vault,
    person,
    person_name: known?.displayName ?? (fullName === '' ? person : fullName),
    ...(known && { person_id: known.id }),
    account,
    host,
    address,
    port,
    source,
    ...(startedAt !== undefined && { started_at: iso(startedAt) }),
    ...(endedAt !== undefined && { ended_at: iso(endedAt) }),
    ...(startedAt !== undefined && endedAt !== undefined && { duration_secs: Math.max(0, Math.round((endedAt - startedAt) / 1_000)) }),
    cut: isCut,
    state,
    approval,
    requests: requests.map(requestJson),
    commands,
    blocked,
    alerts,
    guessed,
  };
}

function requestJson(request: AccessRequest): PrivilegedSessionJson['requests'][number] {
  const { id, state, requester, approver, wish, askedAt, answeredAt, validFrom, validUntil, guessed } = request;
  return {
    id,
    state,
    requester,
    approver,
    wish,
    ...(askedAt !== undefined && { asked_at: iso(askedAt) }),
    ...(answeredAt !== undefined && { answered_at: iso(answeredAt) }),
    ...(validFrom !== undefined && { valid_from: iso(validFrom) }),
    ...(validUntil !== undefined && { valid_until: iso(validUntil) }),
    guessed,
  };
}
