import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { DetectionsJson } from '../../../src/api/contract/detections.ts';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { usualText } from './rule-table.tsx';

/** Shown at once; there may be as many as there are people. */
const MOST = 12;

export function Anomalies({ data }: { readonly data: DetectionsJson }) {
  const { anomalies, compared_since: since } = data;
  return (
    <>
      {anomalies.length === 0 && <Text>Nothing: every rule hit what it usually hits, and nobody for the first time.</Text>}
      <ul className="anomalies">
        {anomalies.slice(0, MOST).map((each) => (
          <li key={`${each.kind} ${each.rule.id} ${each.kind === 'new_person' ? each.person : ''}`}>
            <LevelBadge level={each.rule.level} />
            <div>
              <Anomaly anomaly={each} range={{ from: data.from, to: data.to }} />
            </div>
          </li>
        ))}
      </ul>
      <Text c="dimmed" fz="xs" mt="xs">
        {anomalies.length > MOST && `${anomalies.length - MOST} more are not shown. `}
        Compared since <TimeText iso={since} />.
      </Text>
    </>
  );
}

function Anomaly({
  anomaly,
  range,
}: {
  readonly anomaly: DetectionsJson['anomalies'][number];
  readonly range: { readonly from: string; readonly to: string };
}) {
  const { rule } = anomaly;
  const events = (q: string, count: number) => (
    <Anchor component={Link} underline="always" to={linkToEvents({ q, ...range })}>
      {whole(count)} {count === 1 ? 'event' : 'events'}
    </Anchor>
  );
  switch (anomaly.kind) {
    case 'new_rule':
      return (
        <>
          <strong>{rule.title}</strong>: {events(rule.q, rule.count)}, none before
        </>
      );
    case 'more_than_usual':
      return (
        <>
          <strong>{rule.title}</strong>: {events(rule.q, rule.count)}, usually {usualText(rule.usual)}
        </>
      );
    case 'new_person':
      return (
        <>
          <strong>{anomaly.person}</strong>: {rule.title} for the first time, {events(anomaly.q, anomaly.count)},{' '}
          <TimeText iso={anomaly.first_at} form="ago" />
        </>
      );
  }
}
