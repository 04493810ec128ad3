import { Alert, Button, Group, Menu, Progress, Text } from '@mantine/core';
import { Download } from 'lucide-react';
import { whole } from '../../parts/number-text.ts';
import type { ExplorerState } from './address.ts';
import { type ExportState, useExport } from './use-export.ts';

/** All events of the search as a file. Shown only to who may. */
export function ExportMenu({ state }: { readonly state: ExplorerState }) {
  const { state: export_, start, cancel, dismiss } = useExport();
  const isUnderWay = export_ !== undefined && !export_.isDone;
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default" leftSection={<Download size={14} aria-hidden />} disabled={isUnderWay}>
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>All events of this search</Menu.Label>
          <Menu.Item onClick={() => void start(state, 'ndjson')}>NDJSON, whole events</Menu.Item>
          <Menu.Item onClick={() => void start(state, 'csv')}>CSV, the columns shown</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {export_ && <ExportProgress state={export_} onCancel={cancel} onClose={dismiss} />}
    </>
  );
}

function ExportProgress({
  state: { rows, total, isDone, fault },
  onCancel,
  onClose,
}: {
  readonly state: ExportState;
  readonly onCancel: () => void;
  readonly onClose: () => void;
}) {
  const shown = total > 0 ? Math.min(rows, total) : rows;
  return (
    <Alert
      className="export-progress"
      variant="default"
      role="status"
      title={fault !== undefined ? 'The export did not work' : isDone ? 'Exported' : 'Exporting'}
      withCloseButton={isDone}
      closeButtonLabel="Close"
      onClose={onClose}
    >
      <Text>
        {fault ?? `${whole(shown)}${total > 0 && !isDone ? ` of ${whole(total)}` : ''} events${isDone ? ' are in the file.' : ''}`}
      </Text>
      {!isDone && (
        <Group mt="xs" gap="sm" wrap="nowrap">
          <Progress aria-label="Export" value={total > 0 ? (shown / total) * 100 : 100} animated={total === 0} flex={1} />
          <Button variant="default" size="compact-xs" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      )}
    </Alert>
  );
}
