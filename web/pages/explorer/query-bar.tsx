import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { CornerDownLeft, X } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import type { ExplorerState } from './address.ts';
import { type Completed, placeAt, withField, withOperator, withValue } from './completion.ts';
import { keepQuery } from './kept.ts';
import { type Proposal, useProposals, useQueryFault } from './use-proposals.ts';
import './query-bar.css';

/** Where the query is written: completion of fields, operators and values; a fault is underlined where it is; Enter runs it. */
export function QueryBar({
  state,
  inputRef,
  onRun,
}: {
  readonly state: ExplorerState;
  readonly inputRef: RefObject<HTMLInputElement | null>;
  /** Also for the same query: it asks again. */
  readonly onRun: (query: string) => void;
}) {
  const [text, setText] = useState(state.q);
  const [caret, setCaret] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const nextCaret = useRef<number>(undefined);
  const marks = useRef<HTMLDivElement>(null);
  const ids = useId();
  const place = placeAt(text, caret);
  const proposals = useProposals(text, place, state, isOpen);
  const fault = useQueryFault(text);
  const shown = isOpen && proposals.length > 0;

  // Whatever changed the address (a filter, a link, the back button) is what the bar says.
  useEffect(() => setText(state.q), [state.q]);
  // Where a proposal was taken over, the caret stands behind it.
  useEffect(() => {
    if (nextCaret.current === undefined) return;
    inputRef.current?.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = undefined;
  });

  useEffect(() => {
    if (active >= 0) document.getElementById(`${ids}-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [active, ids]);

  const run = (query: string) => {
    setOpen(false);
    keepQuery(query);
    onRun(query.trim());
  };
  const write = ({ text: after, caret: at }: Completed, stayOpen: boolean) => {
    nextCaret.current = at;
    setText(after);
    setCaret(at);
    setActive(-1);
    setOpen(stayOpen);
    inputRef.current?.focus();
  };
  const take = (proposal: Proposal) => {
    if (proposal.kind === 'recent') {
      setText(proposal.text);
      run(proposal.text);
    } else if (place !== undefined) {
      if (proposal.kind === 'field') write(withField(text, place, proposal.text), true);
      else if (proposal.kind === 'operator') write(withOperator(text, place, proposal.text), true);
      else write(withValue(text, place, proposal.text), false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = shown ? proposals[active] : undefined;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (!shown) setOpen(true);
      else setActive(around(active + (event.key === 'ArrowDown' ? 1 : -1), proposals.length));
    } else if (event.key === ' ' && event.ctrlKey) setOpen(true);
    else if (event.key === 'Enter' && !event.shiftKey) {
      if (chosen) take(chosen);
      else run(text);
    } else if (event.key === 'Tab' && chosen) take(chosen);
    else if (event.key === 'Escape' && shown) {
      setOpen(false);
      setActive(-1);
    } else if (event.key === 'Escape') inputRef.current?.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search className="query-bar" aria-label="Events">
      <div className="query-field" data-fault={fault !== undefined}>
        <div className="query-text">
          <div className="query-marks" aria-hidden ref={marks}>
            {fault === undefined ? text : <Marked text={text} at={fault.at} length={fault.length} />}{' '}
          </div>
          <input
            ref={inputRef}
            type="text"
            value={text}
            placeholder="Search: user.name:ana AND source.ip:10.0.0.0/8, or words of the message"
            aria-label="Query"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={shown}
            aria-controls={shown ? `${ids}-list` : undefined}
            aria-activedescendant={shown && active >= 0 ? `${ids}-${active}` : undefined}
            aria-invalid={fault !== undefined}
            aria-describedby={fault === undefined ? undefined : `${ids}-fault`}
            spellCheck={false}
            autoCapitalize="none"
            autoComplete="off"
            maxLength={8000}
            onChange={({ currentTarget }) => {
              setText(currentTarget.value);
              setCaret(currentTarget.selectionStart ?? 0);
              setActive(-1);
              setOpen(true);
            }}
            onScroll={({ currentTarget }) => marks.current?.scrollTo(currentTarget.scrollLeft, 0)}
            onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKeyDown}
          />
        </div>
        {text !== '' && (
          <Tooltip label="Clear the query">
            <ActionIcon variant="subtle" color="gray" size={24} aria-label="Clear the query" onClick={() => run('')}>
              <X size={13} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <Button size="compact-xs" onClick={() => run(text)} rightSection={<CornerDownLeft size={12} aria-hidden />}>
          Search
        </Button>
      </div>
      {shown && (
        <div className="query-list" role="listbox" id={`${ids}-list`} aria-label="Proposals">
          {proposals.map((proposal, i) => (
            // The keyboard stays in the field (aria-activedescendant); a press must not take the focus from it.
            // biome-ignore lint/a11y/useFocusableInteractive: said above
            // biome-ignore lint/a11y/useKeyWithClickEvents: said above
            <div
              key={`${proposal.kind} ${proposal.text}`}
              id={`${ids}-${i}`}
              role="option"
              aria-selected={i === active}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(proposal)}
            >
              <span className="query-list-text">{proposal.text === '' ? '(empty)' : proposal.text}</span>
              <span className="query-list-note">{proposal.kind === 'recent' ? 'asked before' : proposal.note}</span>
            </div>
          ))}
        </div>
      )}
      {fault !== undefined && !shown && (
        <p className="query-fault" id={`${ids}-fault`} role="status">
          {fault.message}
        </p>
      )}
    </search>
  );
}

const around = (place: number, length: number): number => (place < -1 ? length - 1 : place >= length ? -1 : place);

/** The text of the field once more, unseen but for the line under what is wrong. */
function Marked({ text, at, length }: { readonly text: string; readonly at: number; readonly length: number }) {
  const start = Math.min(at, Math.max(text.length - 1, 0));
  return (
    <>
      {text.slice(0, start)}
      <mark>{text.slice(start, start + length)}</mark>
      {text.slice(start + length)}
    </>
  );
}
