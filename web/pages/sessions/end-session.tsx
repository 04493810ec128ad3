import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { useState } from 'react';
import { type ActJson, listActsEndpoint } from '../../../src/api/contract/acts.ts';
import type { PrivilegedSessionJson } from '../../../src/api/contract/privileged-sessions.ts';
import { call } from '../../data/client.ts';
import { may, useSession } from '../../data/session.ts';
import { ActView } from '../../parts/act-view.tsx';
import { Panel } from '../../parts/panel.tsx';
import { PlanAct } from '../../parts/plan-act.tsx';
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

function EndDialog({ session, system, onClose }: EndDialogProps) {
  return (
    <PlanAct
      title="End this session"
      wanted={{ system, targets: [targetOf(session)] }}
      consequence="loses what they have not saved"
      onClose={onClose}
    >
      <Text>
        The vault is asked for the open sessions of <b>{titleOf(session)}</b>. Nothing is ended yet.
      </Text>
    </PlanAct>
  );
}

/** As the vault may call it: its events do not carry the session's id. */
function targetOf({ person, host, address, account }: PrivilegedSessionJson): string {
  const machine = host === '' ? address : address === '' ? host : `${host} (${address})`;
  return `${person} on ${machine} as ${account}`;
}
