import { type DecodedPng, decode } from 'fast-png';
import { expect, it } from 'vitest';
import type { Chart } from '../model/chart.ts';
import { LEVELS } from '../model/severity.ts';
import { drawChart } from './chart-picture.ts';

const NONE = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
const labels = ['Mon 16', 'Tue 17', 'Wed 18', 'Thu 19', 'Fri 20', 'Sat 21', 'Sun 22'];
const chart = (levels: Partial<Chart['bars'][number]['levels']>, before = 0, at = 0): Chart => ({
  before: 'the week before',
  bars: labels.map((label, i) => ({ label, levels: i === at ? { ...NONE, ...levels } : NONE, before: i === at ? before : 0 })),
});
const draw = (of: Chart): DecodedPng => decode(drawChart(of));
/** Points of a place in the palette, within columns. */
const points = ({ data, width, height }: DecodedPng, color: number, from = 0, to = width): number => {
  let count = 0;
  for (let y = 0; y < height; y++) for (let x = from; x < to; x++) if (data[y * width + x] === color) count++;
  return count;
};
const COLORS = { critical: 4, high: 5, medium: 6, low: 7, informational: 8 };
const INK = 1;
const FAINT = 3;

it('is a PNG of its size, small', () => {
  const png = drawChart(chart({ high: 3 }, 2));
  expect(decode(png)).toMatchObject({ width: 720, height: 300, channels: 1 });
  expect(png.length).toBeLessThan(20_000);
});

it('draws bars as high as there are alerts, those of the time before beside them', () => {
  const high = (count: number, beside: number) => points(draw(chart({ critical: count, low: beside })), COLORS.critical);
  // The same whole, another share.
  expect(high(8, 2)).toBeGreaterThan(high(4, 6) * 1.6);
  expect(high(4, 6)).toBeGreaterThan(high(1, 9) * 2.5);
  const before = (count: number) => points(draw(chart({ low: 10 }, count)), FAINT, 0, 118);
  expect(before(10)).toBeGreaterThan(before(5) + 50);
  expect(points(draw(chart({ low: 1 }, 0, 6)), COLORS.low, 0, 600)).toBeLessThan(points(draw(chart({ low: 1 }, 0, 0)), COLORS.low, 0, 600));
});

it('tells levels apart without their colors', () => {
  const shares = LEVELS.map((level) => {
    const shown = draw({ bars: chart({ [level]: 10 }).bars });
    const [ink, own] = [points(shown, INK, 40, 90), points(shown, COLORS[level], 40, 90)];
    return { level, ink: ink / (ink + own) };
  });
  const of = (wanted: string) => shares.find(({ level }) => level === wanted)?.ink ?? 0;
  // Plain, dots, and lines of two kinds: dark red and a light gray are plain both, and far apart in gray.
  expect(of('low')).toBeGreaterThan(of('critical') + 0.05);
  expect(of('medium')).toBeGreaterThan(of('low') + 0.1);
  expect(of('high')).toBeGreaterThan(of('low') + 0.1);
  expect(draw(chart({ high: 10 })).data).not.toEqual(draw(chart({ medium: 10 })).data);
});

it('explains only what is there, and compares only where there is something', () => {
  const alone = draw({ bars: chart({ high: 3 }).bars });
  expect(points(alone, FAINT)).toBe(0);
  for (const level of LEVELS.filter((each) => each !== 'high')) expect(points(alone, COLORS[level])).toBe(0);
  expect(points(draw(chart({ high: 3 })), FAINT)).toBeGreaterThan(0);
});

it('holds any numbers', () => {
  for (const levels of [{ ...NONE, critical: 1 }, Object.fromEntries(LEVELS.map((level) => [level, 1e7])), { medium: 1, low: 1e6 }])
    expect(draw(chart(levels, 1e9)).data.length).toBe(720 * 300);
});
