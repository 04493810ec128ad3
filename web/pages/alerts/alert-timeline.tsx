import { Anchor, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { BellRing, FileText, UserRound, Zap } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { type Happening, happeningsOf } from './alert-happenings.ts';
import { useAlertChanges } from './use-alert-changes.ts';

export function AlertTimeline({ alert, onOpen }: { readonly alert: AlertDetailJson; readonly onOpen: (id: string) => void }) {
  return (
    <Stack gap="sm">
      <ol className="timeline">
        {happeningsOf(alert).map((happening) => (
          <li key={happening.key}>
            <Sign happening={happening} />
            <div>
              <Line happening={happening} onOpen={onOpen} />
              {happening.note !== undefined && <p className="timeline-note">{happening.note}</p>}
            </div>
            <Text component="span" c="dimmed" fz="sm">
              <TimeText iso={happening.at} />
            </Text>
          </li>
        ))}
      </ol>
      {alert.actions.some(({ name }) => name === 'comment') && <CommentForm alert={alert} />}
    </Stack>
  );
}

const SIGNS = { event: FileText, told: BellRing } as const;

function Sign({ happening: { kind, who } }: { readonly happening: Happening }) {
  const Icon = kind === 'change' ? (who === undefined ? Zap : UserRound) : SIGNS[kind];
  return <Icon size={14} aria-hidden />;
}

function Line({ happening: { text, who, eventId }, onOpen }: { readonly happening: Happening; readonly onOpen: (id: string) => void }) {
  if (eventId !== undefined)
    return (
      <Anchor component="button" type="button" className="timeline-event" onClick={() => onOpen(eventId)}>
        {text}
      </Anchor>
    );
  return (
    <span>
      {text}
      {who !== undefined && (
        <>
          {' by '}
          <strong>{who}</strong>
        </>
      )}
    </span>
  );
}

/** Where the key `c` leads. */
export const COMMENT_ID = 'comment';

function CommentForm({ alert }: { readonly alert: AlertDetailJson }) {
  const [text, setText] = useState('');
  const { mutate, isPending } = useAlertChanges(() => setText(''));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Another's change does not make a comment wrong: it goes without a revision.
    if (text.trim() !== '') mutate({ alerts: [{ id: alert.id }], act: { kind: 'comment' }, note: text.trim() });
  };
  return (
    <form onSubmit={submit}>
      <Textarea
        id={COMMENT_ID}
        label="Comment"
        size="xs"
        autosize
        minRows={2}
        maxLength={2000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="xs">
        <Button type="submit" variant="default" loading={isPending}>
          Comment
        </Button>
      </Group>
    </form>
  );
}
