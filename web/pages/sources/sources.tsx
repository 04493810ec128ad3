import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listSourcesEndpoint } from '../../../src/api/contract/sources.ts';
import { call } from '../../data/client.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { PartOf } from '../../parts/part-state.tsx';
import { Connect } from './connect.tsx';
import { Doors } from './doors.tsx';
import { Faults } from './faults.tsx';
import { Speakers } from './speakers.tsx';

const REFRESH_MS = 15_000;

export function Sources() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['sources'],
    queryFn: ({ signal }) => call(listSourcesEndpoint, { signal }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <PageHead title="Sources" about="What is heard, from whom, how regularly, and what could not be read" />
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {isPending && <Loading what="the sources" />}
      {data !== undefined && (
        <Stack gap="md">
          <Panel title="Doors" about="Configured sources; counts are since the hub's start">
            <PartOf part={data.doors}>{(doors) => <Doors doors={doors} />}</PartOf>
          </Panel>
          <Panel
            title="Who speaks"
            about="Each dataset from each host, or from each address where messages name no host, in the last 14 days"
          >
            <PartOf part={data.speakers}>{({ speakers, complete }) => <Speakers speakers={speakers} complete={complete} />}</PartOf>
          </Panel>
          <Panel
            title="What could not be read as meant"
            about="In the last 24 hours. Everything is kept and can be found; nothing is dropped for it."
          >
            <PartOf part={data.faults}>{(faults) => <Faults faults={faults} />}</PartOf>
          </Panel>
          <Panel title="Connect one more">
            <PartOf part={data.doors}>{(doors) => <Connect doors={doors} />}</PartOf>
          </Panel>
        </Stack>
      )}
    </>
  );
}
