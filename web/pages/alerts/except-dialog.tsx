import { Button, Checkbox, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useMemo, useState } from 'react';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { backtestEndpoint } from '../../../src/api/contract/backtests.ts';
import { createExceptionEndpoint } from '../../../src/api/contract/exceptions.ts';
import { call } from '../../data/client.ts';
import { whole } from '../../parts/number-text.ts';
import { Failed } from '../../parts/page-state.tsx';
import { exceptedRules, selectionOf, traitsOf, traitsText } from './exception-selection.ts';

export interface ExceptDialogProps {
  readonly alert: AlertDetailJson;
  readonly onClose: () => void;
}

/** Asks what of the alert is to be excepted from its rule, why and until when; says what that would have done in thirty days. */
export function ExceptDialog({ alert, onClose }: ExceptDialogProps) {
  const traits = useMemo(() => traitsOf(alert), [alert]);
  const [fields, setFields] = useState(() => traits.filter(({ isGroup }) => isGroup).map(({ field }) => field));
  const [reason, setReason] = useState('');
  const [expires, setExpires] = useState('');
  const queries = useQueryClient();
  const chosen = traits.filter(({ field }) => fields.includes(field));
  const selection = selectionOf(chosen);
  const { mutate, error, isPending } = useMutation({
    mutationFn: () =>
      call(createExceptionEndpoint, { body: { rules: [...exceptedRules(alert)], selection, reason, ...(expires !== '' && { expires }) } }),
    onSuccess: async () => {
      notifications.show({ message: 'Excepted: it counts for every event that comes in from now on.' });
      await Promise.all(['exceptions', 'rules'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Except this from the rule" size="lg" transitionProps={{ duration: 0 }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {error !== null && <Failed error={error} />}
          <Checkbox.Group
            label="Events of which all of this is so"
            description="The more is chosen, the less is excepted."
            value={fields}
            onChange={setFields}
          >
            <Stack gap="sm" mt="xs">
              {traits.map((trait, i) => (
                <Checkbox
                  key={trait.field}
                  size="xs"
                  value={trait.field}
                  label={traitsText([trait])}
                  {...(trait.isGroup && { description: 'the alert is grouped by it' })}
                  data-autofocus={i === 0 || undefined}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          {chosen.length > 0 && (
            <Text fz="sm" role="status">
              No alert of <b>{alert.rule_name}</b> any more where {traitsText(chosen)}.{' '}
              <Effect rule={alert.rule_id} selection={selection} />
            </Text>
          )}
          {alert.kind !== 'rule' && (
            <Text fz="sm">
              The events are excepted from {rulesText(exceptedRules(alert).length)} behind this alert: not counted any more, here or by
              anything else that counts them, and no alert of such a rule by itself.
            </Text>
          )}
          <Textarea
            label="Why"
            required
            autosize
            minRows={2}
            maxLength={1000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <TextInput
            label="Until"
            description="Without a day it holds until somebody deletes it, on the page of rules."
            type="date"
            value={expires}
            onChange={(event) => setExpires(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={isPending} disabled={chosen.length === 0}>
              Except
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const rulesText = (count: number): string => (count === 1 ? 'the rule' : `the ${whole(count)} rules`);

/** How many hits of the last thirty days it would have taken out. One question after the other: a caller may ask one at a time. */
function Effect({ rule, selection }: { readonly rule: string; readonly selection: string }) {
  const all = useQuery({
    queryKey: ['backtest', rule],
    queryFn: ({ signal }) => call(backtestEndpoint, { body: { rule }, signal }),
    retry: false,
  });
  const left = useQuery({
    queryKey: ['backtest', rule, selection],
    queryFn: ({ signal }) => call(backtestEndpoint, { body: { rule, except: selection }, signal }),
    enabled: all.data !== undefined,
    retry: false,
  });
  const error = all.error ?? left.error;
  if (error !== null) return <>How often that was so in the last 30 days is not known: {error.message}</>;
  if (all.data === undefined || left.data === undefined) return <>Looking at the last 30 days …</>;
  const [before, after] = [all.data, left.data];
  const since = before.stopped === undefined && after.stopped === undefined ? 'In the last 30 days' : 'As far back as was looked at';
  return (
    <>
      {since} this would have taken out {whole(Math.max(before.events - after.events, 0))} of {whole(before.events)} hits, and left{' '}
      {whole(after.alerts)} of {whole(before.alerts)} alerts.
    </>
  );
}
