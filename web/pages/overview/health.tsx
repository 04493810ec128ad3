import { Anchor, Progress, Stack, Text } from '@mantine/core';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Overview } from '../../../src/api/contract/overview.ts';
import { durationText } from '../../../src/model/duration-text.ts';
import { bytesText } from '../../parts/bytes-text.ts';
import { share, whole } from '../../parts/number-text.ts';
import { PartOf } from '../../parts/part-state.tsx';

/** A minute behind is felt by who waits for an alert. */
const LATE_SECS = 60;
const FULL = 0.8;

export function Health({ health: { intake, engine, disk, outbox, correlations } }: { readonly health: Overview['health'] }) {
  return (
    <Stack gap="sm">
      <PartOf part={intake}>
        {({ open, why, lag_secs: lag, faults, sources }) => (
          <>
            <State good={open} title="Intake">
              {open ? `takes in from ${sources} ${sources === 1 ? 'source' : 'sources'}` : `closed: ${why ?? 'not known why'}`}
            </State>
            {faults.map(({ source, fault }) => (
              <State key={source} good={false} title={`Source ${source}`}>
                {fault}{' '}
                <Anchor component={Link} to="/sources" fz="sm">
                  Sources
                </Anchor>
              </State>
            ))}
            <State good={lag < LATE_SECS} title="Behind">
              {lag < 1 ? 'nothing waits to be searchable' : `the oldest message that cannot be found yet came ${durationText(lag)} ago`}
            </State>
          </>
        )}
      </PartOf>
      <PartOf part={intake}>
        {({ raw_log_bytes: used, raw_log_max_bytes: most }) => (
          <State good={used < most * FULL} title="Raw log">
            {bytesText(used)} of {bytesText(most)} wait ({share(used, most)})
            <Progress value={(used / most) * 100} size="xs" mt={4} aria-label="Fill of the raw log" />
          </State>
        )}
      </PartOf>
      <PartOf part={engine}>
        {({ events, bytes }) => (
          <State good title="Engine">
            {events === undefined ? '' : `${whole(events)} events in `}
            {bytesText(bytes)} on disk
          </State>
        )}
      </PartOf>
      {correlations !== undefined && <Correlations {...correlations} />}
      <PartOf part={disk}>
        {({ level, free_bytes: free, total_bytes: total }) => (
          <State good={level === 'ok'} title="Disk">
            {bytesText(free)} of {bytesText(total)} free
            {level === 'ok' ? '' : level === 'warn' ? ': filling' : ': nothing more is taken in'}
          </State>
        )}
      </PartOf>
      <PartOf part={outbox}>
        {({ waiting, dead }) => (
          <State good={dead === 0} title="Notifications">
            {waiting === 0 ? 'none waits' : `${whole(waiting)} ${waiting === 1 ? 'waits' : 'wait'}`}
            {dead > 0 && (
              <>
                ;{' '}
                <Anchor component={Link} to="/notifications" fz="sm">
                  {whole(dead)} {dead === 1 ? 'was' : 'were'} given up
                </Anchor>
              </>
            )}
          </State>
        )}
      </PartOf>
    </Stack>
  );
}

function Correlations({ lag_secs: lag, gap_secs: gap }: NonNullable<Overview['health']['correlations']>) {
  return (
    <>
      <State good={lag < LATE_SECS} title="Correlations">
        {lag < LATE_SECS ? 'they are up to date' : `what came ${durationText(lag)} ago was not looked at yet`}
      </State>
      {gap > 0 && (
        <State good={false} title="Correlations">
          {durationText(gap)} of events were never looked at
        </State>
      )}
    </>
  );
}

function State({ good, title, children }: { readonly good: boolean; readonly title: string; readonly children: ReactNode }) {
  const Sign = good ? CircleCheck : TriangleAlert;
  return (
    <div className="health-line">
      <Sign size={15} aria-label={good ? 'in order' : 'look at this'} color={`var(--mantine-color-${good ? 'green-7' : 'orange-6'})`} />
      <Text fz="sm" component="div">
        <Text span fw={600} fz="sm">
          {title}
        </Text>
        : {children}
      </Text>
    </div>
  );
}
