// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual table stand anywhere, which those of a <table> cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the keyboard (aria-activedescendant)
// biome-ignore-all lint/a11y/useKeyWithClickEvents: as above
import { Menu, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowLeft, ArrowRight, ChevronDown, PieChart, X } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react';
import { type EventView, messageOf, worstLevel } from '../../parts/event-facts.ts';
import { SUMMARIES } from '../../parts/event-summary.ts';
import { LEVEL_LOOK } from '../../theme/level.ts';
import { cellText, fieldOf, isLong, labelOf, leastWidth, moved } from './columns.ts';
import './event-table.css';

export interface EventTableProps {
  readonly events: readonly EventView[];
  readonly columns: readonly string[];
  /** The row that the keyboard is on. */
  readonly active: number;
  readonly openId: string | undefined;
  readonly scrollRef: RefObject<HTMLDivElement | null>;
  /** What is after the last row: more, the end, or why there is no more. */
  readonly foot: React.ReactNode;
  readonly onActive: (place: number) => void;
  readonly onOpen: (id: string) => void;
  readonly onColumns: (columns: readonly string[]) => void;
  readonly onQuickValues: (field: string) => void;
  /** The last rows are in sight. */
  readonly onEnd: () => void;
  /** Whether the first row is in sight, and nobody points at the rows. */
  readonly onRest: (isResting: boolean) => void;
}

const ROW_PX = 29;
const CARD_PX = 80;
const NEAR_THE_END = 20;

/** The events as rows, of which only those in sight are drawn. */
export function EventTable(props: EventTableProps) {
  const { events, columns, active, openId, scrollRef, foot, onActive, onOpen, onEnd, onRest } = props;
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false }) === true;
  const isOver = useRef(false);
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => (isNarrow ? CARD_PX : ROW_PX),
    getItemKey: (place) => events[place]?.id ?? place,
    overscan: 12,
  });
  const drawn = rows.getVirtualItems();
  const lastDrawn = drawn.at(-1)?.index ?? -1;

  useEffect(() => {
    if (events.length > 0 && lastDrawn >= events.length - NEAR_THE_END) onEnd();
  }, [lastDrawn, events.length, onEnd]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the size of a row changes with the kind of it
  useEffect(() => rows.measure(), [isNarrow]);
  useEffect(() => {
    if (active >= 0) rows.scrollToIndex(active, { align: 'auto' });
  }, [active, rows]);

  const rest = () => onRest(!isOver.current && (scrollRef.current?.scrollTop ?? 0) < ROW_PX);
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 0) / ROW_PX) - 1);
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -events.length, End: events.length }[event.key];
    const at = events[active];
    if (move !== undefined) onActive(Math.min(Math.max(active + move, 0), events.length - 1));
    else if (event.key === 'Enter' && at) onOpen(at.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const widths = columns.map(leastWidth);
  const template = `168px ${columns.map((name, i) => `minmax(${widths[i]}px, ${isLong(name) ? 4 : 1}fr)`).join(' ')}`;
  const least = isNarrow ? 0 : widths.reduce((sum, width) => sum + width, 168);
  return (
    <div
      ref={scrollRef}
      className="events"
      data-narrow={isNarrow}
      onScroll={rest}
      onPointerEnter={() => {
        isOver.current = true;
        rest();
      }}
      onPointerLeave={() => {
        isOver.current = false;
        rest();
      }}
    >
      <div
        role="grid"
        className="events-grid"
        style={{ minWidth: least }}
        aria-label="Events, newest first"
        aria-rowcount={events.length + 1}
        aria-colcount={columns.length + 1}
        aria-activedescendant={active >= 0 ? `event-row-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        {!isNarrow && <Head {...props} template={template} />}
        <div className="events-body" style={{ height: rows.getTotalSize() }} role="rowgroup">
          {drawn.map(({ index, start, key }) => {
            const event = events[index];
            if (event === undefined) return null;
            return (
              <div
                key={key}
                id={`event-row-${index}`}
                className="events-row"
                role="row"
                aria-rowindex={index + 2}
                aria-selected={event.id === openId}
                data-active={index === active}
                style={{ transform: `translateY(${start}px)`, ...(!isNarrow && { gridTemplateColumns: template }) }}
                onClick={() => {
                  onActive(index);
                  onOpen(event.id);
                }}
              >
                {isNarrow ? <Card event={event} columns={columns} /> : <Cells event={event} columns={columns} />}
              </div>
            );
          })}
        </div>
      </div>
      {foot}
    </div>
  );
}

/** Comes into sight when it is added. */
function useNewInSight(columns: readonly string[], head: RefObject<HTMLDivElement | null>): void {
  const before = useRef(columns);
  useEffect(() => {
    const place = columns.findIndex((name) => !before.current.includes(name));
    const isOne = columns.length === before.current.length + 1;
    before.current = columns;
    if (place >= 0 && isOne) head.current?.children[place + 1]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [columns, head]);
}

function Head({ events, columns, template, onColumns, onQuickValues }: EventTableProps & { readonly template: string }) {
  const head = useRef<HTMLDivElement>(null);
  useNewInSight(columns, head);
  const move = (place: number, by: -1 | 1) => {
    const after = moved(columns, place, by);
    return { disabled: after === undefined, onClick: () => after && onColumns(after) };
  };
  return (
    <div className="events-head" role="rowgroup">
      <div ref={head} className="events-row" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        <Label name="Time" />
        {columns.map((name, place) => (
          <div key={name} role="columnheader" className="events-cell">
            <Menu position="bottom-start" withinPortal>
              <Menu.Target>
                <UnstyledButton className="events-column" title={SUMMARIES.get(name)?.fields.join(', or ') ?? name}>
                  <span>{labelOf(name)}</span>
                  <ChevronDown size={11} aria-hidden />
                </UnstyledButton>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Label className="mono">{labelOf(name)}</Menu.Label>
                <Menu.Item leftSection={<PieChart size={13} aria-hidden />} onClick={() => onQuickValues(fieldOf(name, events))}>
                  Quick values of {fieldOf(name, events)}
                </Menu.Item>
                <Menu.Item leftSection={<ArrowLeft size={13} aria-hidden />} {...move(place, -1)}>
                  Move left
                </Menu.Item>
                <Menu.Item leftSection={<ArrowRight size={13} aria-hidden />} {...move(place, 1)}>
                  Move right
                </Menu.Item>
                <Menu.Item leftSection={<X size={13} aria-hidden />} onClick={() => onColumns(columns.filter((each) => each !== name))}>
                  Remove
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </div>
        ))}
      </div>
    </div>
  );
}

const Label = ({ name }: { readonly name: string }) => (
  <div role="columnheader" className="events-cell events-column">
    {name}
  </div>
);

const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: '2-digit' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

function Time({ event }: { readonly event: EventView }) {
  const at = new Date(event.timestamp);
  const level = worstLevel(event);
  const look = level && LEVEL_LOOK[level];
  return (
    <>
      <span className="events-level" style={look && { color: `var(--mantine-color-${look.color}-filled)` }}>
        {look && (
          <>
            <look.icon size={13} aria-hidden />
            <span className="unseen">{look.word}</span>
          </>
        )}
      </span>
      <time dateTime={event.timestamp} title={event.timestamp}>
        {day.format(at)} {clock.format(at)}
        <span className="events-millis">.{event.timestamp.slice(20, 23)}</span>
      </time>
    </>
  );
}

function Cells({ event, columns }: { readonly event: EventView; readonly columns: readonly string[] }) {
  return (
    <>
      <div role="gridcell" className="events-cell events-time">
        <Time event={event} />
      </div>
      {columns.map((name) => {
        const text = cellText(event, name);
        return (
          <div
            key={name}
            role="gridcell"
            className="events-cell"
            data-outcome={fieldOf(name, []) === 'event.outcome' ? text : undefined}
            title={text}
          >
            {text.slice(0, 400)}
          </div>
        );
      })}
    </>
  );
}

/** A row of a phone: when and the first column, the other columns, the message. */
function Card({ event, columns }: { readonly event: EventView; readonly columns: readonly string[] }) {
  const [first = '', ...facts] = columns.filter((name) => !isLong(name)).map((name) => cellText(event, name));
  return (
    <div role="gridcell" className="events-card">
      <div className="events-time">
        <Time event={event} />
        <span className="events-card-first">{first}</span>
      </div>
      <div className="events-card-facts">{facts.filter(Boolean).join(' · ')}</div>
      <div className="events-card-message">{messageOf(event).slice(0, 200)}</div>
    </div>
  );
}
