import { LEVEL_LOOK } from './level.ts';

/**
 * Colours for values that have no meaning of their own: far apart in lightness too, so that they are told apart without seeing colours,
 * and 3 to 1 against both backgrounds (WCAG 1.4.11). The word stands beside each.
 */
const PALETTE = ['#1c7f9c', '#b8842a', '#7a5fc0', '#4f9d4a', '#c0567f', '#3f6fd0', '#8a7a52', '#2aa198', '#a86a4a', '#6d7f93'];
/** For all that has no colour of its own. */
export const REST_COLOR = '#868e96';

/** Values are what an event says, `constructor` among it: no plain object is asked for them. */
const MEANING = new Map<string, string>([
  ['success', '#6b9a93'],
  ['failure', '#d6453d'],
  ['unknown', REST_COLOR],
  ['', REST_COLOR],
  ...Object.entries(LEVEL_LOOK).map(([level, { chart }]) => [level, `var(--mantine-color-${chart.replace('.', '-')})`] as const),
]);

/** The colour of a value: levels and outcomes have theirs everywhere, others by their place in the list. */
export const seriesColor = (value: string, place: number): string => MEANING.get(value) ?? PALETTE[place % PALETTE.length] ?? REST_COLOR;
