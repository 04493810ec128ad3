import { Group, Paper, SimpleGrid, Text } from '@mantine/core';
import { ArrowDown, ArrowUp, Equal, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Overview } from '../../../src/api/contract/overview.ts';
import { durationText } from '../../../src/model/duration-text.ts';
import { LEVELS } from '../../../src/model/severity.ts';
import { linkToAlerts } from '../../parts/link-to-alerts.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { PartOf } from '../../parts/part-state.tsx';
import { SparkBars } from '../../parts/spark-bars.tsx';
import { type Change, type ChangeWords, COUNT_WORDS, changeOf, PACE_WORDS, RISK_WORDS } from './change.ts';

/** The numbers of the period, each against the period before. */
export function Tiles({ overview: { events, detections, alerts, from, to } }: { readonly overview: Overview }) {
  const toAlerts = linkToAlerts({ from, to });
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      <Tile title="Events">
        <PartOf part={events}>
          {({ total, before, bars }) => (
            <>
              <Count now={total} before={before} words={COUNT_WORDS} to={linkToEvents({ from, to })} />
              <SparkBars counts={bars.map(({ count }) => count)} label={`Events over time: ${bars.map(({ count }) => count).join(', ')}`} />
            </>
          )}
        </PartOf>
      </Tile>
      <Tile title="Events that a rule matched">
        <PartOf part={detections}>
          {({ total, before, queries }) => (
            <Count now={total} before={before} words={COUNT_WORDS} to={linkToEvents({ q: queries.all, from, to })} />
          )}
        </PartOf>
      </Tile>
      <Tile title="Alerts">
        <PartOf part={alerts}>
          {({ now, before }) => <Count now={now.total} before={before.total} words={COUNT_WORDS} to={toAlerts} />}
        </PartOf>
      </Tile>
      <Tile title="Risk">
        <PartOf part={alerts}>
          {({ now, before, risk_weights: weights }) => (
            <>
              <Count now={now.risk} before={before.risk} words={RISK_WORDS} to={toAlerts} />
              <Text fz="xs" c="dimmed">
                Alerts by weight:{' '}
                {LEVELS.filter((level) => weights[level] > 0)
                  .map((level) => `${level} ${weights[level]}`)
                  .join(', ')}
              </Text>
            </>
          )}
        </PartOf>
      </Tile>
      <Tile title="Time to acknowledge">
        <PartOf part={alerts}>
          {({ now, before }) => <Pace now={now.median_acknowledge_secs} before={before.median_acknowledge_secs} what="acknowledged" />}
        </PartOf>
      </Tile>
      <Tile title="Time to resolve">
        <PartOf part={alerts}>
          {({ now, before }) => <Pace now={now.median_resolve_secs} before={before.median_resolve_secs} what="resolved" />}
        </PartOf>
      </Tile>
    </SimpleGrid>
  );
}

function Tile({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Paper component="section" p="sm" aria-label={title}>
      <Text fz="xs" c="dimmed">
        {title}
      </Text>
      {children}
    </Paper>
  );
}

function Count({
  now,
  before,
  words,
  to,
}: {
  readonly now: number;
  readonly before: number;
  readonly words: ChangeWords;
  readonly to: string;
}) {
  return (
    <>
      <Link to={to} className="figure">
        {whole(now)}
      </Link>
      <Against change={changeOf(now, before, words)} before={whole(before)} />
    </>
  );
}

function Pace({ now, before, what }: { readonly now: number | undefined; readonly before: number | undefined; readonly what: string }) {
  if (now === undefined)
    return (
      <Text fz="sm" mt={4}>
        No alert of this time was {what} yet
      </Text>
    );
  return (
    <>
      <Text className="figure">{durationText(now)}</Text>
      {before === undefined ? (
        <Text fz="xs" c="dimmed">
          Half of the alerts took no longer
        </Text>
      ) : (
        <Against change={changeOf(now, before, PACE_WORDS)} before={durationText(before)} />
      )}
    </>
  );
}

const SIGN: Readonly<Record<Change['direction'], LucideIcon>> = { up: ArrowUp, down: ArrowDown, same: Equal };

function Against({ change: { direction, words }, before }: { readonly change: Change; readonly before: string }) {
  const Sign = SIGN[direction];
  return (
    <Group gap={4} wrap="nowrap" align="center">
      <Sign size={13} aria-hidden style={{ flexShrink: 0 }} />
      <Text fz="xs">
        {words}{' '}
        <Text span c="dimmed" fz="xs">
          (before: {before})
        </Text>
      </Text>
    </Group>
  );
}
