import { Stack } from '@mantine/core';
import { ActView } from '../../parts/act-view.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useActs } from './use-acts.ts';

export interface AlertActsProps {
  readonly alertId: string;
  /** Opens an event. */
  readonly onOpen: (id: string) => void;
}

/** What Earshot was asked to do about the alert in other systems, and what became of it. Nothing where nothing was. */
export function AlertActs({ alertId, onOpen }: AlertActsProps) {
  const found = useActs(alertId);
  if (found === undefined || found.acts.length === 0) return null;
  return (
    <Panel title="Done in other systems" about="Asked for by people, and proven by the other system’s own log.">
      <Stack gap="sm">
        {found.acts.map((act) => (
          <ActView key={act.id} act={act} onOpen={onOpen} />
        ))}
      </Stack>
    </Panel>
  );
}
