import { useQuery } from '@tanstack/react-query';
import { type ActJson, listActsEndpoint } from '../../../src/api/contract/acts.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';

const ENDED: ReadonlySet<ActJson['state']> = new Set(['proven', 'refused', 'failed']);
/** How often it is looked at while something is under way, and else. */
const BUSY_MS = 2_000;
const QUIET_MS = 15_000;

/** What was done about an alert in other systems, and where something can be done; undefined for who may not know. */
export function useActs(alertId: string) {
  const isAllowed = may(useSession(), 'respond');
  const { data } = useQuery({
    queryKey: ['acts', alertId],
    queryFn: ({ signal }) => call(listActsEndpoint, { query: { alert_id: alertId }, signal }),
    enabled: isAllowed,
    refetchInterval: ({ state }) => (state.data?.acts.some((act) => !ENDED.has(act.state)) === true ? BUSY_MS : QUIET_MS),
  });
  return data;
}
