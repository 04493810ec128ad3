import { Checkbox, Text } from '@mantine/core';
import { User } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'react-router';
import type { AlertJson } from '../../../src/api/contract/alerts.ts';
import { alertCount } from '../../parts/alert-count.ts';
import { namesLine } from '../../parts/alert-names.ts';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { StateBadge } from './state-badge.tsx';

export interface QueueListProps {
  readonly alerts: readonly AlertJson[];
  readonly selected: ReadonlySet<string>;
  readonly maySelect: boolean;
  readonly onToggle: (id: string) => void;
  /** The keyboard stands on this alert now. */
  readonly onFocus: (id: string) => void;
}

export function QueueList({ alerts, selected, maySelect, onToggle, onFocus }: QueueListProps) {
  if (alerts.length === 0) return null;
  return (
    <ul className="queue" aria-label="Alerts">
      {alerts.map((alert) => (
        <Row key={alert.id} alert={alert} selected={selected.has(alert.id)} maySelect={maySelect} onToggle={onToggle} onFocus={onFocus} />
      ))}
    </ul>
  );
}

const Row = memo(function Row({
  alert,
  selected,
  maySelect,
  onToggle,
  onFocus,
}: Pick<QueueListProps, 'maySelect' | 'onToggle' | 'onFocus'> & { readonly alert: AlertJson; readonly selected: boolean }) {
  const names = namesLine(alert);
  return (
    <li className="queue-row" data-selected={selected} onFocus={() => onFocus(alert.id)}>
      {maySelect && (
        <Checkbox
          size="xs"
          aria-label={`Select: ${[alert.title, names].filter(Boolean).join(', ')}`}
          checked={selected}
          onChange={() => onToggle(alert.id)}
          className="queue-check"
        />
      )}
      <span className="queue-level">
        <LevelBadge level={alert.level} />
      </span>
      <span className="queue-what">
        <Link to={`/alerts/${alert.id}`} id={`alert-${alert.id}`} className="queue-title" aria-describedby={`alert-${alert.id}-names`}>
          {alert.title}
        </Link>
        <Text component="span" c="dimmed" fz="sm" id={`alert-${alert.id}-names`} className="queue-names" title={names}>
          {names}
        </Text>
      </span>
      <span className="queue-state">
        <StateBadge alert={alert} />
        {alert.assignee !== undefined && (
          <span className="queue-assignee" title={`Assigned to ${alert.assignee}`}>
            <User size={12} aria-label="Assigned to" /> {alert.assignee}
          </span>
        )}
      </span>
      <span className="queue-count">{alertCount(alert)}</span>
      <span className="queue-time">
        <TimeText iso={alert.last_at} form="ago" />
      </span>
    </li>
  );
});
