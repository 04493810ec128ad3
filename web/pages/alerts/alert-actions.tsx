import { ActionIcon, Button, Group, Tooltip } from '@mantine/core';
import { Keyboard } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { ActJson, AlertAction, AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { may, useSession } from '../../data/session.ts';
import { ActDialog, type Asking } from './act-dialogs.tsx';
import { COMMENT_ID } from './alert-timeline.tsx';
import { AskPersonDialog } from './ask-person-dialog.tsx';
import { ExceptDialog } from './except-dialog.tsx';
import { exceptedRules } from './exception-selection.ts';
import { KeysHelp } from './keys-help.tsx';
import { SignOutDialog } from './sign-out-dialog.tsx';
import { useActs } from './use-acts.ts';
import { useAlertChanges } from './use-alert-changes.ts';
import { useKeys, useKeysOn } from './use-keys.ts';

interface Offer {
  readonly name: Exclude<AlertAction, 'comment'>;
  readonly word: string;
  readonly key?: string;
  readonly asks?: Asking;
}

const OFFERS: readonly Offer[] = [
  { name: 'acknowledge', word: 'Acknowledge', key: 'a' },
  { name: 'take', word: 'Take', key: 't' },
  { name: 'snooze', word: 'Snooze …', key: 's', asks: 'snooze' },
  { name: 'resolve', word: 'Resolve …', key: 'r', asks: 'resolve' },
  { name: 'reopen', word: 'Open again', key: 'o' },
  { name: 'assign', word: 'Assign …', key: 'g', asks: 'assign' },
  { name: 'unassign', word: 'Give back' },
];

/** What can be done with the alert now: the hub says what, the page how it is called. */
export function AlertActions({ alert }: { readonly alert: AlertDetailJson }) {
  const [asking, ask] = useState<Asking>();
  const [helpShown, setHelp] = useState(false);
  const [isExcepting, except] = useState(false);
  const [isSigningOut, signOut] = useState(false);
  const [isAskingPerson, askPerson] = useState(false);
  const systems = useActs(alert.id)?.systems ?? [];
  // What looks at many events is narrowed through the rules that it counts; silence has none.
  const mayExcept =
    may(useSession(), 'rules:write') && alert.rule !== undefined && alert.evidence.length > 0 && exceptedRules(alert).length > 0;
  const [keysOn] = useKeysOn();
  const { mutate, isPending } = useAlertChanges();
  const offers = useMemo(() => OFFERS.filter(({ name }) => alert.actions.some((action) => action.name === name)), [alert.actions]);
  const { id, revision } = alert;
  const actOn = useCallback(
    (act: ActJson, note?: string) => {
      ask(undefined);
      mutate({ alerts: [{ id, revision }], act, ...(note && { note }) });
    },
    [id, revision, mutate],
  );
  const start = useCallback(
    ({ name, asks }: Offer) => {
      if (asks !== undefined) ask(asks);
      else if (name !== 'snooze' && name !== 'assign') actOn({ kind: name });
    },
    [actOn],
  );
  const keys = useMemo(
    () => ({
      ...Object.fromEntries(offers.flatMap((offer) => (offer.key === undefined ? [] : [[offer.key, () => start(offer)] as const]))),
      c: () => document.getElementById(COMMENT_ID)?.focus(),
      '?': () => setHelp(true),
    }),
    [offers, start],
  );
  useKeys(keys, keysOn);
  return (
    <Group gap="xs" role="toolbar" aria-label="What to do with this alert">
      {offers.map((offer, i) => (
        <Button
          key={offer.name}
          variant={i === 0 ? 'filled' : 'default'}
          disabled={isPending}
          onClick={() => start(offer)}
          {...(offer.key !== undefined && keysOn && { 'aria-keyshortcuts': offer.key })}
        >
          {offer.word}
        </Button>
      ))}
      {mayExcept && (
        <Button variant="default" onClick={() => except(true)}>
          Except this …
        </Button>
      )}
      {alert.askable.length > 0 && (
        <Button variant="default" onClick={() => askPerson(true)}>
          Ask the person …
        </Button>
      )}
      {systems.length > 0 && (
        <Button variant="default" onClick={() => signOut(true)}>
          Sign out …
        </Button>
      )}
      <Tooltip label="Keys (?)">
        <ActionIcon variant="subtle" color="gray" aria-label="Keys" onClick={() => setHelp(true)}>
          <Keyboard size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {isSigningOut && <SignOutDialog alert={alert} systems={systems} onClose={() => signOut(false)} />}
      {isAskingPerson && <AskPersonDialog alert={alert} onClose={() => askPerson(false)} />}
      {isExcepting && <ExceptDialog alert={alert} onClose={() => except(false)} />}
      <ActDialog asking={asking} count={1} onClose={() => ask(undefined)} onAct={actOn} />
      <KeysHelp opened={helpShown} onClose={() => setHelp(false)} />
    </Group>
  );
}
