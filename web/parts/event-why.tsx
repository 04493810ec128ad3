import { Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { z } from 'zod';
import { explainRuleEndpoint } from '../../src/api/contract/rule-explain.ts';
import { listRulesEndpoint } from '../../src/api/contract/rules.ts';
import { call } from '../data/client.ts';
import { Failed, Loading } from './page-state.tsx';
import './event-why.css';

type Explained = z.output<typeof explainRuleEndpoint.answer>;
type Leaf = Explained['because'][number];

/** Why a rule fires on the event, or why not: a rule that hit it first, else whichever is chosen. */
export function EventWhy({ event, hit }: { readonly event: string; readonly hit: string | undefined }) {
  const [rule, setRule] = useState<string | null>(hit ?? null);
  const rules = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => call(listRulesEndpoint, { signal }) });
  const named = rules.data?.rules.filter(({ kind }) => kind === 'rule') ?? [];
  return (
    <Stack gap="sm">
      {rules.error !== null && <Failed error={rules.error} retry={() => void rules.refetch()} />}
      <Select
        label="Rule"
        description="Of a rule that did not fire, it says what was in the way."
        placeholder={rules.isPending ? 'Loading …' : 'Choose a rule'}
        searchable
        comboboxProps={{ withinPortal: false }}
        data={named.map(({ id, title, name }) => ({ value: id, label: `${title} (${name})` }))}
        value={rule}
        onChange={setRule}
      />
      {rule !== null && <Answer key={rule} rule={rule} event={event} />}
    </Stack>
  );
}

function Answer({ rule, event }: { readonly rule: string; readonly event: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['rules', rule, 'explain', event],
    queryFn: ({ signal }) => call(explainRuleEndpoint, { params: { id: rule }, query: { event }, signal }),
  });
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the reasons" />;
  const wrong = data.log_source?.filter(({ truth }) => !truth) ?? [];
  return (
    <>
      <Text fw={600}>{data.fires ? 'It fires.' : 'It does not fire.'}</Text>
      {data.recorded !== undefined && data.recorded !== data.rule.version && (
        <Text fz="sm">When the event came, another version of the rule fired on it.</Text>
      )}
      {data.log_source === undefined && <Text fz="sm">No event of Earshot is of the rule’s log source.</Text>}
      {wrong.map(({ fields, values }) => (
        <Text key={fields.join()} fz="sm">
          The event is of another log source: {fields.join(' or ')} would have to be {values.join(' or ')}.
        </Text>
      ))}
      <ol className="why" aria-label="The rule, part by part">
        {data.nodes.map((node, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one answer never move
          <li key={i} data-truth={node.truth} style={{ marginInlineStart: node.depth * 16 }}>
            <span className="why-truth">{node.truth ? 'true' : 'false'}</span>{' '}
            {node.kind === 'leaf' ? <LeafText leaf={node} /> : <b>{WORDS[node.kind]}</b>}
          </li>
        ))}
      </ol>
    </>
  );
}

const WORDS = { and: 'all of', or: 'one of', not: 'not' } as const;

const FOUND: Readonly<Record<NonNullable<Leaf['found']>, string>> = {
  missing: 'the event has no such field',
  null: 'it is null',
  empty: 'it is empty',
  other_value: 'it is another value',
  other_case: 'it is so but for capitals',
  wrong_kind: 'it cannot be asked of what is there',
  present: 'it is there',
  nowhere: 'it is in no text of the event',
};

function LeafText({ leaf: { label, field, value, found } }: { readonly leaf: Leaf }) {
  return (
    <>
      <code>{label}</code>
      <span className="why-found">
        {[found && FOUND[found], value !== undefined && `${field} is ${value === '' ? '(empty)' : value}`].filter(Boolean).join(': ')}
      </span>
    </>
  );
}
