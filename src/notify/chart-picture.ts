import { LETTER_HEIGHT } from '../lib/dot-letters.ts';
import { type Box, type Color, Raster, textWidth } from '../lib/raster.ts';
import { type Chart, type ChartBar, totalOf } from '../model/chart.ts';
import { LEVELS, type Level } from '../model/severity.ts';

const WIDTH = 720;
const HEIGHT = 300;
const MARGIN = 16;
/** Points of a letter's dot. */
const DOT = 2;
const LINE = LETTER_HEIGHT * DOT;
const BAR = 36;
const GAP = 4;
const SWATCH = 16;
/** Something that is there can be seen. */
const LEAST = 4;

/** Its own light ground: it reads the same in a light and in a dark window. */
const PALETTE: readonly Color[] = [
  [255, 255, 255],
  [40, 40, 40],
  [200, 200, 200],
  [105, 105, 105],
  [150, 20, 45],
  [226, 100, 20],
  [245, 190, 60],
  [110, 170, 220],
  [225, 230, 235],
];
/** Places in it. */
const [INK, FRAME, FAINT] = [1, 2, 3];

type Texture = (column: number, row: number) => boolean;

/** Each level by its color and by what is drawn on it: who sees no colors, and a copy in gray, tell them apart. */
const LOOKS: Readonly<Record<Level, { readonly color: number; readonly texture: Texture }>> = {
  critical: { color: 4, texture: () => false },
  high: { color: 5, texture: (column, row) => (column + row) % 6 < 2 },
  medium: { color: 6, texture: (_, row) => row % 6 < 2 },
  low: { color: 7, texture: (column, row) => column % 6 < 2 && row % 6 < 2 },
  informational: { color: 8, texture: () => false },
};

/** A small picture of it, as PNG: for each piece a bar of its alerts, the worst at the bottom, behind a hollow one of the time before. */
export function drawChart(chart: Chart): Uint8Array {
  const raster = new Raster(WIDTH, HEIGHT, PALETTE);
  raster.outline({ x: 0, y: 0, width: WIDTH, height: HEIGHT }, FRAME);
  const top = drawLegend(raster, chart) + LINE + 2 * GAP;
  const bottom = HEIGHT - MARGIN - LINE - GAP;
  raster.fill({ x: MARGIN, y: bottom, width: WIDTH - 2 * MARGIN, height: 1 }, INK);
  const most = Math.max(1, ...chart.bars.map(({ levels }) => totalOf(levels)), ...chart.bars.map(({ before }) => before));
  const slot = (WIDTH - 2 * MARGIN) / chart.bars.length;
  const scale = (count: number) => (count === 0 ? 0 : Math.max(LEAST, Math.round((count / most) * (bottom - top))));
  for (const [i, bar] of chart.bars.entries()) {
    const middle = Math.round(MARGIN + slot * (i + 0.5));
    const isCompared = chart.before !== undefined;
    if (isCompared) drawBefore(raster, bar.before, { x: middle - BAR - GAP / 2, bottom, height: scale(bar.before) });
    drawNow(raster, bar, { x: isCompared ? middle + GAP / 2 : middle - BAR / 2, bottom, height: scale(totalOf(bar.levels)) });
    writeAround(raster, bar.label, middle, bottom + GAP + 1, INK);
  }
  return raster.png();
}

interface Standing {
  readonly x: number;
  readonly bottom: number;
  readonly height: number;
}

function drawBefore(raster: Raster, count: number, { x, bottom, height }: Standing): void {
  if (height > 0) raster.outline({ x, y: bottom - height, width: BAR, height }, FAINT);
  writeAround(raster, shortNumber(count), x + BAR / 2, bottom - height - LINE - GAP, FAINT);
}

function drawNow(raster: Raster, { levels }: ChartBar, { x, bottom, height }: Standing): void {
  const total = totalOf(levels);
  let below = 0;
  for (const level of LEVELS.toReversed()) {
    const from = Math.round((below / Math.max(1, total)) * height);
    below += levels[level];
    const to = Math.round((below / Math.max(1, total)) * height);
    drawLevel(raster, level, { x, y: bottom - to, width: BAR, height: to - from });
  }
  writeAround(raster, shortNumber(total), x + BAR / 2, bottom - height - LINE - GAP, INK);
}

function drawLevel(raster: Raster, level: Level, box: Box): void {
  const { color, texture } = LOOKS[level];
  raster.fill(box, color);
  raster.fill(box, INK, texture);
  raster.outline(box, INK);
}

/** What the looks mean, of the levels that are there. Gives where it ends. */
function drawLegend(raster: Raster, { bars, before }: Chart): number {
  const shown = LEVELS.toReversed().filter((level) => bars.some(({ levels }) => levels[level] > 0));
  let [x, y] = [MARGIN, MARGIN];
  const entry = (text: string, draw: (box: Box) => void) => {
    const width = SWATCH + 2 * GAP + textWidth(text, DOT);
    if (x + width > WIDTH - MARGIN) [x, y] = [MARGIN, y + SWATCH + 2 * GAP];
    draw({ x, y, width: SWATCH, height: SWATCH });
    raster.write(text, x + SWATCH + 2 * GAP, y + 1, INK, DOT);
    x += width + 5 * GAP;
  };
  for (const level of shown) entry(level, (box) => drawLevel(raster, level, box));
  if (before !== undefined) entry(before, (box) => raster.outline(box, FAINT));
  return y + SWATCH;
}

const writeAround = (raster: Raster, text: string, middle: number, y: number, color: number): void =>
  raster.write(text, Math.round(middle - textWidth(text, DOT) / 2), y, color, DOT);

/** Three signs are as wide as a bar: `999`, `12k`. */
const shortNumber = (count: number): string => (count < 1_000 ? `${count}` : `${Math.round(count / 1_000)}k`);
