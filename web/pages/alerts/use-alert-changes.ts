import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ActJson, type AlertJson, changeAlertsEndpoint } from '../../../src/api/contract/alerts.ts';
import { call } from '../../data/client.ts';
import { tellFailure } from '../../parts/tell-failure.ts';

export interface AlertWish {
  /** With the revision that was seen: what another has changed meanwhile is left as it is. */
  readonly alerts: readonly (Pick<AlertJson, 'id'> & { readonly revision?: number })[];
  readonly act: ActJson;
  readonly note?: string;
}

const DONE: Readonly<Record<ActJson['kind'], string>> = {
  acknowledge: 'acknowledged',
  take: 'taken',
  assign: 'assigned',
  unassign: 'given back',
  snooze: 'put to sleep',
  resolve: 'resolved',
  reopen: 'opened again',
  comment: 'commented on',
};

/** Changes alerts, says what became of it, and has the pages look again. */
export function useAlertChanges(onDone?: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ alerts, act, note }: AlertWish) =>
      call(changeAlertsEndpoint, { body: { alerts: alerts.map(({ id, revision }) => ({ id, revision })), act, ...(note && { note }) } }),
    onSuccess: ({ changed, results }, { act }) => {
      const count = (outcome: (typeof results)[number]['outcome']) => results.filter((each) => each.outcome === outcome).length;
      const [stale, same, gone] = [count('conflict'), count('unchanged'), count('not_found')];
      const told = [
        changed > 0 ? `${changed === 1 ? 'The alert was' : `${changed} alerts were`} ${DONE[act.kind]}.` : '',
        stale > 0 ? `${stale === 1 ? 'One has' : `${stale} have`} changed meanwhile: look again, then decide.` : '',
        same > 0 ? `${same === 1 ? 'One was' : `${same} were`} so already.` : '',
        gone > 0 ? `${gone} could not be found.` : '',
      ];
      notifications.show({
        message: told.filter(Boolean).join(' '),
        color: stale + gone > 0 ? 'yellow' : 'sea',
        closeButtonProps: { 'aria-label': 'Close' },
      });
      onDone?.();
    },
    onError: tellFailure,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['alerts'] }),
        queries.invalidateQueries({ queryKey: ['alert-counts'] }),
        queries.invalidateQueries({ queryKey: ['alert'] }),
        queries.invalidateQueries({ queryKey: ['alert-stats'] }),
      ]),
  });
}
