import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { namesLine } from '../../parts/alert-names.ts';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { Failed, Loading } from '../../parts/page-state.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { useRelated } from './alert-unusual.tsx';
import { STATE_LOOK } from './alert-words.ts';

/** Shown before somebody asks for more. */
const FEW = 6;

export function RelatedAlerts({ alert }: { readonly alert: AlertDetailJson }) {
  const { data, error, refetch } = useRelated(alert.id);
  const [all, showAll] = useState(false);
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="related alerts" />;
  if (data.related.length === 0) return <Text c="dimmed">None.</Text>;
  const shown = all ? data.related : data.related.slice(0, FEW);
  return (
    <>
      <ul className="related">
        {shown.map(({ alert: other, why }) => (
          <li key={other.id}>
            <LevelBadge level={other.level} />
            <div>
              <Link to={`/alerts/${other.id}`} className="queue-title">
                {other.title}
              </Link>
              <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
                {namesLine(other)}
              </Text>
              <Text c="dimmed" fz="xs">
                same {why.map(({ kind, value }) => `${kind} ${value}`).join(', ')} · {STATE_LOOK[other.state].word.toLowerCase()} ·{' '}
                <TimeText iso={other.last_at} form="ago" />
              </Text>
            </div>
          </li>
        ))}
      </ul>
      {shown.length < data.related.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => showAll(true)}>
          {data.related.length - shown.length} more
        </Button>
      )}
    </>
  );
}
