import { ActionIcon, Button, Group, Popover, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ArrowDown, ArrowUp, Columns3, X } from 'lucide-react';
import { DEFAULT_COLUMNS, labelOf, moved, withColumn } from './columns.ts';
import { FieldPicker } from './field-picker.tsx';

/** Which fields the table has as columns, in which order. The time is always first. */
export function ColumnsMenu({
  columns,
  onColumns,
}: {
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
}) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const move = (place: number, by: -1 | 1) => {
    const after = moved(columns, place, by);
    return { isOff: after === undefined, onClick: () => after && onColumns(after) };
  };
  return (
    <Popover opened={isOpen} onChange={(open) => !open && close()} position="bottom-end" width={300} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<Columns3 size={14} aria-hidden />} onClick={toggle} aria-expanded={isOpen}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <ul className="saved">
          {columns.map((name, place) => (
            <li key={name}>
              <Text className="mono" flex={1} miw={0}>
                {labelOf(name)}
              </Text>
              <Act label={`Move ${labelOf(name)} up`} icon={ArrowUp} {...move(place, -1)} />
              <Act label={`Move ${labelOf(name)} down`} icon={ArrowDown} {...move(place, 1)} />
              <Act
                label={`Remove ${labelOf(name)}`}
                icon={X}
                isOff={false}
                onClick={() => onColumns(columns.filter((each) => each !== name))}
              />
            </li>
          ))}
        </ul>
        <FieldPicker label="Add a column" onPick={(field) => onColumns(withColumn(columns, field))} />
        <Group justify="flex-end" mt="xs">
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => onColumns(DEFAULT_COLUMNS)}>
            The usual columns
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}

function Act({
  label,
  icon: Icon,
  isOff,
  onClick,
}: {
  readonly label: string;
  readonly icon: typeof X;
  readonly isOff: boolean;
  readonly onClick: () => void;
}) {
  return (
    <ActionIcon variant="subtle" color="gray" size={24} aria-label={label} disabled={isOff} onClick={onClick}>
      <Icon size={12} aria-hidden />
    </ActionIcon>
  );
}
