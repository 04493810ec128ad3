import { Kbd, Modal, Stack, Switch, Table } from '@mantine/core';
import { useKeysOn } from './use-keys.ts';

const KEYS: readonly (readonly [key: string, meaning: string])[] = [
  ['j', 'Next alert'],
  ['k', 'Alert before'],
  ['Enter', 'Open the alert'],
  ['x', 'Select it, or not'],
  ['a', 'Acknowledge'],
  ['t', 'Take: it is mine'],
  ['g', 'Assign …: give it to somebody'],
  ['s', 'Snooze …'],
  ['r', 'Resolve …'],
  ['o', 'Open again'],
  ['c', 'Comment (on the page of an alert)'],
  ['/', 'Filter by name'],
  ['?', 'These keys'],
];

export function KeysHelp({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const [on, setOn] = useKeysOn();
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" transitionProps={{ duration: 0 }}>
      <Stack gap="sm">
        <Table withRowBorders={false}>
          <Table.Tbody>
            {KEYS.map(([key, meaning]) => (
              <Table.Tr key={key}>
                <Table.Th scope="row" w={80}>
                  <Kbd>{key}</Kbd>
                </Table.Th>
                <Table.Td>{meaning}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Switch
          size="xs"
          label="Single keys do something"
          description="Off, for who speaks to their computer. Remembered in this browser."
          checked={on}
          onChange={(event) => setOn(event.currentTarget.checked)}
        />
      </Stack>
    </Modal>
  );
}
