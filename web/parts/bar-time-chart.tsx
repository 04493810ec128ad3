import { Button, Table } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { ChartColumn, Table2 } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useId, useMemo, useState } from 'react';
import { REST_COLOR, seriesColor } from '../theme/series.ts';
import { axisSteps, OTHERS, type StackedBar, seriesOf, stacked, type TimeBar, tickPlaces } from './bar-time-scale.ts';
import { compact, whole } from './number-text.ts';
import { tickText } from './time-words.ts';
import './bar-time-chart.css';

export interface BarTimeChartProps {
  /** What is counted, as a name of the picture. */
  readonly label: string;
  readonly bars: readonly TimeBar[];
  readonly intervalMs: number;
  /** Values in an order of their own, such as levels; the others follow, the greatest first. */
  readonly order?: readonly string[] | undefined;
  readonly height?: number;
  /** What to call a value; levels have their words. */
  readonly nameOf?: (value: string) => string;
  /** A stretch was drawn with the pointer, or a bar was chosen. ISO 8601; `to` is not in it. */
  readonly onRange?: (from: string, to: string) => void;
  /** A value was chosen in the legend. */
  readonly onValue?: (value: string) => void;
}

/** Bars that were marked: places of the first and the last. */
type Span = readonly [first: number, last: number];

const AXIS = 44;
const FOOT = 18;
const HEAD = 6;

/** Counts over time, stacked by value. Read by pointer, by keyboard, and as a table. */
export function BarTimeChart({ label, bars, intervalMs, order, height = 150, nameOf, onRange, onValue }: BarTimeChartProps) {
  const [asTable, setAsTable] = useState(false);
  const series = useMemo(() => seriesOf(bars, order), [bars, order]);
  const stacks = useMemo(() => stacked(bars, series), [bars, series]);
  const name = (value: string) => (value === OTHERS ? 'others' : value === '' ? 'no value' : (nameOf?.(value) ?? value));
  const shared = { label, stacks, series, intervalMs, name };
  return (
    <figure className="time-chart" aria-label={label}>
      {asTable ? <CountTable {...shared} /> : <Picture {...shared} height={height} onRange={onRange} />}
      <figcaption className="time-chart-legend">
        {series.map((value, place) => (
          <LegendEntry key={value} name={name(value)} color={colorOf(value, place)} onClick={pick(value, onValue)} />
        ))}
        <Button
          size="compact-xs"
          mih={24}
          variant="subtle"
          color="gray"
          ml="auto"
          leftSection={asTable ? <ChartColumn size={12} aria-hidden /> : <Table2 size={12} aria-hidden />}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'As bars' : 'As table'}
        </Button>
      </figcaption>
    </figure>
  );
}

const colorOf = (value: string, place: number): string => (value === OTHERS ? REST_COLOR : seriesColor(value, place));

const pick = (value: string, onValue: BarTimeChartProps['onValue']) =>
  onValue === undefined || value === OTHERS ? undefined : () => onValue(value);

function LegendEntry({
  name,
  color,
  onClick,
}: {
  readonly name: string;
  readonly color: string;
  readonly onClick: (() => void) | undefined;
}) {
  const content = (
    <>
      <span className="swatch" style={{ background: color }} />
      {name}
    </>
  );
  return onClick === undefined ? (
    <span className="time-chart-entry">{content}</span>
  ) : (
    <button type="button" className="time-chart-entry" onClick={onClick}>
      {content}
    </button>
  );
}

interface PictureProps {
  readonly label: string;
  readonly stacks: readonly StackedBar[];
  readonly series: readonly string[];
  readonly intervalMs: number;
  readonly name: (value: string) => string;
  readonly height: number;
  readonly onRange: BarTimeChartProps['onRange'];
}

function Picture({ label, stacks, series, intervalMs, name, height, onRange }: PictureProps) {
  const hint = useId();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const [span, setSpan] = useState<Span>();
  const [drawn, setDrawn] = useState(false);
  const wide = Math.max(width - AXIS, 1);
  const step = wide / Math.max(stacks.length, 1);
  const last = stacks.length - 1;
  const use = ([a, b]: Span) => {
    const [first, end] = [stacks[Math.min(a, b)], stacks[Math.max(a, b)]];
    if (first !== undefined && end !== undefined) onRange?.(new Date(first.at).toISOString(), new Date(end.at + intervalMs).toISOString());
  };
  const placeOf = (event: PointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - AXIS;
    return Math.min(Math.max(Math.floor(x / step), 0), Math.max(last, 0));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last }[event.key];
    if (event.key === 'Escape') setSpan(undefined);
    else if (event.key === 'Enter' && span !== undefined) use(span);
    else if (move !== undefined) {
      const to = Math.min(Math.max((span?.[1] ?? (move > 0 ? -1 : last + 1)) + move, 0), last);
      setSpan([event.shiftKey ? (span?.[0] ?? to) : to, to]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // A slider of its own kind: one stop for the keyboard, whose value is the bar, or stretch of bars, that it stands on.
    <div
      ref={ref}
      className="time-chart-picture"
      data-brush={onRange !== undefined}
      style={{ height: height + FOOT + HEAD }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-describedby={hint}
      aria-valuemin={0}
      aria-valuemax={Math.max(last, 0)}
      aria-valuenow={span?.[1] ?? 0}
      aria-valuetext={span === undefined ? `${whole(sum(stacks))} in all` : spanText(stacks, span, series, name, intervalMs)}
      onKeyDown={onKeyDown}
      onBlur={() => setSpan(undefined)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrawn(true);
        setSpan([placeOf(event), placeOf(event)]);
      }}
      onPointerMove={(event) => setSpan(drawn && span !== undefined ? [span[0], placeOf(event)] : [placeOf(event), placeOf(event)])}
      onPointerUp={() => {
        if (drawn && span !== undefined) use(span);
        setDrawn(false);
        setSpan(undefined);
      }}
      onPointerCancel={() => setDrawn(false)}
      onPointerLeave={() => !drawn && setSpan(undefined)}
    >
      <Bars stacks={stacks} series={series} intervalMs={intervalMs} width={width} height={height} step={step} span={span} />
      {span !== undefined && (
        <div className="time-chart-tip" style={tipPlace(AXIS + (span[1] + 0.5) * step, width)} aria-hidden>
          {spanText(stacks, span, series, name, intervalMs)}
        </div>
      )}
      <span id={hint} hidden>
        Arrow keys go from bar to bar, with shift they mark several
        {onRange === undefined ? '.' : ', Enter shows only what is marked.'}
      </span>
    </div>
  );
}

/** On the side of the bar that has room. */
const tipPlace = (x: number, width: number) => (x > width / 2 ? { right: width - x + 8 } : { left: x + 8 });

const Y_LINES = 3;

function Bars({
  stacks,
  series,
  intervalMs,
  width,
  height,
  step,
  span,
}: {
  readonly stacks: readonly StackedBar[];
  readonly series: readonly string[];
  readonly intervalMs: number;
  readonly width: number;
  readonly height: number;
  readonly step: number;
  readonly span: Span | undefined;
}) {
  if (width === 0) return null;
  const lines = axisSteps(Math.max(...stacks.map(({ count }) => count), 1), Y_LINES);
  const y = (count: number) => HEAD + height * (1 - count / (lines.at(-1) ?? 1));
  const ticks = tickPlaces(
    stacks.map(({ at }) => at),
    intervalMs,
    step,
  );
  const length = (stacks.at(-1)?.at ?? 0) - (stacks[0]?.at ?? 0);
  const gap = step > 4 ? 1 : 0;
  const marked = span === undefined ? undefined : ([Math.min(...span), Math.max(...span)] as const);
  return (
    <svg width={width} height={height + FOOT + HEAD} aria-hidden>
      {lines.map((count) => (
        <g key={count}>
          <line x1={AXIS} x2={width} y1={y(count)} y2={y(count)} className="time-chart-line" />
          <text x={AXIS - 6} y={y(count) + 4} textAnchor="end">
            {compact(count)}
          </text>
        </g>
      ))}
      {marked && (
        <rect className="time-chart-mark" x={AXIS + marked[0] * step} width={(marked[1] - marked[0] + 1) * step} y={HEAD} height={height} />
      )}
      {stacks.map(({ at, parts }, place) => {
        let below = 0;
        return (
          <g key={at}>
            {parts.map((count, which) => {
              const value = series[which] ?? '';
              const top = y(below + count);
              const tall = y(below) - top;
              below += count;
              if (count === 0) return null;
              return (
                <rect
                  key={value}
                  x={AXIS + place * step + gap / 2}
                  width={Math.max(step - gap, 0.5)}
                  y={top}
                  height={Math.max(tall, 1)}
                  fill={series.length === 0 ? 'var(--mantine-primary-color-filled)' : colorOf(value, which)}
                />
              );
            })}
          </g>
        );
      })}
      {ticks.map((place) => {
        const x = AXIS + place * step;
        // The last one must not be cut off.
        if (x > width - 34) return null;
        return (
          <g key={place}>
            <line x1={x} x2={x} y1={HEAD + height} y2={HEAD + height + 4} className="time-chart-tick" />
            <text x={x + 3} y={HEAD + height + 14}>
              {tickText(stacks[place]?.at ?? 0, length)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

const sum = (stacks: readonly StackedBar[]): number => stacks.reduce((all, { count }) => all + count, 0);

const exactly = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

function spanText(
  stacks: readonly StackedBar[],
  span: Span,
  series: readonly string[],
  name: (value: string) => string,
  intervalMs: number,
): string {
  const within = stacks.slice(Math.min(...span), Math.max(...span) + 1);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined) return '';
  const counts = series.map((value, i) => [name(value), within.reduce((all, { parts }) => all + (parts[i] ?? 0), 0)] as const);
  const shown = counts.filter(([, count]) => count > 0).map(([value, count]) => `${value} ${whole(count)}`);
  const time = `${exactly.format(first.at)} – ${exactly.format(last.at + intervalMs)}`;
  return [time, whole(sum(within)), ...(shown.length > 0 ? [shown.join(', ')] : [])].join(' · ');
}

/** The same numbers, for who reads better than looks: only the bars that have any. */
function CountTable({
  label,
  stacks,
  series,
  name,
}: {
  readonly label: string;
  readonly stacks: readonly StackedBar[];
  readonly series: readonly string[];
  readonly name: (value: string) => string;
}) {
  return (
    // Scrolls, so it must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, a region that scrolls
    <section className="time-chart-table" tabIndex={0} aria-label={`${label}, as a table`}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>From</Table.Th>
            <Table.Th ta="right">Count</Table.Th>
            {series.map((value) => (
              <Table.Th key={value} ta="right">
                {name(value)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {stacks
            .filter(({ count }) => count > 0)
            .map(({ at, count, parts }) => (
              <Table.Tr key={at}>
                <Table.Td>{exactly.format(at)}</Table.Td>
                <Table.Td ta="right">{whole(count)}</Table.Td>
                {series.map((value, i) => (
                  <Table.Td key={value} ta="right">
                    {whole(parts[i] ?? 0)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
