import { Button, Group, NumberInput, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type ListenerJson, listenEndpoint, listListenersEndpoint, stopListeningEndpoint } from '../../../src/api/contract/listening.ts';
import { call } from '../../data/client.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { faultOf } from '../../parts/new-password.tsx';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { tellFailure } from '../../parts/tell-failure.ts';
import { WideTable } from '../../parts/wide-table.tsx';

const KEY = ['listening'];
/** Messages in an hour where nothing else was wished. */
const PER_HOUR = 10;

/** Words that whoever is signed in listens for. */
export function Listening() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call(listListenersEndpoint, { signal }) });
  return (
    <Panel
      title="What you listen for"
      about="You are told of events and alerts that have these words, as they come in. In Slack: /earshot listen."
    >
      {isPending ? (
        <Loading what="what you listen for" />
      ) : error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : (
        <Stack gap="sm">
          {data.listeners.length > 0 && <Listeners all={data.listeners} />}
          {data.notifiers.length === 0 ? (
            <Text c="dimmed">Nobody can tell you: an administrator writes who you are in Slack under notifiers.NAME.people.</Text>
          ) : (
            <NewListener notifiers={data.notifiers} />
          )}
        </Stack>
      )}
    </Panel>
  );
}

function Listeners({ all }: { readonly all: readonly ListenerJson[] }) {
  return (
    <WideTable minWidth={480} label="Words">
      <ColumnHeads names={['Words', 'Told', 'When']} withActions />
      <Table.Tbody>
        {all.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Td>{one.words}</Table.Td>
            <Table.Td className="mono">
              {one.notifier} {one.place}
            </Table.Td>
            <Table.Td>{termsOf(one)}</Table.Td>
            <Table.Td ta="right">
              <Stop one={one} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

const termsOf = ({ per_hour: perHour, quiet_hours: quiet }: ListenerJson): string =>
  `at most ${perHour} an hour${quiet === undefined ? '' : `, quiet ${quiet.from} to ${quiet.to}`}`;

function Stop({ one }: { readonly one: ListenerJson }) {
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () => call(stopListeningEndpoint, { params: { id: one.id } }),
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <Button variant="default" aria-label={`Stop listening for ${one.words}`} loading={isPending} onClick={() => mutate()}>
      Stop
    </Button>
  );
}

function NewListener({ notifiers }: { readonly notifiers: readonly string[] }) {
  const [words, setWords] = useState('');
  const [notifier, setNotifier] = useState(notifiers[0] ?? '');
  const [perHour, setPerHour] = useState<number | string>(PER_HOUR);
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(listenEndpoint, { body: { words, notifier, per_hour: Number(perHour) } }),
    onSuccess: async ({ preview }) => {
      setWords('');
      const events =
        preview.events === undefined ? 'an unknown number of' : `${preview.events}${preview.stopped === undefined ? '' : ' or more'}`;
      notifications.show({
        message: `The last seven days would have been ${events} events and ${preview.alerts}${preview.more_alerts ? ' or more' : ''} alerts.`,
        closeButtonProps: { 'aria-label': 'Close' },
      });
      await queries.invalidateQueries({ queryKey: KEY });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  const fault = faultOf(error, 'body.words');
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {error && fault === undefined && <Failed error={error} />}
        <Group gap="sm" align="flex-start">
          <TextInput
            label="Words"
            description="As in a search in quotes, such as prod-db"
            required
            autoComplete="off"
            value={words}
            error={fault}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          <NumberInput
            label="Messages an hour"
            description="The rest is summed up"
            min={1}
            max={60}
            allowDecimal={false}
            value={perHour}
            onChange={setPerHour}
          />
          {notifiers.length > 1 && (
            <Select
              label="Told by"
              description="A notifier that knows you"
              data={[...notifiers]}
              value={notifier}
              allowDeselect={false}
              onChange={(chosen) => setNotifier(chosen ?? notifier)}
            />
          )}
        </Group>
        <Group>
          <Button type="submit" loading={isPending}>
            Listen
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
