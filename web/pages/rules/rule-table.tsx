import { Badge, Paper, Select, Table, Text, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { Fragment, type ReactNode, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { RuleActivity } from '../../../src/api/contract/rules.ts';
import { LEVELS } from '../../../src/model/severity.ts';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { SparkBars } from '../../parts/spark-bars.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { WideTable } from '../../parts/wide-table.tsx';
import './rules.css';
import {
  alertsByName,
  costText,
  deferredText,
  type Hits,
  hitsById,
  noiseText,
  queryOfRule,
  type Rule,
  type RuleAlerts,
} from './use-rules.ts';

const ORDERS = { level: 'Level', hits: 'Most hits', noise: 'Most noise', cost: 'Most time', title: 'Title' } as const;
type Order = keyof typeof ORDERS;
const isOrder = (text: string | null): text is Order => text !== null && Object.hasOwn(ORDERS, text);

export function RuleTable({ rules, activity }: { readonly rules: readonly Rule[]; readonly activity: RuleActivity | undefined }) {
  const [search, setSearch] = useSearchParams();
  const [words, setWords] = useState('');
  const asked = search.get('order');
  const order: Order = isOrder(asked) ? asked : 'level';
  const hits = hitsById(activity);
  const alerts = alertsByName(activity);
  const shown = rules.filter((rule) => holds(rule, words)).toSorted(comparing(order, hits, alerts));
  return (
    <>
      <div className="filters">
        <TextInput
          aria-label="Find rules"
          placeholder="Title, name, tag"
          leftSection={<Search size={13} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Select
          aria-label="Order"
          allowDeselect={false}
          data={Object.entries(ORDERS).map(([value, label]) => ({ value, label }))}
          value={order}
          onChange={(value) => setSearch(value === null || value === 'level' ? {} : { order: value }, { replace: true })}
        />
      </div>
      <Paper p={0}>
        <WideTable minWidth={1080} label="All rules" className="rule-table">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Rule</Table.Th>
              <Table.Th>Level</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th ta="right">24 h</Table.Th>
              <Table.Th ta="right">30 days</Table.Th>
              <Table.Th>By day</Table.Th>
              <Table.Th>Last hit</Table.Th>
              <Table.Th>Noise</Table.Th>
              <Table.Th>Tests</Table.Th>
              <Table.Th ta="right">Time cost</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((rule) => (
              <Row
                key={rule.id}
                rule={rule}
                known={hits !== undefined && rule.kind === 'rule'}
                hits={hits?.get(rule.id)}
                alerts={alerts?.get(rule.name)}
              />
            ))}
          </Table.Tbody>
        </WideTable>
        {shown.length === 0 && (
          <Text p="md" c="dimmed">
            No rule has these words.
          </Text>
        )}
      </Paper>
    </>
  );
}

function Row({
  rule,
  known,
  hits,
  alerts,
}: {
  readonly rule: Rule;
  readonly known: boolean;
  readonly hits: Hits | undefined;
  readonly alerts: RuleAlerts | undefined;
}) {
  const q = queryOfRule(rule.id);
  const noise = alerts && noiseText(alerts);
  const later = deferredText(rule);
  return (
    <Table.Tr>
      <Table.Td>
        <Link to={`/rules/${rule.id}`}>{rule.title}</Link>
        <Text fz="xs" c="dimmed" className="mono">
          {rule.name}
        </Text>
        {rule.words !== undefined && (
          <Text fz="xs" c="dimmed">
            {rule.words}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <LevelBadge level={rule.level} />
      </Table.Td>
      <Table.Td>
        <RuleState rule={rule} />
      </Table.Td>
      <Table.Td ta="right">
        {known ? <Link to={linkToEvents({ q, from: 'now-24h', to: 'now' })}>{whole(hits?.day ?? 0)}</Link> : '–'}
      </Table.Td>
      <Table.Td ta="right">
        {known ? <Link to={linkToEvents({ q, from: 'now-30d', to: 'now' })}>{whole(hits?.month ?? 0)}</Link> : '–'}
      </Table.Td>
      <Table.Td>{hits && <SparkBars counts={hits.days} label={`Hits of each of the last 30 days: ${hits.days.join(', ')}`} />}</Table.Td>
      <Table.Td>
        {hits ? (
          <TimeText iso={hits.last_at} form="ago" />
        ) : known ? (
          <Text c="dimmed" fz="sm">
            none
          </Text>
        ) : (
          '–'
        )}
      </Table.Td>
      <Table.Td>
        {noise ?? (
          <Text c="dimmed" fz="sm">
            {alerts ? 'none resolved' : 'no alerts'}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Tests tests={rule.tests} />
      </Table.Td>
      <Table.Td ta="right">
        {costText(rule)}
        {later !== undefined && (
          <Text c="dimmed" fz="xs">
            {later}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

const stateOf = ({ staged, silent, quieted_by: quietedBy }: Pick<Rule, 'staged' | 'silent' | 'quieted_by'>): string => {
  if (staged) return 'On trial';
  if (silent !== undefined) return 'Never fires';
  return quietedBy.length > 0 ? 'Counted only' : 'Live';
};

/** Live, or why it is not; and how far Sigma's authors trust it. */
export function RuleState({ rule }: { readonly rule: Pick<Rule, 'staged' | 'silent' | 'status' | 'quieted_by'> }) {
  const { status } = rule;
  return (
    <>
      <Badge variant="default">{stateOf(rule)}</Badge>
      {status !== undefined && (
        <Text fz="xs" c="dimmed">
          {status}
        </Text>
      )}
    </>
  );
}

const Tests = ({ tests: { match, no_match: noMatch, fault } }: { readonly tests: Rule['tests'] }) =>
  fault === undefined ? (
    <Text fz="sm">
      {match} match,
      <br />
      {noMatch} near miss
    </Text>
  ) : (
    <Text fz="sm" className="rule-fault">
      {breakable(fault)}
    </Text>
  );

/** May be broken behind the parts of a file's name, which is one long word. */
const breakable = (text: string): ReactNode =>
  text.split(/(?<=[_.])/).map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text, which stay in their order
    <Fragment key={i}>
      {part}
      <wbr />
    </Fragment>
  ));

const holds = ({ title, name, tags, id }: Rule, words: string): boolean =>
  words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => [title, name, id, ...tags].some((text) => text.toLowerCase().includes(word)));

function comparing(
  order: Order,
  hits: ReadonlyMap<string, Hits> | undefined,
  alerts: ReadonlyMap<string, RuleAlerts> | undefined,
): (a: Rule, b: Rule) => number {
  const noise = ({ name }: Rule) => {
    const of = alerts?.get(name);
    return of === undefined || of.resolved === 0 ? -1 : of.noise / of.resolved;
  };
  const weight: Record<Order, (rule: Rule) => number> = {
    level: ({ level }) => LEVELS.indexOf(level),
    hits: ({ id }) => hits?.get(id)?.month ?? 0,
    noise,
    cost: ({ cost_secs: seconds }) => seconds,
    title: () => 0,
  };
  return (a, b) => weight[order](b) - weight[order](a) || a.title.localeCompare(b.title);
}
