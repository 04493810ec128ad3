import { CloseButton, Group, Paper, Text, Title } from '@mantine/core';
import { BarTimeChart } from '../../parts/bar-time-chart.tsx';
import { Donut } from '../../parts/donut.tsx';
import { whole } from '../../parts/number-text.ts';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { canBeTerm, isValue, opposite } from '../../parts/query-text.ts';
import type { ExplorerState } from './address.ts';
import { useQuickValues } from './use-events.ts';

/** One field's most frequent values as a pie, and when they came. */
export function QuickValues({
  field,
  state,
  run,
  onTerm,
  onRange,
  onClose,
}: {
  readonly field: string;
  readonly state: ExplorerState;
  readonly run: number;
  readonly onTerm: (term: string) => void;
  readonly onRange: (from: string, to: string) => void;
  readonly onClose: () => void;
}) {
  const { data, error, refetch } = useQuickValues(state, field, run);
  const top = data?.top[0];
  const histogram = data?.histogram;
  const pick = (value: string, exclude: boolean) => {
    if (!canBeTerm(field, value)) return;
    onTerm(exclude ? opposite(isValue(field, value)) : isValue(field, value));
  };
  return (
    <Paper component="section" aria-label={`Quick values of ${field}`} p="sm">
      <Group justify="space-between" mb="xs" gap="xs" wrap="nowrap">
        <Title order={2} fz="md">
          Quick values of <span className="mono">{field}</span>
        </Title>
        <CloseButton aria-label="Close quick values" onClick={onClose} />
      </Group>
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {error === null && top === undefined && <Loading what="the values" />}
      {top !== undefined && top.values.length === 0 && (
        <Empty title="No event of this search has this field">Choose another field, or a longer time.</Empty>
      )}
      {top !== undefined && top.values.length > 0 && (
        <div className="quick">
          <div>
            <Donut label={`Values of ${field}`} values={top.values} others={top.others} missing={top.missing} size={140} onPick={pick} />
            <Text c="dimmed" fz="xs">
              {whole(top.distinct)} different values in {whole(top.total)} events. A value narrows the search to it; with the alt key, to
              all but it.
            </Text>
          </div>
          {histogram && (
            <BarTimeChart
              label={`Events over time by ${field}`}
              bars={histogram.bars}
              intervalMs={histogram.interval_ms}
              order={top.values.map(({ value }) => value)}
              height={170}
              onRange={onRange}
              onValue={(value) => value !== '' && pick(value, false)}
            />
          )}
        </div>
      )}
    </Paper>
  );
}
