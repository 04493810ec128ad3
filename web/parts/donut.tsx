import { type MouseEvent, type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { REST_COLOR, seriesColor } from '../theme/series.ts';
import { compact, share, whole } from './number-text.ts';
import './donut.css';

export interface DonutProps {
  /** What is counted, as a name of the picture. */
  readonly label: string;
  /** The greatest first. */
  readonly values: readonly { readonly value: string; readonly count: number }[];
  /** Counts of values that are not shown, and of what has no value. */
  readonly others?: number;
  readonly missing?: number;
  readonly size?: number;
  readonly nameOf?: (value: string) => string;
  /** With the alt key (or by a button of the caller's): all but this. Every slice leads on by this or by `linkOf`. */
  readonly onPick?: (value: string, exclude: boolean) => void;
  readonly linkOf?: (value: string) => string;
}

interface Slice {
  /** Absent: not a value of its own. */
  readonly value?: string;
  readonly name: string;
  readonly count: number;
  readonly color: string;
}

/** Top values as a pie, with the same as a list beside it: the picture is for the eye, the list for everything else. */
export function Donut({ label, values, others = 0, missing = 0, size = 120, nameOf, onPick, linkOf }: DonutProps) {
  const [over, setOver] = useState<string>();
  const slices: Slice[] = [
    ...values.map(({ value, count }, i) => ({
      value,
      name: value === '' ? '(empty)' : (nameOf?.(value) ?? value),
      count,
      color: seriesColor(value, i),
    })),
    ...(others > 0 ? [{ name: 'others', count: others, color: REST_COLOR }] : []),
    ...(missing > 0 ? [{ name: 'no value', count: missing, color: 'var(--mantine-color-default-border)' }] : []),
  ];
  const all = slices.reduce((sum, { count }) => sum + count, 0);
  const pick = (event: MouseEvent, { value }: Slice) => value !== undefined && onPick?.(value, event.altKey);
  return (
    <figure className="donut" aria-label={label}>
      <svg width={size} height={size} viewBox="-50 -50 100 100" aria-hidden>
        {arcs(slices, all).map(({ slice, path }) => (
          // The list beside it does the same for the keyboard; the picture is hidden from it.
          // biome-ignore lint/a11y/noStaticElementInteractions: said above
          <path
            key={slice.name}
            d={path}
            fill={slice.color}
            fillRule="evenodd"
            opacity={over === undefined || over === slice.name ? 1 : 0.45}
            style={{ cursor: onPick && slice.value !== undefined ? 'pointer' : undefined }}
            onPointerEnter={() => setOver(slice.name)}
            onPointerLeave={() => setOver(undefined)}
            onClick={(event) => pick(event, slice)}
          />
        ))}
        <text textAnchor="middle" y={6} fontSize={17} fontWeight={600} fill="currentColor">
          {compact(all)}
        </text>
      </svg>
      <ul>
        {slices.map((slice) => (
          <li key={slice.name} onPointerEnter={() => setOver(slice.name)} onPointerLeave={() => setOver(undefined)}>
            <Entry
              over={over === slice.name}
              onClick={slice.value === undefined || onPick === undefined ? undefined : (event) => pick(event, slice)}
              link={slice.value === undefined ? undefined : linkOf?.(slice.value)}
            >
              <span className="swatch" style={{ background: slice.color }} />
              <span className="donut-name" title={slice.name}>
                {slice.name}
              </span>
              <span>{whole(slice.count)}</span>
              <span className="donut-share">{share(slice.count, all)}</span>
            </Entry>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function Entry({
  over,
  onClick,
  link,
  children,
}: {
  readonly over: boolean;
  readonly onClick: ((event: MouseEvent) => void) | undefined;
  readonly link: string | undefined;
  readonly children: ReactNode;
}) {
  if (link !== undefined)
    return (
      <Link to={link} data-over={over}>
        {children}
      </Link>
    );
  if (onClick === undefined) return <span data-over={over}>{children}</span>;
  return (
    <button type="button" data-over={over} onClick={onClick}>
      {children}
    </button>
  );
}

const [OUTER, INNER] = [49, 29];

/** Rings' pieces, clockwise from the top. A piece that is all of it is two rings, because an arc cannot end where it begins. */
function arcs(slices: readonly Slice[], all: number): { readonly slice: Slice; readonly path: string }[] {
  let turned = 0;
  return slices
    .filter(({ count }) => count > 0)
    .map((slice) => {
      const [from, to] = [turned, turned + slice.count / all];
      turned = to;
      return { slice, path: slice.count === all ? ring(OUTER) + ring(INNER) : piece(from, to) };
    });
}

const ring = (radius: number): string => `M0 ${-radius}A${radius} ${radius} 0 1 1 -0.01 ${-radius}Z`;

function piece(from: number, to: number): string {
  const large = to - from > 0.5 ? 1 : 0;
  const [a, b, c, d] = [at(from, OUTER), at(to, OUTER), at(to, INNER), at(from, INNER)];
  return `M${a}A${OUTER} ${OUTER} 0 ${large} 1 ${b}L${c}A${INNER} ${INNER} 0 ${large} 0 ${d}Z`;
}

function at(turn: number, radius: number): string {
  const angle = turn * 2 * Math.PI;
  return `${(Math.sin(angle) * radius).toFixed(2)} ${(-Math.cos(angle) * radius).toFixed(2)}`;
}
