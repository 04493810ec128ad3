import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { withTerm } from '../../parts/query-text.ts';
import { type ExplorerState, readState, writeState } from './address.ts';
import { withColumn } from './columns.ts';
import { keepColumns, keptColumns } from './kept.ts';

export interface Explorer {
  readonly state: ExplorerState;
  /** Goes into the address, as a step of the browser's history, unless it is only a detail of the same view. */
  readonly change: (change: Partial<ExplorerState>, detail?: boolean) => void;
  readonly addTerm: (term: string) => void;
  readonly toggleColumn: (field: string) => void;
}

export function useExplorer(): Explorer {
  const [search, setSearch] = useSearchParams();
  const state = useMemo(() => readState(search, keptColumns()), [search]);
  const change = useCallback(
    (wanted: Partial<ExplorerState>, detail = false) => {
      if (wanted.columns) keepColumns(wanted.columns);
      setSearch((before) => writeState(before, wanted), { replace: detail, preventScrollReset: true });
    },
    [setSearch],
  );
  const addTerm = useCallback((term: string) => change({ q: withTerm(state.q, term) }), [change, state.q]);
  const toggleColumn = useCallback(
    (field: string) => {
      const { columns } = state;
      change({ columns: columns.includes(field) ? columns.filter((each) => each !== field) : withColumn(columns, field) }, true);
    },
    [change, state],
  );
  return useMemo(() => ({ state, change, addTerm, toggleColumn }), [state, change, addTerm, toggleColumn]);
}
