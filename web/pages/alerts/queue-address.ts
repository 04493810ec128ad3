import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { isState } from './alert-words.ts';

/** What the queue shows: all of it is in the address. */
export interface QueueView {
  /** `active`: all that is not resolved. */
  readonly state: string;
  readonly level: string;
  readonly rule: string;
  readonly assignee: string;
  /** The whole name of a person. Other pages lead here so. */
  readonly person: string;
  /** Part of a name or an address. */
  readonly about: string;
  readonly technique: string;
  /** Only alerts with an event in this time: ISO 8601 or relative. Other pages lead here so. */
  readonly from: string;
  readonly to: string;
  readonly sort: 'newest' | 'level';
}

const NAMES = ['state', 'level', 'rule', 'assignee', 'person', 'about', 'technique', 'from', 'to', 'sort'] as const;
/** Stands for nobody, where a user's name is asked for: no user is named so. */
export const NOBODY = '-';

export const TABS = ['open', 'acknowledged', 'snoozed', 'resolved', 'all'] as const;
export type Tab = (typeof TABS)[number];

export function useQueueView(): readonly [QueueView, (change: Partial<QueueView>) => void] {
  const [search, setSearch] = useSearchParams();
  const view = useMemo((): QueueView => {
    const text = (name: string) => search.get(name) ?? '';
    const state = search.get('state');
    return {
      state: state === 'all' || isState(state) ? state : 'open',
      level: text('level'),
      rule: text('rule'),
      assignee: text('assignee'),
      person: text('person'),
      about: text('about'),
      technique: text('technique'),
      from: text('from'),
      to: text('to'),
      sort: search.get('sort') === 'level' ? 'level' : 'newest',
    };
  }, [search]);
  const change = useCallback(
    (to: Partial<QueueView>) =>
      setSearch((before) => {
        const after = new URLSearchParams(before);
        for (const name of NAMES) {
          const value = to[name];
          if (value === undefined) continue;
          if (value === '' || (name === 'state' && value === 'open') || (name === 'sort' && value === 'newest')) after.delete(name);
          else after.set(name, value);
        }
        return after;
      }),
    [setSearch],
  );
  return [view, change];
}

/** The filters as the API takes them. */
export const filterQuery = ({ level, rule, assignee, person, about, technique, from, to }: QueueView) => ({
  ...(level !== '' && { levels: level }),
  ...(rule !== '' && { rule }),
  ...(assignee === NOBODY ? { unassigned: 'true' as const } : assignee !== '' && { assignee }),
  ...(person !== '' && { person }),
  ...(about.trim() !== '' && { about: about.trim() }),
  ...(from !== '' && { from }),
  ...(to !== '' && { to }),
  ...(/^t\d{4}(\.\d{3})?$/i.test(technique) && { technique }),
});

export const isFiltered = (view: QueueView): boolean => Object.keys(filterQuery(view)).length > 0;
