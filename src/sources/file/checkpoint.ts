import { z } from 'zod';

const place = z.strictObject({
  path: z.string(),
  offset: z.number().int().min(0),
  /** Content up to the offset, see mark.ts. */
  mark: z.string(),
});

/** How far a file source has read. It travels with the lines that it counts in, and holds when they do. */
const checkpoint = z.strictObject({
  version: z.literal(1),
  files: z.array(
    place.extend({
      dev: z.string(),
      inode: z.string(),
      /** The offset is within a line that is too long: skip to its end. */
      skipping: z.boolean().optional(),
    }),
  ),
  /** How far files were read that were truncated since: their copies (logrotate's copytruncate) are read on from there. */
  former: z.array(place),
});
export type Checkpoint = z.output<typeof checkpoint>;
export type FilePlace = Checkpoint['files'][number];
export type FormerPlace = Checkpoint['former'][number];

export const NO_CHECKPOINT: Checkpoint = { version: 1, files: [], former: [] };

/** Reads a checkpoint of this source; undefined for anything else. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  try {
    return checkpoint.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
