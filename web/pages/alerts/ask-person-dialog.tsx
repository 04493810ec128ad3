import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { askPersonEndpoint } from '../../../src/api/contract/asks.ts';
import { call } from '../../data/client.ts';
import { Failed } from '../../parts/page-state.tsx';

export interface AskPersonDialogProps {
  readonly alert: AlertDetailJson;
  readonly onClose: () => void;
}

/** Asks whom to ask, and says what they will see; the mail goes out only then. */
export function AskPersonDialog({ alert, onClose }: AskPersonDialogProps) {
  const [person, setPerson] = useState(alert.askable[0] ?? '');
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(askPersonEndpoint, { params: { id: alert.id }, body: { person } }),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ['alert', alert.id] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Ask whether it was them" transitionProps={{ duration: 0 }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {error !== null && <Failed error={error} />}
          <Radio.Group label="Whom" value={person} onChange={setPerson}>
            <Stack gap="sm" mt="xs">
              {alert.askable.map((name) => (
                <Radio key={name} value={name} label={name} size="xs" />
              ))}
            </Stack>
          </Radio.Group>
          <Text fz="sm">
            They get a mail with what was seen under their name, when and from where, and with your name; nothing of the rule. What they
            answer is noted here, and told where the alert was told. It is evidence, and decides nothing.
          </Text>
          <Text fz="sm" c="dimmed">
            Whoever reads their mail can answer. Where they may be the one to worry about, they are warned by it.
          </Text>
          <Group justify="flex-end">
            <Button type="submit" loading={isPending}>
              Send the mail
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
