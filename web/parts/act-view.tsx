import { Anchor, Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ActJson, cancelActEndpoint, confirmActEndpoint } from '../../src/api/contract/acts.ts';
import { call } from '../data/client.ts';
import { tellFailure } from './tell-failure.ts';
import { TimeText } from './time-text.tsx';

export interface ActViewProps {
  readonly act: ActJson;
  /** Opens an event. */
  readonly onOpen: (id: string) => void;
}

/** What Earshot was asked to do in another system, and what became of it. */
export function ActView({ act, onOpen }: ActViewProps) {
  const last = act.history.at(-1);
  const isDone = act.state === 'done' || act.state === 'proven';
  return (
    <div>
      <Text fz="sm">{isDone ? act.did : `Earshot ${act.effect}`}</Text>
      <Text fz="sm" fw={600}>
        {capital(act.stands)}
        {last !== undefined && (
          <Text component="span" c="dimmed" fz="sm" fw={400}>
            {' · '}
            <TimeText iso={last.at} />
            {last.by !== 'earshot' && ` · ${last.by}`}
          </Text>
        )}
      </Text>
      {last !== undefined && last.note !== '' && act.state !== 'planned' && (
        <Text fz="sm" c="dimmed">
          {last.note}
        </Text>
      )}
      {act.proofs.map(
        ({ entry, event_id: id }) =>
          id !== undefined && (
            <Anchor key={entry} component="button" type="button" fz="sm" onClick={() => onOpen(id)}>
              The entry that proves it
            </Anchor>
          ),
      )}
      {act.state === 'planned' && <Decide act={act} />}
    </div>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Confirms a plan or takes it back: somebody else may have made it. */
export function Decide({ act, onDecided }: { readonly act: ActJson; readonly onDecided?: () => void }) {
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: (endpoint: typeof confirmActEndpoint | typeof cancelActEndpoint) => call(endpoint, { params: { id: act.id }, body: {} }),
    onSuccess: () => onDecided?.(),
    onError: tellFailure,
    onSettled: () => Promise.all(['acts', 'alert'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
  return (
    <Group gap="xs" mt="xs">
      <Button size="xs" color="red.9" disabled={isPending} onClick={() => mutate(confirmActEndpoint)}>
        Do it
      </Button>
      <Button size="xs" variant="default" disabled={isPending} onClick={() => mutate(cancelActEndpoint)}>
        Take it back
      </Button>
    </Group>
  );
}
