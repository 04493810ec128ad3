import { Anchor, Badge, Grid, Group, List, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { z } from 'zod';
import { listAlertsEndpoint } from '../../../src/api/contract/alerts.ts';
import { oneRuleEndpoint } from '../../../src/api/contract/rules.ts';
import { call } from '../../data/client.ts';
import { alertCount } from '../../parts/alert-count.ts';
import { namesLine } from '../../parts/alert-names.ts';
import { BarTimeChart } from '../../parts/bar-time-chart.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { LevelBadge } from '../../parts/level-badge.tsx';
import { linkToAlerts } from '../../parts/link-to-alerts.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { PartOf } from '../../parts/part-state.tsx';
import { TimeText } from '../../parts/time-text.tsx';
import { MaturityNote, MaturitySwitch } from './maturity.tsx';
import { RuleState } from './rule-table.tsx';
import { alertsByName, costText, deferredText, noiseText, queryOfRule, useActivity } from './use-rules.ts';
import './rules.css';

type Whole = z.output<typeof oneRuleEndpoint.answer>;

const DAY_MS = 86_400_000;
const EXPECTED: Readonly<Record<Whole['cases'][number]['expect'], string>> = {
  match: 'Match',
  no_match: 'Near miss',
  alert: 'Alert',
  no_alert: 'Near miss',
};

export function OneRule() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['rules', id],
    queryFn: ({ signal }) => call(oneRuleEndpoint, { params: { id }, signal }),
  });
  if (isPending) return <Loading what="the rule" />;
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  return <Loaded rule={data} />;
}

function Loaded({ rule }: { readonly rule: Whole }) {
  return (
    <>
      <PageHead title={rule.title} about={rule.description}>
        <LevelBadge level={rule.level} />
        <RuleState rule={rule} />
        <MaturitySwitch rule={rule} />
      </PageHead>
      <Stack gap="md">
        <MaturityNote rule={rule} />
        {rule.silent !== undefined && <Text role="note">{rule.silent}</Text>}
        {rule.quieted_by.length > 0 && (
          <Text role="note">
            Counted only: its hits are recorded, and no alert opens for them alone, because of <RuleLinks rules={rule.quieted_by} />. (
            <code>generate: true</code> there lets it alert too.)
          </Text>
        )}
        {rule.words !== undefined && <Counts rule={rule} />}
        <Grid gap="md">
          <Grid.Col span={{ base: 12, lg: 8 }}>
            <Seen rule={rule} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Facts rule={rule} />
          </Grid.Col>
        </Grid>
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Words title="What to do next" words={rule.next_steps} none="The rule does not say." />
          <Words title="When it is wrong" words={rule.falsepositives} none="The rule names no false positives." />
        </SimpleGrid>
        {rule.filters.length > 0 && <Filters rule={rule} />}
        <RecentAlerts rule={rule} />
        <Cases rule={rule} />
        <Panel
          title="The rule itself"
          about={rule.changed ? 'The file has changed since the rule was read: what runs is the rule as it was.' : rule.file}
          aside={<CopyButton text={rule.text} label="Copy the rule" />}
        >
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, a region that scrolls */}
          <pre className="rule-text" tabIndex={0}>
            {rule.text}
          </pre>
        </Panel>
      </Stack>
    </>
  );
}

function Seen({ rule }: { readonly rule: Whole }) {
  if (rule.kind === 'rule') return <HitsPanel rule={rule} />;
  return rule.kind === 'silence' ? <Heard /> : <CountedHits rule={rule} />;
}

function HitsPanel({ rule }: { readonly rule: Whole }) {
  const { data: activity, error } = useActivity();
  const navigate = useNavigate();
  const q = queryOfRule(rule.id);
  const more = (
    <Anchor component={Link} to={linkToEvents({ q, from: 'now-30d', to: 'now' })} fz="sm">
      Show them
    </Anchor>
  );
  return (
    <Panel title="Hits" about="Events that the rule matched, of each of the last 30 days" aside={more}>
      {error !== null && <Failed error={error} />}
      {activity && (
        <PartOf part={activity.hits}>
          {(all) => {
            const hits = all.find((each) => each.rule_id === rule.id);
            if (hits === undefined) return <Empty title="No hit in 30 days">It runs; nothing matched, of what you may see.</Empty>;
            const first = Date.parse(activity.from);
            return (
              <>
                <Text mb="xs">
                  {whole(hits.day)} in 24 hours, {whole(hits.month)} in 30 days; the last <TimeText iso={hits.last_at} form="ago" />
                </Text>
                <BarTimeChart
                  label={`Hits of ${rule.title} by day`}
                  intervalMs={DAY_MS}
                  onRange={(from, to) => void navigate(linkToEvents({ q, from, to }))}
                  bars={hits.days.map((count, i) => ({ start: new Date(first + i * DAY_MS).toISOString(), count }))}
                />
              </>
            );
          }}
        </PartOf>
      )}
    </Panel>
  );
}

/** What it looks for over several events, and what it counts. */
function Counts({ rule }: { readonly rule: Whole }) {
  return (
    <Panel title="What it looks for">
      <Text>{rule.words}</Text>
      {rule.counts.length > 0 && (
        <Text fz="sm" c="dimmed">
          It counts <RuleLinks rules={rule.counts} />
        </Text>
      )}
    </Panel>
  );
}

const RuleLinks = ({ rules }: { readonly rules: Whole['counts'] }) =>
  rules.map(({ id, title }, i) => (
    <Fragment key={id}>
      {i > 0 && ', '}
      <Anchor component={Link} to={`/rules/${id}`}>
        {title}
      </Anchor>
    </Fragment>
  ));

function Filters({ rule }: { readonly rule: Whole }) {
  return (
    <Panel title="Filters" about="The rule fires only where these are true too">
      <List>
        {rule.filters.map(({ id, title, file, reason, author, expires_at: expires }) => (
          <List.Item key={id}>
            {title} ({file}){reason !== undefined && `: ${reason}`}
            {author !== undefined && `, says ${author}`}
            {expires !== undefined && (
              <>
                , until <TimeText iso={expires} />
              </>
            )}
          </List.Item>
        ))}
      </List>
    </Panel>
  );
}

/** No event is a hit of what looks at several. */
function CountedHits({ rule }: { readonly rule: Whole }) {
  const q = rule.counts.map(({ id }) => queryOfRule(id)).join(' OR ');
  return (
    <Panel title="What it counted" about="Events that the rules it counts have matched">
      <Anchor component={Link} to={linkToEvents({ q, from: 'now-30d', to: 'now' })} fz="sm">
        Show those of 30 days
      </Anchor>
    </Panel>
  );
}

/** What does not come is no event. */
function Heard() {
  return (
    <Panel title="What it hears" about="Events are heard, and none is a hit: what it tells of is that none come any more">
      <Anchor component={Link} to="/sources" fz="sm">
        Show who speaks, and when last
      </Anchor>
    </Panel>
  );
}

function Facts({ rule }: { readonly rule: Whole }) {
  const { data: activity } = useActivity();
  const alerts = alertsByName(activity)?.get(rule.name);
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Name', rule.name],
    ['Id', rule.id],
    ['Version', rule.version],
    ['Author', rule.author ?? 'not named'],
    ['Groups alerts by', rule.group_by.join(', ')],
    ['Alerts opened in 30 days', alerts === undefined ? 'none' : whole(alerts.opened)],
    ['Noise among the resolved', (alerts && noiseText(alerts)) ?? 'none resolved yet'],
    ['Tests', rule.tests.fault ?? `${rule.tests.match} that must match, ${rule.tests.no_match} that must not`],
    ['Time spent since the start', `${costText(rule)}, estimated from samples`],
    ['Left to the side lane', deferredText(rule) ?? 'no event'],
  ];
  return (
    <Panel title="Facts">
      <dl className="rule-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>ATT&amp;CK</dt>
          <dd>
            <Group gap={4}>
              {rule.tactics.map(({ id, name }) => (
                <Badge key={id} variant="default">
                  {name}
                </Badge>
              ))}
            </Group>
            {rule.techniques.map(({ id, name }) => (
              <div key={id}>
                {id} {name ?? ''}
              </div>
            ))}
          </dd>
        </div>
      </dl>
    </Panel>
  );
}

function Words({ title, words, none }: { readonly title: string; readonly words: readonly string[]; readonly none: string }) {
  return (
    <Panel title={title}>
      {words.length === 0 ? (
        <Text c="dimmed">{none}</Text>
      ) : (
        <List spacing={4} fz="sm">
          {words.map((word) => (
            <List.Item key={word}>{word}</List.Item>
          ))}
        </List>
      )}
    </Panel>
  );
}

function RecentAlerts({ rule }: { readonly rule: Whole }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['alerts', 'of rule', rule.id],
    queryFn: ({ signal }) => call(listAlertsEndpoint, { query: { rule: rule.id, limit: '5' }, signal }),
  });
  const more = (
    <Anchor component={Link} to={linkToAlerts({ rule: rule.id })} fz="sm">
      All of them
    </Anchor>
  );
  return (
    <Panel title="Its latest alerts" aside={more}>
      {error !== null && <Failed error={error} retry={() => void refetch()} />}
      {data?.alerts.length === 0 && <Text c="dimmed">{rule.staged ? 'None: it is on trial.' : 'None.'}</Text>}
      <Stack gap="xs">
        {data?.alerts.map(({ id, kind, group, evidence, count, state, last_at: lastAt }) => (
          <Group key={id} gap="sm" justify="space-between">
            <Anchor component={Link} to={`/alerts/${id}`} fz="sm">
              {namesLine({ group, evidence }) || 'one alert'}
            </Anchor>
            <Text fz="xs" c="dimmed">
              {alertCount({ kind, count })} · {state} · <TimeText iso={lastAt} form="ago" />
            </Text>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

function Cases({ rule: { cases, tests } }: { readonly rule: Whole }) {
  return (
    <Panel title="Tests" about="Messages as they come from the source, and what the rule must say of them">
      {tests.fault !== undefined && <Text>{tests.fault}</Text>}
      <Stack gap="xs">
        {cases.map(({ name, raw, expect }) => (
          <div key={name}>
            <Text fz="sm">
              <b>{EXPECTED[expect]}:</b> {name}
            </Text>
            <Text className="mono rule-case" c="dimmed">
              {raw}
            </Text>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}
