import { Autocomplete, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { type ActSystem, DEVICES, type Devices } from '../../../src/model/act.ts';
import { PlanAct } from '../../parts/plan-act.tsx';

export interface SignOutDialogProps {
  readonly alert: AlertDetailJson;
  /** Where Earshot can act. */
  readonly systems: readonly ActSystem[];
  readonly onClose: () => void;
}

/** Asks whom to sign out where. */
export function SignOutDialog({ alert, systems, onClose }: SignOutDialogProps) {
  const people = peopleOf(alert);
  const [target, setTarget] = useState(people[0] ?? '');
  const [devices, setDevices] = useState<string>('all');
  const [system, setSystem] = useState(systems[0]?.name ?? '');
  const isSignOut = systems.find(({ name }) => name === system)?.does !== 'end_sessions';
  return (
    <PlanAct
      title={titleOf(systems)}
      wanted={{ system, targets: [target], devices: isSignOut ? devicesOf(devices) : 'all', alert_id: alert.id }}
      consequence={isSignOut ? 'has to sign in again' : 'loses what they have not saved'}
      onClose={onClose}
    >
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
    </PlanAct>
  );
}

const titleOf = (systems: SignOutDialogProps['systems']): string =>
  systems.every(({ does }) => does === 'end_sessions') ? 'End sessions' : 'Sign somebody out';

const DEVICE_LABELS: Readonly<Record<Devices, string>> = {
  all: 'All devices',
  mobile: 'Phones and tablets alone',
  web: 'Browsers and desktop programs alone',
};

const devicesOf = (value: string): Devices => DEVICES.find((each) => each === value) ?? 'all';

/** Who acts in the alert, then whom it is done to. */
function peopleOf({ evidence }: AlertDetailJson): string[] {
  const named = [...evidence.map(({ user }) => user), ...evidence.map(({ target_user: target }) => target)];
  return [...new Set(named.flatMap((name) => (name === undefined || name === '' ? [] : [name])))];
}
