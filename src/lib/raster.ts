import { encode } from 'fast-png';
import { hasDot, LETTER_HEIGHT, LETTER_WIDTH } from './dot-letters.ts';

/** Red, green and blue, 0 to 255. */
export type Color = readonly [number, number, number];

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture of few colors, each a place in its palette, painted box by box. */
export class Raster {
  readonly width: number;
  readonly height: number;
  readonly #palette: readonly Color[];
  readonly #points: Uint8Array;

  /** All of it is of the palette's first color. */
  constructor(width: number, height: number, palette: readonly Color[]) {
    this.width = width;
    this.height = height;
    this.#palette = palette;
    this.#points = new Uint8Array(width * height);
  }

  /** `when`: which points of the box, counted from its corner. What is outside of the picture is left out. */
  fill({ x, y, width, height }: Box, color: number, when: (column: number, row: number) => boolean = () => true): void {
    for (let row = Math.max(0, -y); row < height && y + row < this.height; row++)
      for (let column = Math.max(0, -x); column < width && x + column < this.width; column++)
        if (when(column, row)) this.#points[(y + row) * this.width + x + column] = color;
  }

  outline(box: Box, color: number): void {
    this.fill(box, color, (column, row) => column === 0 || row === 0 || column === box.width - 1 || row === box.height - 1);
  }

  /** Each dot of a letter is a square of so many points. */
  write(text: string, x: number, y: number, color: number, dot: number): void {
    for (const [i, letter] of [...text].entries()) {
      const box = { x: x + i * LETTER_WIDTH * dot, y, width: LETTER_WIDTH * dot, height: LETTER_HEIGHT * dot };
      this.fill(box, color, (column, row) => hasDot(letter, Math.floor(column / dot), Math.floor(row / dot)));
    }
  }

  png(): Uint8Array {
    const palette = this.#palette.map((color) => [...color]);
    return encode({ width: this.width, height: this.height, data: this.#points, depth: 8, channels: 1, palette });
  }
}

/** How wide a text is as {@link Raster.write} writes it. */
export const textWidth = (text: string, dot: number): number => [...text].length * LETTER_WIDTH * dot - dot;
