import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { setMaturityEndpoint } from '../../../src/api/contract/rules.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { Failed } from '../../parts/page-state.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import type { Rule } from './use-rules.ts';

type Of = Pick<Rule, 'id' | 'title' | 'staged' | 'maturity_set'>;

/** Puts a rule on trial or live, with why. Only for who may. */
export function MaturitySwitch({ rule }: { readonly rule: Of }) {
  const [isAsking, ask] = useState(false);
  if (!may(useSession(), 'rules:write')) return null;
  return (
    <>
      <Button variant="default" size="xs" onClick={() => ask(true)}>
        {rule.staged ? 'Make it live …' : 'Put it on trial …'}
      </Button>
      {isAsking && <Ask rule={rule} onClose={() => ask(false)} />}
    </>
  );
}

function Ask({ rule, onClose }: { readonly rule: Of; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const maturity = rule.staged ? 'live' : 'staged';
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(setMaturityEndpoint, { params: { id: rule.id }, body: { maturity, reason } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['rules'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <Modal opened onClose={onClose} title={rule.staged ? 'Make the rule live' : 'Put the rule on trial'} transitionProps={{ duration: 0 }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {error !== null && <Failed error={error} />}
          <Text fz="sm">
            {rule.staged
              ? 'What it finds opens alerts from now on, and people are told.'
              : 'What it finds is recorded with the events; no alert opens, and nobody is told.'}
          </Text>
          <TextInput label="Why" required data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button type="submit" loading={isPending}>
              {rule.staged ? 'Make it live' : 'Put it on trial'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Where it is said that a rule is on trial, or live. */
export function MaturityNote({ rule: { staged, maturity_set: said } }: { readonly rule: Of }) {
  if (!staged && said === undefined) return null;
  return (
    <Text role="note">
      {staged ? 'On trial: what it finds is recorded with the events. No alert opens, and nobody is told. ' : 'Live. '}
      {said === undefined ? (
        '(rules.staged)'
      ) : (
        <>
          {said.by} has said so, <TimeText iso={said.at} form="ago" />: {said.reason}
        </>
      )}
    </Text>
  );
}
