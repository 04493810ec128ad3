import { openImport } from '../sources/import/open-import.ts';
import { type ByteLine, lineBatches } from './byte-lines.ts';

export interface NumberedLine extends ByteLine {
  /** From 1, over all files, empty lines counted too. */
  readonly line: number;
}

interface Input {
  readonly files: readonly string[];
  readonly maxLineBytes: number;
  /** Told of a file that cannot be read (any further); the next one follows. */
  onFault(file: string, error: unknown): void;
}

/** The lines of the files, plain, gzip or zstd, one after the other; of standard input where there are none. Lines come as they end. */
export async function* numberedLines({ files, maxLineBytes, onFault }: Input): AsyncGenerator<readonly NumberedLine[]> {
  let line = 0;
  const numbered = (each: ByteLine): NumberedLine => ({ ...each, line: ++line });
  if (files.length === 0) {
    for await (const lines of lineBatches(process.stdin, maxLineBytes)) yield lines.map(numbered);
    return;
  }
  for (const file of files) {
    try {
      const { content } = await openImport(file);
      for await (const lines of lineBatches(content, maxLineBytes)) yield lines.map(numbered);
    } catch (error) {
      onFault(file, error);
    }
  }
}
