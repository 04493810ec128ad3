import { Button, Group, Modal, Radio, Select, Stack, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ActJson } from '../../../src/api/contract/alerts.ts';
import { type Colleague, colleaguesEndpoint } from '../../../src/api/contract/colleagues.ts';
import { RESOLUTIONS } from '../../../src/model/alert-life.ts';
import { call } from '../../data/client.ts';
import { useSession } from '../../data/session.ts';
import { Failed } from '../../parts/page-state.tsx';
import { isResolution, RESOLUTION_WORDS } from './alert-words.ts';

/** Acts that need more than a key. */
export type Asking = 'snooze' | 'resolve' | 'assign';

export interface ActDialogProps {
  /** Absent: closed. */
  readonly asking: Asking | undefined;
  /** How many alerts it is about. */
  readonly count: number;
  readonly onClose: () => void;
  readonly onAct: (act: ActJson, note: string) => void;
}

const TITLES: Readonly<Record<Asking, string>> = { snooze: 'Snooze', resolve: 'Resolve', assign: 'Assign' };

export function ActDialog({ asking, count, onClose, onAct }: ActDialogProps) {
  const what = count === 1 ? 'this alert' : `${count} alerts`;
  return (
    <Modal
      opened={asking !== undefined}
      onClose={onClose}
      title={asking === undefined ? '' : `${TITLES[asking]} ${what}`}
      transitionProps={{ duration: 0 }}
    >
      {asking === 'snooze' && <SnoozeForm onAct={onAct} />}
      {asking === 'resolve' && <ResolveForm onAct={onAct} />}
      {asking === 'assign' && <AssignForm onAct={onAct} />}
    </Modal>
  );
}

type FormProps = Pick<ActDialogProps, 'onAct'>;

const SLEEPS = [
  { value: 'now+1h', label: 'For an hour' },
  { value: 'now+4h', label: 'For four hours' },
  { value: 'tomorrow', label: 'Until tomorrow, 9:00' },
  { value: 'monday', label: 'Until Monday, 9:00' },
  { value: 'now+7d', label: 'For a week' },
] as const;

/** Nine in the morning of that day, by the clock of who asks. */
function morning(word: 'tomorrow' | 'monday', now = new Date()): string {
  const at = new Date(now);
  at.setDate(at.getDate() + (word === 'tomorrow' ? 1 : ((7 - at.getDay()) % 7) + 1));
  at.setHours(9, 0, 0, 0);
  return at.toISOString();
}

function SnoozeForm({ onAct }: FormProps) {
  const [until, setUntil] = useState<string>('now+4h');
  const [note, setNote] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAct({ kind: 'snooze', until: until === 'tomorrow' || until === 'monday' ? morning(until) : until }, note);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Radio.Group
          label="Until when"
          description="It wakes before that when it grows tenfold or gets worse."
          value={until}
          onChange={setUntil}
        >
          <Stack gap="xs" mt="xs">
            {SLEEPS.map(({ value, label }) => (
              <Radio key={value} value={value} label={label} size="xs" data-autofocus={value === until || undefined} />
            ))}
          </Stack>
        </Radio.Group>
        <Note value={note} onChange={setNote} />
        <Submit>Snooze</Submit>
      </Stack>
    </form>
  );
}

function ResolveForm({ onAct }: FormProps) {
  const [resolution, setResolution] = useState<string>('true_positive');
  const [note, setNote] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isResolution(resolution)) onAct({ kind: 'resolve', resolution }, note);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Radio.Group label="What was it?" value={resolution} onChange={setResolution}>
          <Stack gap="xs" mt="xs">
            {RESOLUTIONS.map((value) => (
              <Radio
                key={value}
                value={value}
                label={RESOLUTION_WORDS[value].word}
                description={RESOLUTION_WORDS[value].about}
                size="xs"
                data-autofocus={value === resolution || undefined}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Note value={note} onChange={setNote} />
        <Submit>Resolve</Submit>
      </Stack>
    </form>
  );
}

function AssignForm({ onAct }: FormProps) {
  const { name: me } = useSession();
  const [to, setTo] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const { data, error, refetch } = useQuery({
    queryKey: ['colleagues'],
    queryFn: ({ signal }) => call(colleaguesEndpoint, { signal }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (to !== null) onAct({ kind: 'assign', to }, note);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {error !== null && <Failed error={error} retry={() => void refetch()} />}
        <Select
          label="To whom"
          description="Whoever may work on alerts. Type a part of their name."
          required
          searchable
          selectFirstOptionOnChange
          maxDropdownHeight={150}
          comboboxProps={{ withinPortal: false }}
          size="xs"
          placeholder={data === undefined ? 'Loading …' : ''}
          nothingFoundMessage="Nobody who may work on alerts is called so"
          data={data?.colleagues.map((each) => ({ value: each.name, label: calledOf(each, me) })) ?? []}
          value={to}
          onChange={setTo}
          data-autofocus
        />
        <Note value={note} onChange={setNote} />
        <Submit>Assign</Submit>
      </Stack>
    </form>
  );
}

/** `Ada Lovelace (ada)`, so that they are found by either. */
function calledOf({ name, display_name: shown }: Colleague, me: string): string {
  const called = shown === '' || shown === name ? name : `${shown} (${name})`;
  return name === me ? `${called}: you` : called;
}

function Note({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  return (
    <Textarea
      label="Note"
      description="Why: the next one who sees this will want to know."
      size="xs"
      autosize
      minRows={2}
      maxLength={2000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function Submit({ children }: { readonly children: string }) {
  return (
    <Group justify="flex-end">
      <Button type="submit">{children}</Button>
    </Group>
  );
}
