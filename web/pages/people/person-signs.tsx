import { Badge, Group } from '@mantine/core';
import { DoorOpen, KeyRound, UserX } from 'lucide-react';

interface Signs {
  readonly active: boolean;
  readonly leaving_date?: string | undefined;
  readonly privileged: boolean;
}

/** What is special about a person, each in words and with a sign. */
export function PersonSigns({ active, leaving_date, privileged }: Signs) {
  return (
    <Group gap={4}>
      {!active && (
        <Badge variant="default" miw="max-content" leftSection={<UserX size={12} aria-hidden />}>
          no longer active
        </Badge>
      )}
      {leaving_date !== undefined && (
        <Badge variant="default" miw="max-content" leftSection={<DoorOpen size={12} aria-hidden />}>
          {active ? `leaves ${leaving_date}` : `left ${leaving_date}`}
        </Badge>
      )}
      {privileged && (
        <Badge variant="default" miw="max-content" leftSection={<KeyRound size={12} aria-hidden />}>
          privileged
        </Badge>
      )}
    </Group>
  );
}
