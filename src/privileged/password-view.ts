import type { PasswordView, SessionEvents } from '../model/privileged-session.ts';
import { approvalOf, type RequestsByAsker, requestsFor } from './requests.ts';
import { type SessionEvent, textOf } from './session-event.ts';

/** A look at a password, held against the requests for one; those whose time is further from it than `reachMs` do not count. */
export function viewOf(product: SessionEvents, event: SessionEvent, requests: RequestsByAsker, reachMs: number): PasswordView {
  const { at, node, seq } = event;
  const who = {
    person: textOf(event, 'user.name'),
    account: textOf(event, 'destination.user.name'),
    address: textOf(event, 'destination.ip'),
  };
  const span = { from: at, to: at };
  const own = requestsFor(who, span, requests, reachMs);
  const approval = approvalOf(product, span, own);
  return { id: `${node}-${seq}`, product: product.product, ...who, host: textOf(event, 'destination.domain'), at, approval, requests: own };
}
