import { Button, Checkbox, Group, Text } from '@mantine/core';
import type { ActJson, AlertJson } from '../../../src/api/contract/alerts.ts';
import type { Asking } from './act-dialogs.tsx';

export interface SelectionBarProps {
  readonly alerts: readonly AlertJson[];
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (ids: ReadonlySet<string>) => void;
  readonly onAct: (act: ActJson) => void;
  readonly onAsk: (asking: Asking) => void;
}

/** Selects all that is shown, and does one thing to all that is selected. */
export function SelectionBar({ alerts, selected, onSelect, onAct, onAsk }: SelectionBarProps) {
  const here = alerts.filter(({ id }) => selected.has(id)).length;
  if (alerts.length === 0) return null;
  return (
    <Group gap="xs" className="queue-bar" role="toolbar" aria-label="Selected alerts">
      <Checkbox
        size="xs"
        label={here === 0 ? 'Select all' : `${here} selected`}
        checked={here === alerts.length}
        indeterminate={here > 0 && here < alerts.length}
        onChange={() => onSelect(here === alerts.length ? new Set() : new Set(alerts.map(({ id }) => id)))}
      />
      {here > 0 ? (
        <Group gap={4}>
          <Button size="compact-xs" variant="default" onClick={() => onAct({ kind: 'acknowledge' })}>
            Acknowledge
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => onAct({ kind: 'take' })}>
            Take
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => onAsk('assign')}>
            Assign …
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => onAsk('snooze')}>
            Snooze …
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => onAsk('resolve')}>
            Resolve …
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => onAct({ kind: 'reopen' })}>
            Open again
          </Button>
        </Group>
      ) : (
        <Text c="dimmed" fz="xs" visibleFrom="sm">
          j and k go from alert to alert, x selects, a acknowledges, t takes, g assigns, s snoozes, r resolves
        </Text>
      )}
    </Group>
  );
}
