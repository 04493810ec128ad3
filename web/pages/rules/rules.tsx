import { Group, Stack, Tabs, Text } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { Rules as Answer, RuleActivity } from '../../../src/api/contract/rules.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Empty, Failed, Loading } from '../../parts/page-state.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Coverage } from './coverage.tsx';
import { Exceptions, useExceptions } from './exceptions.tsx';
import { Rejected } from './rejected.tsx';
import { RuleTable } from './rule-table.tsx';
import { useActivity, useRules } from './use-rules.ts';

const TABS = ['rules', 'coverage', 'exceptions', 'rejected'] as const;

export function Rules() {
  const rules = useRules();
  const activity = useActivity();
  return (
    <>
      <PageHead title="Rules" about="What is watched for, how often it is found, and how much of that is noise" />
      {rules.error !== null && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      {rules.isPending && <Loading what="the rules" />}
      {rules.data !== undefined && (
        <Loaded rules={rules.data} activity={activity.data} trouble={troubleOf(activity.error, activity.data)} />
      )}
    </>
  );
}

/** Why hits or noise are not shown; undefined while they are. */
function troubleOf(error: Error | null, activity: RuleActivity | undefined): string | undefined {
  if (error !== null) return error.message;
  const parts = activity === undefined ? [] : [activity.hits, activity.alerts];
  return parts.flatMap((part) => (part.ok ? [] : [part.problem.detail]))[0];
}

function Loaded({
  rules: { rules, rejected, coverage },
  activity,
  trouble,
}: {
  readonly rules: Answer;
  readonly activity: RuleActivity | undefined;
  readonly trouble: string | undefined;
}) {
  const [search, setSearch] = useSearchParams();
  const excepted = useExceptions().data?.exceptions.length;
  const tab = TABS.find((each) => each === search.get('show')) ?? 'rules';
  const counting = rules.filter(({ kind }) => kind !== 'rule').length;
  const staged = rules.filter((rule) => rule.staged).length;
  return (
    <Stack gap="md">
      {trouble !== undefined && (
        <Text role="status" fz="sm">
          What the rules did is not known now: {trouble}
        </Text>
      )}
      <Tabs value={tab} onChange={(value) => setSearch(value === null || value === 'rules' ? {} : { show: value }, { replace: true })}>
        <Tabs.List mb="md">
          <Tabs.Tab value="rules">
            {rules.length} {rules.length === 1 ? 'rule' : 'rules'}
            {counting > 0 ? `, ${counting} of them over several events` : ''}
            {staged > 0 ? `, ${staged} on trial` : ''}
          </Tabs.Tab>
          <Tabs.Tab value="coverage">ATT&amp;CK</Tabs.Tab>
          <Tabs.Tab value="exceptions">{exceptionsText(excepted)}</Tabs.Tab>
          <Tabs.Tab value="rejected">{rejected.length === 0 ? 'None rejected' : `${rejected.length} rejected`}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rules">
          {rules.length === 0 ? (
            <Empty title="No rule runs">
              The rules that come with Earshot are off and no folder has one. See <Group component="code">rules</Group> in the
              configuration.
            </Empty>
          ) : (
            <RuleTable rules={rules} activity={activity} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="coverage">
          <Panel title="ATT&CK coverage" about="Techniques that rules look for, under the tactics of the same rules, with hits of 30 days">
            <Coverage coverage={coverage} rules={rules} activity={activity} />
          </Panel>
        </Tabs.Panel>
        <Tabs.Panel value="exceptions">
          <Panel
            title="Exceptions"
            about="Known and harmless: what rules are not to tell. Files can have such filters too; each rule shows its own."
          >
            <Exceptions />
          </Panel>
        </Tabs.Panel>
        <Tabs.Panel value="rejected">
          <Panel title="Rejected rules" about="They do not run. earshot check says the same on the command line.">
            <Rejected rejected={rejected} />
          </Panel>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const exceptionsText = (count: number | undefined): string =>
  count === undefined ? 'Exceptions' : count === 1 ? '1 exception' : `${count === 0 ? 'No' : count} exceptions`;
