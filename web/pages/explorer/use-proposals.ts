import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { checkQueryEndpoint, fieldValuesEndpoint, listFieldsEndpoint } from '../../../src/api/contract/completion.ts';
import { call } from '../../data/client.ts';
import { compact } from '../../parts/number-text.ts';
import type { ExplorerState } from './address.ts';
import { operatorsAt, type Place } from './completion.ts';
import { recentQueries } from './kept.ts';
import { spanOf } from './use-events.ts';

/** Something that could be written at the caret. */
export interface Proposal {
  readonly kind: 'field' | 'value' | 'operator' | 'recent';
  readonly text: string;
  /** What is said beside it. */
  readonly note: string;
}

const WAIT_MS = 120;
const MOST = '12';

/** What could stand at the caret. An empty query proposes what was asked before. */
export function useProposals(
  text: string,
  place: Place | undefined,
  range: Pick<ExplorerState, 'from' | 'to'>,
  isOpen: boolean,
): Proposal[] {
  const [typed] = useDebouncedValue(place?.typed ?? '', WAIT_MS);
  const isField = isOpen && place?.kind === 'field' && text.trim() !== '';
  const fields = useQuery({
    queryKey: ['fields', typed],
    queryFn: ({ signal }) => call(listFieldsEndpoint, { query: { prefix: typed, limit: MOST }, signal }),
    enabled: isField,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  const field = place?.field ?? '';
  const rest = place?.rest ?? '';
  const isValue = isOpen && place?.kind === 'value' && field !== '' && !/^[<>[{(]/.test(typed);
  const values = useQuery({
    queryKey: ['values', field, typed, rest, range.from, range.to],
    queryFn: ({ signal }) =>
      call(fieldValuesEndpoint, { query: { ...spanOf({ q: rest, ...range }), field, prefix: typed, size: MOST }, signal }),
    enabled: isValue,
    staleTime: 30_000,
    retry: false,
  });
  if (!isOpen || place === undefined) return [];
  if (text.trim() === '') return recentQueries().map((each) => ({ kind: 'recent', text: each, note: '' }));
  const operators = operatorsAt(text, place).map((each): Proposal => ({ kind: 'operator', text: each, note: OPERATOR_NOTE[each] ?? '' }));
  if (place.kind === 'value')
    return isValue ? (values.data?.values ?? []).map(({ value, count }) => ({ kind: 'value', text: value, note: compact(count) })) : [];
  const named = (fields.data?.fields ?? []).map(
    ({ name, description, count }): Proposal => ({
      kind: 'field',
      text: name,
      note: description ?? (count > 0 ? `in ${compact(count)} events` : ''),
    }),
  );
  return place.typed === '' ? [...operators, ...named] : [...named, ...operators];
}

const OPERATOR_NOTE: Readonly<Record<string, string>> = { AND: 'both', OR: 'either', NOT: 'the opposite' };

/** What is wrong with a query, where. A short while after the typing, so that nobody is corrected in the middle of a word. */
export function useQueryFault(text: string) {
  const [settled] = useDebouncedValue(text, 500);
  const { data } = useQuery({
    queryKey: ['query-check', settled],
    queryFn: ({ signal }) => call(checkQueryEndpoint, { query: { q: settled }, signal }),
    enabled: settled.trim() !== '',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return settled === text && settled.trim() !== '' && data?.ok === false ? data.fault : undefined;
}
