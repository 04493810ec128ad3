import type { Answer, Span } from './answer.ts';
import { LEVELS, type Level } from './severity.ts';

/** Alerts over a time in pieces of it, beside the time before: small enough to be drawn. */
export interface Chart {
  /** What the time before is called, such as `the week before`; absent: there is none to compare with. */
  readonly before?: string | undefined;
  readonly bars: readonly ChartBar[];
}

export interface ChartBar {
  readonly label: string;
  readonly levels: Readonly<Record<Level, number>>;
  /** How many there were in the same piece of the time before. */
  readonly before: number;
}

/** Signs of the longest bar. */
const WIDEST = 20;
/** A blank that no target takes away. */
const PAD = '\u2007';

export const totalOf = (levels: ChartBar['levels']): number => LEVELS.reduce((sum, level) => sum + levels[level], 0);

/** How many of each level, the worst first; levels of which there is none are left out. */
export const levelsText = (levels: ChartBar['levels']): string =>
  LEVELS.toReversed()
    .flatMap((level) => (levels[level] === 0 ? [] : [`${levels[level]} ${level}`]))
    .join(', ');

/** The same in words, for who cannot see it. */
export function chartWords({ bars, before }: Chart): string {
  const said = bars.map((bar) => {
    const total = totalOf(bar.levels);
    const then = before === undefined ? '' : `, ${before} ${bar.before}`;
    return `${bar.label}: ${total}${total === 0 ? '' : ` (${levelsText(bar.levels)})`}${then}`;
  });
  return `Alerts over time by severity${before === undefined ? '' : `, beside ${before}`}. ${said.join('; ')}.`;
}

/** The same of signs, where no picture can be shown. */
export function chartLines({ bars, before }: Chart): Answer {
  const most = Math.max(...bars.map(({ levels }) => totalOf(levels)), ...bars.map((bar) => bar.before));
  const signs = (sign: string, count: number) => sign.repeat(count === 0 ? 0 : Math.max(1, Math.round((count / most) * WIDEST)));
  const widest = Math.max(...bars.map(({ label }) => label.length));
  return bars.map(({ label, levels, before: then }): Span[] => {
    const total = totalOf(levels);
    return [
      { code: [label.padEnd(widest, PAD), signs('█', total), total].filter((part) => part !== '').join(PAD) },
      total === 0 ? '' : ` ${levelsText(levels)}`,
      ...(before === undefined ? [] : [` · ${before} `, { code: then === 0 ? '0' : `${signs('░', then)}${PAD}${then}` }]),
    ];
  });
}
