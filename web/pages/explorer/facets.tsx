import { ActionIcon, Tooltip } from '@mantine/core';
import { ChartPie, CircleMinus, List, X } from 'lucide-react';
import { type MouseEvent, useState } from 'react';
import { Donut } from '../../parts/donut.tsx';
import { compact, share, whole } from '../../parts/number-text.ts';
import { canBeTerm, isValue, lacksField, opposite } from '../../parts/query-text.ts';
import type { ExplorerState } from './address.ts';
import { FieldPicker } from './field-picker.tsx';
import { MOST_FACETS } from './top-values.ts';
import { canBeFacet, FACET_SIZE, useTopValues } from './use-events.ts';
import './facets.css';

/** Top values of the chosen fields. A value narrows the query to it; with the alt key, or by its minus, to all but it. */
export function Facets({
  state,
  run,
  isReady,
  onTerm,
  onFacets,
  onQuickValues,
}: {
  readonly state: ExplorerState;
  readonly run: number;
  /** The rows are there: now is the time to count. */
  readonly isReady: boolean;
  readonly onTerm: (term: string) => void;
  readonly onFacets: (facets: readonly string[]) => void;
  readonly onQuickValues: (field: string) => void;
}) {
  const { facets } = state;
  return (
    <div>
      {facets.map((field) => (
        <FacetBox
          key={field}
          field={field}
          state={state}
          run={run}
          isReady={isReady}
          onTerm={onTerm}
          onQuickValues={onQuickValues}
          onRemove={() => onFacets(facets.filter((each) => each !== field))}
        />
      ))}
      {facets.length < MOST_FACETS && (
        <FieldPicker label="Add a field" onPick={(field) => canBeFacet(field) && !facets.includes(field) && onFacets([...facets, field])} />
      )}
    </div>
  );
}

function FacetBox({
  field,
  state,
  run,
  isReady,
  onTerm,
  onQuickValues,
  onRemove,
}: {
  readonly field: string;
  readonly state: ExplorerState;
  readonly run: number;
  /** The rows are there: now is the time to count. */
  readonly isReady: boolean;
  readonly onTerm: (term: string) => void;
  readonly onQuickValues: (field: string) => void;
  readonly onRemove: () => void;
}) {
  const [asPie, setAsPie] = useState(false);
  const { data: facet, error, isPlaceholderData } = useTopValues(state, field, FACET_SIZE, run, isReady);
  const pick = (value: string, exclude: boolean) => {
    if (!canBeTerm(field, value)) return;
    const term = isValue(field, value);
    onTerm(exclude ? opposite(term) : term);
  };
  return (
    <section className="facet" data-stale={isPlaceholderData} aria-label={`Top values of ${field}`}>
      <header>
        <h3 title={field}>{field}</h3>
        <Small label={asPie ? 'As list' : 'As pie'} icon={asPie ? List : ChartPie} onClick={() => setAsPie(!asPie)} field={field} />
        <Small label="Remove" icon={X} onClick={onRemove} field={field} />
      </header>
      {error !== null || !canBeFacet(field) ? (
        <p className="facet-note">Not counted.</p>
      ) : facet === undefined ? (
        <p className="facet-note">…</p>
      ) : facet.values.length === 0 ? (
        <p className="facet-note">No event has it.</p>
      ) : asPie ? (
        <Donut
          label={`Top values of ${field}`}
          values={facet.values}
          others={facet.others}
          missing={facet.missing}
          size={96}
          onPick={pick}
        />
      ) : (
        <ul>
          {facet.values.map(({ value, count }) => (
            <FacetValue key={value} field={field} value={value} count={count} total={facet.total} onPick={pick} />
          ))}
        </ul>
      )}
      {facet !== undefined && facet.values.length > 0 && (
        <p className="facet-note">
          {facet.distinct > facet.values.length && (
            <button type="button" className="facet-more" onClick={() => onQuickValues(field)}>
              {compact(facet.distinct)} values
            </button>
          )}
          {facet.missing > 0 && (
            <button type="button" className="facet-more" onClick={() => onTerm(lacksField(field))}>
              {compact(facet.missing)} without
            </button>
          )}
        </p>
      )}
    </section>
  );
}

function FacetValue({
  field,
  value,
  count,
  total,
  onPick,
}: {
  readonly field: string;
  readonly value: string;
  readonly count: number;
  readonly total: number;
  readonly onPick: (value: string, exclude: boolean) => void;
}) {
  const name = value === '' ? '(empty)' : value;
  return (
    <li>
      <button
        type="button"
        className="facet-value"
        title={`${name}: ${whole(count)} events, ${share(count, total)}. With alt: all but it.`}
        onClick={(event: MouseEvent) => onPick(value, event.altKey)}
      >
        <span className="facet-bar" style={{ width: `${(count / Math.max(total, 1)) * 100}%` }} />
        <span className="facet-name">{name}</span>
        <span className="facet-count">{compact(count)}</span>
      </button>
      <Small label={`Not ${name}`} icon={CircleMinus} onClick={() => onPick(value, true)} field={field} />
    </li>
  );
}

function Small({
  label,
  icon: Icon,
  field,
  onClick,
}: {
  readonly label: string;
  readonly icon: typeof X;
  readonly field: string;
  readonly onClick: () => void;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={24} aria-label={`${label} (${field})`} onClick={onClick}>
        <Icon size={12} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
