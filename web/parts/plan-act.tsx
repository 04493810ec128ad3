import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type ActJson, planActEndpoint } from '../../src/api/contract/acts.ts';
import { call } from '../data/client.ts';
import { useSession } from '../data/session.ts';
import { Decide } from './act-view.tsx';
import { Failed } from './page-state.tsx';

interface Wanted {
  readonly system: string;
  readonly targets: readonly string[];
  readonly devices?: ActJson['devices'];
  readonly alert_id?: string;
}

export interface PlanActProps {
  readonly title: string;
  readonly wanted: Wanted;
  /** What it does to people, after "whoever it is": "has to sign in again". */
  readonly consequence: string;
  /** What says or asks what is wanted; below it the reason is asked. */
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** Asks what to do in another system; shows what would be done; does it only then. */
export function PlanAct({ title, wanted, consequence, children, onClose }: PlanActProps) {
  const [plan, setPlan] = useState<ActJson>();
  return (
    <Modal opened onClose={onClose} title={plan === undefined ? title : 'Do this?'} transitionProps={{ duration: 0 }}>
      {plan === undefined ? (
        <PlanForm wanted={wanted} onPlanned={setPlan}>
          {children}
        </PlanForm>
      ) : (
        <Confirmation plan={plan} consequence={consequence} onClose={onClose} />
      )}
    </Modal>
  );
}

interface PlanFormProps extends Pick<PlanActProps, 'wanted' | 'children'> {
  readonly onPlanned: (plan: ActJson) => void;
}

function PlanForm({ wanted, children, onPlanned }: PlanFormProps) {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(planActEndpoint, { body: { ...wanted, targets: [...wanted.targets], reason } }),
    onSuccess: onPlanned,
    onSettled: () => queries.invalidateQueries({ queryKey: ['acts'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {error !== null && <Failed error={error} />}
        {children}
        <Textarea
          label="Reason"
          description="Why: the next one who sees this will want to know."
          size="xs"
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button type="submit" loading={isPending} disabled={wanted.targets.some((target) => target.trim() === '')}>
            Show what it would do
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Names whom and on what. Who may not confirm their own plan is told so. */
function Confirmation({ plan, consequence, onClose }: Pick<PlanActProps, 'consequence' | 'onClose'> & { readonly plan: ActJson }) {
  const { name } = useSession();
  const isOwn = plan.needs_second_person && plan.wanted_by.includes(name);
  return (
    <Stack gap="sm">
      <Text>
        This <b>{plan.effect}</b>.
      </Text>
      {isOwn ? (
        <Text c="dimmed">Another user has to confirm it, here or in Slack. Nothing is done until then.</Text>
      ) : (
        <>
          <Text c="dimmed">Nothing is done yet. It cannot be undone: whoever it is {consequence}.</Text>
          <Decide act={plan} onDecided={onClose} />
        </>
      )}
    </Stack>
  );
}
