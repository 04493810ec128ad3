import { Anchor, Text } from '@mantine/core';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { TimeText } from '../../parts/time-text.tsx';

/** The events that an alert keeps; of each, which leaf of the rule matched which value. */
export function AlertEvidence({ alert, onOpen }: { readonly alert: AlertDetailJson; readonly onOpen: (id: string) => void }) {
  if (alert.evidence.length === 0) return <Text c="dimmed">You may see none of its events.</Text>;
  return (
    <ol className="evidence">
      {alert.evidence.map((event) => (
        <li key={event.event_id}>
          <div className="evidence-head">
            <TimeText iso={event.timestamp} />
            <Text component="span" c="dimmed" fz="sm">
              {[event.action, event.outcome, event.dataset].filter(Boolean).join(' · ')}
            </Text>
            <Anchor component="button" type="button" fz="sm" ml="auto" onClick={() => onOpen(event.event_id)}>
              Full details
            </Anchor>
          </div>
          <p className="evidence-message">{event.message}</p>
          <dl className="evidence-matches">
            {event.matches.map(({ field, value, leaf }) => (
              <Match key={`${field} ${leaf} ${value}`} field={field} value={value} leaf={leaf} />
            ))}
          </dl>
        </li>
      ))}
    </ol>
  );
}

function Match({ field, value, leaf }: AlertDetailJson['evidence'][number]['matches'][number]) {
  return (
    <>
      <dt className="mono">{leaf}</dt>
      <dd>
        because {field} is <strong>{value === '' ? '(empty)' : value}</strong>
      </dd>
    </>
  );
}
