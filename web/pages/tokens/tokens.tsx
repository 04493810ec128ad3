import { Button, Checkbox, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { z } from 'zod';
import { SCOPES } from '../../../src/api/contract/endpoint.ts';
import { createTokenEndpoint, listTokensEndpoint, revokeTokenEndpoint } from '../../../src/api/contract/tokens.ts';
import { call } from '../../data/client.ts';
import { ColumnHeads } from '../../parts/column-heads.tsx';
import { DatasetsInput, datasetsOf } from '../../parts/datasets-input.tsx';
import { faultOf } from '../../parts/new-password.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { ShownOnce } from '../../parts/shown-once.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { WideTable } from '../../parts/wide-table.tsx';

type Token = z.output<typeof listTokensEndpoint.answer>['tokens'][number];

/** What programs come in with. */
export function Tokens() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => call(listTokensEndpoint, { signal }),
  });
  const [isNew, setNew] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  return (
    <>
      <PageHead title="Tokens" about="What programs send to the API and to HTTP sources: each with the least that it needs.">
        <Button leftSection={<KeyRound size={14} aria-hidden />} onClick={() => setNew(true)}>
          New token
        </Button>
      </PageHead>
      {isPending && <Loading what="the tokens" />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data?.tokens.length === 0 && <Empty title="No tokens">Make one for each program that speaks to the API.</Empty>}
      {data && data.tokens.length > 0 && <TokenTable tokens={data.tokens} revoke={setRevoking} />}
      <Modal opened={isNew} onClose={() => setNew(false)} title="New token">
        <NewToken />
      </Modal>
      <Modal opened={revoking !== undefined} onClose={() => setRevoking(undefined)} title={`Revoke ${revoking?.name}`}>
        {revoking && <Revoke token={revoking} done={() => setRevoking(undefined)} />}
      </Modal>
    </>
  );
}

function TokenTable({ tokens, revoke }: { readonly tokens: readonly Token[]; readonly revoke: (token: Token) => void }) {
  return (
    <WideTable minWidth={640} label="All tokens">
      <ColumnHeads names={['Name', 'May', 'Datasets', 'Made', 'Last used']} withActions />
      <Table.Tbody>
        {tokens.map((token) => (
          <Table.Tr key={token.id}>
            <Table.Th scope="row" fw={600}>
              {token.name}
            </Table.Th>
            <Table.Td className="mono">{token.scopes.join(', ')}</Table.Td>
            <Table.Td className="mono">{token.datasets === undefined ? '*' : token.datasets.join(', ') || 'none'}</Table.Td>
            <Table.Td>
              <TimeText iso={token.created_at} form="ago" />
            </Table.Td>
            <Table.Td>{token.last_used_at === undefined ? 'never' : <TimeText iso={token.last_used_at} form="ago" />}</Table.Td>
            <Table.Td ta="right">
              <Button variant="default" aria-label={`Revoke ${token.name}`} onClick={() => revoke(token)}>
                Revoke …
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function NewToken() {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const [datasets, setDatasets] = useState('*');
  const queries = useQueryClient();
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: () => {
      const wanted = datasetsOf(datasets);
      const rights = { scopes: SCOPES.filter((scope) => scopes.includes(scope)), ...(!wanted.includes('*') && { datasets: wanted }) };
      return call(createTokenEndpoint, { body: { name, ...rights } });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
  if (data) return <ShownOnce about={`The token ${name}. It is shown this once.`} text={data.token} label="Copy the token" />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  const nameFault = faultOf(error, 'body.name');
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {error && nameFault === undefined && <Failed error={error} />}
        <TextInput
          label="Name"
          description="After the program that uses it"
          required
          data-autofocus
          autoComplete="off"
          value={name}
          error={nameFault}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group label="It may" value={scopes} onChange={setScopes} required>
          <Stack gap={10} mt={6}>
            {SCOPES.map((scope) => (
              <Checkbox key={scope} size="xs" value={scope} label={scope} />
            ))}
          </Stack>
        </Checkbox.Group>
        <DatasetsInput value={datasets} onChange={setDatasets} />
        <Button type="submit" loading={isPending} disabled={scopes.length === 0}>
          Make the token
        </Button>
      </Stack>
    </form>
  );
}

function Revoke({ token, done }: { readonly token: Token; readonly done: () => void }) {
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(revokeTokenEndpoint, { params: { name: token.name } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      done();
    },
  });
  return (
    <Stack gap="sm">
      {error && <Failed error={error} />}
      <Text>What uses it is refused from now on. This cannot be undone: a new token has a new text.</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={done}>
          Leave it
        </Button>
        <Button color="red" loading={isPending} onClick={() => mutate()}>
          Revoke
        </Button>
      </Group>
    </Stack>
  );
}
