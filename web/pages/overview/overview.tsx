import { Grid, SegmentedControl, SimpleGrid, Stack } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { type Overview as Answer, overviewEndpoint, PERIODS, type Period } from '../../../src/api/contract/overview.ts';
import { call } from '../../data/client.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { PartOf } from '../../parts/part-state.tsx';
import { AlertTypes } from './alert-types.tsx';
import { Detections } from './detections.tsx';
import { Health } from './health.tsx';
import { People } from './people.tsx';
import { QuietSources } from './quiet-sources.tsx';
import { Tiles } from './tiles.tsx';

const WORD: Readonly<Record<Period, string>> = { day: 'Day', week: 'Week', month: 'Month' };
const LENGTH: Readonly<Record<Period, string>> = { day: '24 hours', week: '7 days', month: '30 days' };
const REFRESH_MS = 30_000;

export function Overview() {
  const [search, setSearch] = useSearchParams();
  const period = PERIODS.find((each) => each === search.get('period')) ?? 'day';
  const { data, error, refetch } = useQuery({
    queryKey: ['overview', period],
    queryFn: ({ signal }) => call(overviewEndpoint, { query: { period }, signal }),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead title="Overview" about={`The last ${LENGTH[period]} against the ${LENGTH[period]} before`}>
        <SegmentedControl
          size="xs"
          aria-label="Period"
          value={period}
          data={PERIODS.map((value) => ({ value, label: WORD[value] }))}
          onChange={(value) => setSearch({ period: value }, { replace: true })}
        />
      </PageHead>
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="the overview" />}
      {data !== undefined && <Parts overview={data} />}
    </>
  );
}

function Parts({ overview }: { readonly overview: Answer }) {
  const { detections, alerts, quiet, health, from, to } = overview;
  return (
    <Stack gap="md">
      <Tiles overview={overview} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Panel title="Severity over time" about="Events that a rule above informational matched, each under its highest level">
            <PartOf part={detections}>{(value) => <Detections detections={value} from={from} to={to} />}</PartOf>
          </Panel>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Panel title="Top alert types" about="The five rules with the most alerts">
            <PartOf part={alerts}>{(value) => <AlertTypes alerts={value} from={from} to={to} />}</PartOf>
          </Panel>
        </Grid.Col>
      </Grid>
      <SimpleGrid cols={{ base: 1, lg: 3 }} spacing="md">
        <Panel title="People with the most alerts">
          <PartOf part={alerts}>{(value) => <People people={value.people} from={from} to={to} />}</PartOf>
        </Panel>
        <Panel title="Quiet sources" about="Silent for longer than they were before">
          <PartOf part={quiet}>{(value) => <QuietSources quiet={value} />}</PartOf>
        </Panel>
        <Panel title="The hub itself">
          <Health health={health} />
        </Panel>
      </SimpleGrid>
    </Stack>
  );
}
