import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { type ActJson, listActsEndpoint, planActEndpoint } from '../../../src/api/contract/acts.ts';
import type { PrivilegedSessionJson } from '../../../src/api/contract/privileged-sessions.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { ActView, Decide } from '../../parts/act-view.tsx';
import { Failed } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { titleOf } from './session-words.ts';

const ENDED: ReadonlySet<ActJson['state']> = new Set(['proven', 'refused', 'failed']);
const BUSY_MS = 2_000;
const QUIET_MS = 15_000;

/** Where Earshot can end sessions of this product, and what it was asked to do to this person's since this one began. */
function useSessionActs({ product, person, started_at: started }: PrivilegedSessionJson) {
  const isAllowed = may(useSession(), 'respond');
  const { data } = useQuery({
    queryKey: ['acts', 'sessions'],
    queryFn: ({ signal }) => call(listActsEndpoint, { query: { limit: '200' }, signal }),
    enabled: isAllowed,
    refetchInterval: ({ state }) => (state.data?.acts.some((act) => !ENDED.has(act.state)) === true ? BUSY_MS : QUIET_MS),
  });
  const type = `${product}_sessions`;
  const isAbout = ({ targets }: ActJson) => targets.some(({ label }) => label.toLowerCase().startsWith(`${person.toLowerCase()} on `));
  return {
    system: data?.systems.find((each) => each.type === type && each.does === 'end_sessions'),
    acts: (data?.acts ?? []).filter((act) => act.type === type && act.planned_at >= (started ?? '') && isAbout(act)),
  };
}

/** The way to end a session that is open, for who may, where Earshot can. */
export function EndSession({ session }: { readonly session: PrivilegedSessionJson }) {
  const { system } = useSessionActs(session);
  const [isOpen, setOpen] = useState(false);
  if (system === undefined || session.state !== 'open') return null;
  return (
    <>
      <Button color="red.9" leftSection={<PlugZap size={14} aria-hidden />} onClick={() => setOpen(true)}>
        End …
      </Button>
      {isOpen && <EndDialog session={session} system={system.name} onClose={() => setOpen(false)} />}
    </>
  );
}

/** What was asked for, and what became of it. Nothing where nothing was. */
export function SessionActs({ session, onOpen }: { readonly session: PrivilegedSessionJson; readonly onOpen: (id: string) => void }) {
  const { acts } = useSessionActs(session);
  if (acts.length === 0) return null;
  return (
    <Panel title="Done in the vault" about="To open sessions of this person since this one began.">
      <Stack gap="sm">
        {acts.map((act) => (
          <ActView key={act.id} act={act} onOpen={onOpen} />
        ))}
      </Stack>
    </Panel>
  );
}

interface EndDialogProps {
  readonly session: PrivilegedSessionJson;
  readonly system: string;
  readonly onClose: () => void;
}

/** Shows what would be done; does it only then. */
function EndDialog({ session, system, onClose }: EndDialogProps) {
  const [plan, setPlan] = useState<ActJson>();
  return (
    <Modal opened onClose={onClose} title={plan === undefined ? 'End this session' : 'Do this?'} transitionProps={{ duration: 0 }}>
      {plan === undefined ? (
        <PlanForm session={session} system={system} onPlanned={setPlan} />
      ) : (
        <Confirmation plan={plan} onClose={onClose} />
      )}
    </Modal>
  );
}

/** As the vault may call it: its events do not carry the session's id. */
function targetOf({ person, host, address, account }: PrivilegedSessionJson): string {
  const machine = host === '' ? address : address === '' ? host : `${host} (${address})`;
  return `${person} on ${machine} as ${account}`;
}

function PlanForm({ session, system, onPlanned }: Omit<EndDialogProps, 'onClose'> & { readonly onPlanned: (plan: ActJson) => void }) {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => call(planActEndpoint, { body: { system, targets: [targetOf(session)], reason } }),
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
        <Text>
          The vault is asked for the open sessions of <b>{titleOf(session)}</b>. Nothing is ended yet.
        </Text>
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
          <Button type="submit" loading={isPending}>
            Show what it would do
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Names which sessions. Who may not confirm their own plan is told so. */
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
          <Text c="dimmed">Nothing is done yet. It cannot be undone: whoever it is loses what they have not saved.</Text>
          <Decide act={plan} onDecided={onClose} />
        </>
      )}
    </Stack>
  );
}
