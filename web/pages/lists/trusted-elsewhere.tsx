import { Badge, Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { listActsEndpoint } from '../../../src/api/contract/acts.ts';
import {
  changeTrustedNetworksEndpoint,
  type TrustComparedJson,
  trustedNetworksEndpoint,
} from '../../../src/api/contract/trusted-networks.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

/** The networks that other systems trust, beside the lists, for who may act there. Nothing is shown where there is no such system. */
export function TrustedElsewhere() {
  const mayLook = may(useSession(), 'respond');
  const { data } = useQuery({
    queryKey: ['acts', 'systems'],
    queryFn: ({ signal }) => call(listActsEndpoint, { query: { limit: '1' }, signal }),
    enabled: mayLook,
  });
  const systems = data?.systems.filter(({ trusts }) => trusts) ?? [];
  if (systems.length === 0) return null;
  return (
    <Stack mt="lg">
      {systems.map(({ name }) => (
        <Trusted key={name} system={name} />
      ))}
    </Stack>
  );
}

/** The other system is asked only when somebody wants to know: its calls are counted. */
function Trusted({ system }: { readonly system: string }) {
  const [isAsked, ask] = useState(false);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['trusted-networks', system],
    queryFn: ({ signal }) => call(trustedNetworksEndpoint, { query: { system }, signal }),
    enabled: isAsked,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <Panel
      title={`What ${system} trusts`}
      about={`${system} finds nothing unusual in what comes from there. Beside it: the lists trusted_ranges, trusted_networks and vpn_ranges.`}
      aside={
        <Button variant="default" size="xs" loading={isFetching} onClick={() => (isAsked ? void refetch() : ask(true))}>
          {isAsked ? 'Look again' : `Compare with ${system}`}
        </Button>
      }
    >
      {isFetching && data === undefined && <Loading what={`what ${system} trusts`} />}
      {error && <Failed error={error} />}
      {data && <Compared compared={data} />}
    </Panel>
  );
}

function Compared({ compared }: { readonly compared: TrustComparedJson }) {
  const { system, in_system: all, only_in_system: onlyThere, only_in_lists: onlyHere, not_taken: notTaken } = compared;
  const rows = [
    ...onlyThere.map((network) => ({ network, where: `${system} alone`, color: 'orange' })),
    ...onlyHere.map((network) => ({ network, where: 'lists alone', color: 'blue' })),
    ...all.filter((network) => !onlyThere.includes(network)).map((network) => ({ network, where: 'both', color: 'gray' })),
    ...notTaken.map((network) => ({ network, where: `lists alone: ${system} takes no IPv6`, color: 'gray' })),
  ];
  if (rows.length === 0) return <Text fz="sm">Neither {system} nor the lists have a network.</Text>;
  return (
    <Stack gap="sm">
      <WideTable minWidth={360} label={`Networks that ${system} or the lists have`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Network</Table.Th>
            <Table.Th scope="col">On</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ network, where, color }) => (
            <Table.Tr key={network}>
              <Table.Th scope="row" className="mono" fw={400}>
                {network}
              </Table.Th>
              <Table.Td>
                <Badge variant="default" color={color}>
                  {where}
                </Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {onlyHere.length > 0 && <AddThere compared={compared} />}
    </Stack>
  );
}

/** Makes the other system trust what only the lists have. Administrators alone: it will be blind there. */
function AddThere({ compared: { system, version, only_in_lists: networks } }: { readonly compared: TrustComparedJson }) {
  const [isAsking, ask] = useState(false);
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const mayChange = may(useSession(), 'admin');
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(changeTrustedNetworksEndpoint, { body: { system, version, add: true, reason } }),
    onSuccess: ({ now }) => {
      queries.setQueryData(['trusted-networks', system], now);
      ask(false);
    },
  });
  if (!mayChange) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  const what = `${networks.length} ${networks.length === 1 ? 'network' : 'networks'}`;
  return (
    <Group>
      <Button variant="default" size="xs" onClick={() => ask(true)}>
        Add {what} to {system} …
      </Button>
      {isAsking && (
        <Modal opened onClose={() => ask(false)} title={`Add ${what} to ${system}`} transitionProps={{ duration: 0 }}>
          <form onSubmit={submit}>
            <Stack gap="sm">
              {error !== null && <Failed error={error} />}
              <Text fz="sm">
                {system} will find nothing unusual in what comes from <span className="mono">{networks.join(', ')}</span>.
              </Text>
              <TextInput label="Why" required data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
              <Group justify="flex-end">
                <Button type="submit" loading={isPending}>
                  Add them
                </Button>
              </Group>
            </Stack>
          </form>
        </Modal>
      )}
    </Group>
  );
}
