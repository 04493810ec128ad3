import { Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { personAlertsEndpoint } from '../../../src/api/contract/people.ts';
import { call } from '../../data/client.ts';
import { alertCount } from '../../parts/alert-count.ts';
import { namesLine } from '../../parts/alert-names.ts';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import type { TimeWords } from '../../parts/time-words.ts';

/** Alerts whose evidence names the person, the latest first. */
export function PersonAlerts({ id, range: { from, to } }: { readonly id: string; readonly range: TimeWords }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['person-alerts', id, from, to],
    queryFn: ({ signal }) => call(personAlertsEndpoint, { params: { id }, query: { from, to, limit: '20' }, signal }),
  });
  return (
    <Panel title="Alerts">
      {isPending && <Loading what="alerts" />}
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data?.alerts.length === 0 && (
        <Empty title="No alerts in this time">Nothing that this person did or had done to them met a rule.</Empty>
      )}
      <Stack gap={6}>
        {data?.alerts.map((alert) => (
          <div key={alert.id} style={{ display: 'flex', gap: 8, alignItems: 'baseline', flexWrap: 'wrap' }}>
            <LevelBadge level={alert.level} />
            <div style={{ flex: '1 1 180px', overflowWrap: 'anywhere' }}>
              <Anchor component={Link} to={`/alerts/${encodeURIComponent(alert.id)}`} fz="sm">
                {alert.title}
              </Anchor>
              <Text fz="xs">{namesLine(alert)}</Text>
            </div>
            <Text fz="xs" c="dimmed">
              {alert.state}, {alertCount(alert)}, <TimeText iso={alert.last_at} form="ago" />
            </Text>
          </div>
        ))}
      </Stack>
      {data?.more === true && (
        <Text fz="sm" mt="xs">
          There are more: choose a shorter time, or look into the queue of alerts.
        </Text>
      )}
    </Panel>
  );
}
