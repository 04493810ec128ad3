import { Anchor, Checkbox, Group, NativeSelect, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { DETECTION_SERIES, type DetectionSeries, type DetectionsJson, detectionsEndpoint } from '../../../src/api/contract/detections.ts';
import { LEVELS, type Level } from '../../../src/model/severity.ts';
import { call } from '../../data/client.ts';
import { BarTimeChart } from '../../parts/bar-time-chart.tsx';
import { Donut } from '../../parts/donut.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { share, whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TimeRange, useTimeRange } from '../../parts/time-range.tsx';
import { LEVEL_LOOK } from '../../theme/level.ts';
import { Anomalies } from './anomalies.tsx';
import { RuleTable } from './rule-table.tsx';
import './detections.css';

const STANDARD = { from: 'now-7d', to: 'now' } as const;
const WORST_FIRST = LEVELS.toReversed();
const BY_WORDS: Readonly<Record<DetectionSeries, string>> = { level: 'Level', rule: 'Rule', technique: 'ATT&CK technique' };

/** Events that rules hit: over time, by what hit them and whom, and what is not as usual. Everything leads to the events. */
export function DetectionsPage() {
  const { from, to, setRange } = useTimeRange(STANDARD);
  const [search, setSearch] = useSearchParams();
  const q = search.get('q') ?? '';
  const by = DETECTION_SERIES.find((each) => each === search.get('by')) ?? 'level';
  const isAll = search.get('informational') === '1';
  const set = (name: 'q' | 'by' | 'informational', value: string) =>
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (value === '') after.delete(name);
      else after.set(name, value);
      return after;
    });
  const { data, error, refetch } = useQuery({
    queryKey: ['detections', q, from, to, by, isAll],
    // What is informational is mostly there to be counted by correlations: each sign-in would hide all else.
    queryFn: ({ signal }) => call(detectionsEndpoint, { query: { q, from, to, by, least_level: isAll ? 'informational' : 'low' }, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead title="Detections" about="Events that rules hit, whether or not an alert came of them.">
        <TimeRange standard={STANDARD} />
      </PageHead>
      <Group gap="xs" mb="md" align="flex-end">
        <Narrow key={q} q={q} onChange={(text) => set('q', text)} />
        <NativeSelect
          size="xs"
          label="Over time by"
          value={by}
          onChange={(event) => set('by', event.currentTarget.value)}
          data={DETECTION_SERIES.map((value) => ({ value, label: BY_WORDS[value] }))}
        />
        <Checkbox
          size="xs"
          pb={7}
          label="Informational rules too"
          checked={isAll}
          onChange={(event) => set('informational', event.currentTarget.checked ? '1' : '')}
        />
      </Group>
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {error === null && data === undefined && <Loading what="detections" />}
      {data !== undefined && error === null && (
        <Shown data={data} by={by} isAll={isAll} onRange={(start, end) => setRange({ from: start, to: end })} />
      )}
    </>
  );
}

/** A search that the events must match too. */
function Narrow({ q, onChange }: { readonly q: string; readonly onChange: (text: string) => void }) {
  const [text, setText] = useState(q);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChange(text.trim());
  };
  return (
    <form onSubmit={submit} className="detections-narrow">
      <TextInput
        label="Only events that match"
        placeholder="user.name:alice AND NOT event.outcome:failure"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        classNames={{ input: 'mono' }}
      />
    </form>
  );
}

interface ShownProps {
  readonly data: DetectionsJson;
  readonly by: DetectionSeries;
  /** Informational rules too. */
  readonly isAll: boolean;
  readonly onRange: (from: string, to: string) => void;
}

function Shown({ data, by, isAll, onRange }: ShownProps) {
  const range = { from: data.from, to: data.to };
  if (data.total === 0)
    return (
      <Empty title={`No rule${isAll ? '' : ' above informational'} has hit anything`}>
        Neither in this time, nor with this filter. <Link to="/rules">Which rules are running?</Link> {' · '}
        <Link to={linkToEvents(range)}>All events of this time</Link>
      </Empty>
    );
  const titles = new Map(data.rules.map((rule) => [rule.id, rule.title]));
  const nameOf = (value: string) => (by === 'level' ? levelWord(value) : by === 'rule' ? (titles.get(value) ?? value) : value);
  return (
    <Stack gap="md">
      <Panel
        title={`${whole(data.total)} events`}
        about={comparison(data)}
        aside={
          <Anchor component={Link} to={linkToEvents({ q: data.q, ...range })} fz="sm">
            All of them in the explorer
          </Anchor>
        }
      >
        <BarTimeChart
          label={`Events that rules hit, over time by ${BY_WORDS[by]}`}
          bars={data.bars}
          intervalMs={data.interval_ms}
          {...(by === 'level' && { order: WORST_FIRST })}
          nameOf={nameOf}
          onRange={onRange}
        />
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Panel title="Unusual" about="Against the time before: what was never there, and what is at least three times as much.">
          <Anomalies data={data} />
        </Panel>
        <Panel title="By level">
          <Pie label="Events by level" values={data.levels} range={range} nameOf={levelWord} />
        </Panel>
      </SimpleGrid>
      <Panel title="By rule" about="An event that two rules hit counts under both.">
        <RuleTable rules={data.rules} range={range} />
      </Panel>
      <SimpleGrid cols={{ base: 1, sm: 2, xl: 3 }} spacing="md">
        <Panel title="By person">
          <Pie label="Events by person" {...data.people} range={range} />
        </Panel>
        <Panel title="By ATT&CK technique" about="As the rules are tagged now.">
          <Pie label="Events by ATT&CK technique" values={data.techniques} range={range} />
        </Panel>
        <Panel title="By product">
          <Pie label="Events by product" {...data.products} range={range} />
        </Panel>
        <Panel title="By host">
          <Pie label="Events by host" {...data.hosts} range={range} />
        </Panel>
        <Panel title="By address">
          <Pie label="Events by address" {...data.addresses} range={range} />
        </Panel>
        <Panel title="By dataset">
          <Pie label="Events by dataset" {...data.datasets} range={range} />
        </Panel>
      </SimpleGrid>
    </Stack>
  );
}

const levelWord = (value: string): string => LEVEL_LOOK[value as Level]?.word ?? value;

function comparison({ total, total_before: before }: DetectionsJson): string {
  if (before === 0) return 'There were none in as long a time before.';
  const change = total - before;
  const words = change === 0 ? 'as many as' : change > 0 ? `${share(change, before)} more than` : `${share(-change, before)} fewer than`;
  return `${words} in as long a time before (${whole(before)})`;
}

interface PieProps {
  readonly label: string;
  readonly values: DetectionsJson['levels'];
  readonly others?: number;
  readonly missing?: number;
  readonly range: { readonly from: string; readonly to: string };
  readonly nameOf?: (value: string) => string;
}

/** A pie whose every slice leads to its events. */
function Pie({ label, values, others = 0, missing = 0, range, nameOf }: PieProps) {
  const queries = new Map(values.map(({ value, q }) => [value, q]));
  if (values.length === 0) return <Text c="dimmed">None of the events says.</Text>;
  return (
    <Donut
      label={label}
      values={values}
      others={others}
      missing={missing}
      {...(nameOf && { nameOf })}
      linkOf={(value) => linkToEvents({ q: queries.get(value), ...range })}
    />
  );
}
