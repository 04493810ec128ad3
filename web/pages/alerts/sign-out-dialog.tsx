import { Autocomplete, Button, Group, Modal, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type ActJson, planActEndpoint } from '../../../src/api/contract/acts.ts';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { type ActSystem, DEVICES, type Devices } from '../../../src/model/act.ts';
import { call } from '../../data/client.ts';
import { useSession } from '../../data/session.ts';
import { Decide } from '../../parts/act-view.tsx';
import { Failed } from '../../parts/page-state.tsx';

export interface SignOutDialogProps {
  readonly alert: AlertDetailJson;
  /** Where Earshot can act. */
  readonly systems: readonly ActSystem[];
  readonly onClose: () => void;
}

/** Asks whom to sign out where; shows what would be done; does it only then. */
export function SignOutDialog({ alert, systems, onClose }: SignOutDialogProps) {
  const [plan, setPlan] = useState<ActJson>();
  return (
    <Modal opened onClose={onClose} title={plan === undefined ? titleOf(systems) : 'Do this?'} transitionProps={{ duration: 0 }}>
      {plan === undefined ? (
        <PlanForm alert={alert} systems={systems} onPlanned={setPlan} />
      ) : (
        <Confirmation plan={plan} onClose={onClose} />
      )}
    </Modal>
  );
}

const titleOf = (systems: SignOutDialogProps['systems']): string =>
  systems.every(({ does }) => does === 'end_sessions') ? 'End sessions' : 'Sign somebody out';

const DEVICE_LABELS: Readonly<Record<Devices, string>> = {
  all: 'All devices',
  mobile: 'Phones and tablets alone',
  web: 'Browsers and desktop programs alone',
};

interface PlanFormProps extends Pick<SignOutDialogProps, 'alert' | 'systems'> {
  readonly onPlanned: (plan: ActJson) => void;
}

function PlanForm({ alert, systems, onPlanned }: PlanFormProps) {
  const people = peopleOf(alert);
  const [target, setTarget] = useState(people[0] ?? '');
  const [devices, setDevices] = useState<string>('all');
  const [system, setSystem] = useState(systems[0]?.name ?? '');
  const [reason, setReason] = useState('');
  const isSignOut = systems.find(({ name }) => name === system)?.does !== 'end_sessions';
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () =>
      call(planActEndpoint, {
        body: { system, targets: [target], devices: isSignOut ? devicesOf(devices) : 'all', reason, alert_id: alert.id },
      }),
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
        <Autocomplete
          label={isSignOut ? 'Whom' : 'Whose sessions'}
          description={
            isSignOut
              ? 'A name of this alert, a mail address, or a member ID of the other system.'
              : 'A name of this alert, or the id of a session.'
          }
          required
          size="xs"
          maxLength={320}
          openOnFocus={false}
          comboboxProps={{ withinPortal: false }}
          data={people}
          value={target}
          onChange={setTarget}
          data-autofocus
        />
        {systems.length > 1 && (
          <Radio.Group label="Where" value={system} onChange={setSystem}>
            <Stack gap="sm" mt="xs">
              {systems.map(({ name }) => (
                <Radio key={name} value={name} label={name} size="xs" />
              ))}
            </Stack>
          </Radio.Group>
        )}
        {isSignOut && (
          <Radio.Group label="On which devices" value={devices} onChange={setDevices}>
            <Stack gap="sm" mt="xs">
              {DEVICES.map((each) => (
                <Radio key={each} value={each} label={DEVICE_LABELS[each]} size="xs" />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <Textarea
          label="Reason"
          description="Why: the next one who sees this will want to know."
          size="xs"
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={isPending} disabled={target.trim() === ''}>
            Show what it would do
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const devicesOf = (value: string): Devices => DEVICES.find((each) => each === value) ?? 'all';

/** Who acts in the alert, then whom it is done to. */
function peopleOf({ evidence }: AlertDetailJson): string[] {
  const named = [...evidence.map(({ user }) => user), ...evidence.map(({ target_user: target }) => target)];
  return [...new Set(named.flatMap((name) => (name === undefined || name === '' ? [] : [name])))];
}

/** Names whom and on what. Who may not confirm their own plan is told so. */
function Confirmation({ plan, onClose }: { readonly plan: ActJson; readonly onClose: () => void }) {
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
          <Text c="dimmed">Nothing is done yet. It cannot be undone: whoever it is has to sign in again.</Text>
          <Decide act={plan} onDecided={onClose} />
        </>
      )}
    </Stack>
  );
}
