import { Anchor } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { AlertDetailJson } from '../../../src/api/contract/alerts.ts';
import { alertCount } from '../../parts/alert-count.ts';
import { namedIn, targetOf } from '../../parts/alert-names.ts';
import { linkToEvents } from '../../parts/link-to-events.ts';
import { whole } from '../../parts/number-text.ts';
import { isValue } from '../../parts/query-text.ts';
import { TimeText } from '../../parts/time-text.tsx';
import { absolute } from '../../parts/time-words.ts';
import { linkToName } from '../people/link-to-person.ts';

const DAY_MS = 86_400_000;

/** The first questions, answered from the evidence; each name leads to what else it did in the days around. */
export function AlertFacts({ alert }: { readonly alert: AlertDetailJson }) {
  const { who, targets, hosts, addresses, actions, products } = namedIn(alert);
  const isSilent = alert.kind === 'silence';
  const target = targetOf(alert);
  /** What Earshot itself tells of a session through a vault is grouped by it. */
  const session = alert.group['earshot.audit.session_id'];
  const around = absolute(Date.parse(alert.first_at) - DAY_MS, Date.parse(alert.last_at) + DAY_MS);
  const links = (field: string, values: readonly string[]) =>
    values.map((value, i) => (
      <Fragment key={value}>
        {i > 0 && ', '}
        <Anchor component={Link} underline="always" to={linkToEvents({ q: isValue(field, value), ...around })}>
          {value}
        </Anchor>
      </Fragment>
    ));
  return (
    <dl className="facts">
      <Fact term="Why" shown={alert.because.length > 0}>
        {alert.because.map((line) => (
          <div key={line}>{line}</div>
        ))}
      </Fact>
      <Fact term="Who" shown={who.length > 0}>
        {links('related.user', who)}
        {who.length === 1 && (
          <>
            {' · '}
            <Anchor component={Link} underline="always" to={linkToName(who[0] ?? '')}>
              the person
            </Anchor>
          </>
        )}
      </Fact>
      <Fact term="To whom" shown={targets.length > 0 || target !== ''}>
        {targets.length > 0 ? links('related.user', targets) : target}
      </Fact>
      <Fact term="What" shown={actions.length + products.length > 0}>
        {[actions.join(', '), products.length > 0 ? `in ${products.join(', ')}` : ''].filter(Boolean).join(' ')}
      </Fact>
      <Fact term="Where" shown={hosts.length > 0}>
        {links('host.name', hosts)}
      </Fact>
      <Fact term="From" shown={addresses.length > 0}>
        {links('source.ip', addresses)}
      </Fact>
      <Fact term="How often" shown={!isSilent}>
        <Anchor component={Link} underline="always" to={linkToEvents(alert.events)}>
          {alertCount(alert)}
        </Anchor>
        {alert.kind === 'rule' && alert.late_count > 0 && `, ${whole(alert.late_count)} of them came late`}
      </Fact>
      <Fact term={isSilent ? 'Last heard' : alert.count === 1 ? 'When' : 'First'}>
        <TimeText iso={alert.first_at} />
      </Fact>
      <Fact term={isSilent ? 'Overdue since' : 'Last'} shown={isSilent || alert.count > 1}>
        <TimeText iso={alert.last_at} />
      </Fact>
      <Fact term="Session" shown={session !== undefined}>
        <Anchor component={Link} underline="always" to={`/sessions/${encodeURIComponent(session ?? '')}`}>
          What happened in it
        </Anchor>
      </Fact>
      <Fact term="Grouped by">
        {Object.entries(alert.group)
          .map(([field, value]) => `${field} = ${value === '' ? '(none)' : value}`)
          .join(', ')}
      </Fact>
    </dl>
  );
}

function Fact({ term, shown = true, children }: { readonly term: string; readonly shown?: boolean; readonly children: ReactNode }) {
  if (!shown) return null;
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}
