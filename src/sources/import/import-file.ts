import type { Intake } from '../../model/record.ts';
import { readImport } from './read-import.ts';

/** How an import goes. Bytes are of the file as it lies on disk, so that a compressed one has an end in sight. */
export interface ImportProgress {
  readonly fileBytes: number;
  readonly fileBytesRead: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  /** Seconds; absent until there is a rate. */
  readonly etaSecs?: number;
}

export interface ImportResult {
  /** Messages stored by this import. */
  readonly events: number;
  /** Messages that had been stored already when their chunk was offered again. */
  readonly duplicates: number;
  /** Decompressed position where this import began: what is before was imported earlier. 0 for a new file, and for one without messages. */
  readonly resumedAt: number;
  /** Messages that were longer than `maxMessageBytes`, or that the file ended in. */
  readonly truncated: number;
}

interface ImportFileOptions {
  readonly path: string;
  /** Name of the source that the events come under. */
  readonly source: string;
  readonly intake: Intake;
  readonly maxMessageBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  keysWithPrefix(prefix: string): Promise<readonly string[]>;
  onProgress?(progress: ImportProgress): void;
  readonly signal?: AbortSignal;
}

/** Imports a file: each content once, and at any time it may be killed and started again. Throws when the file or the intake fails. */
export async function importFile(options: ImportFileOptions): Promise<ImportResult> {
  const { path, source, intake, now, onProgress, signal } = options;
  const startedAt = performance.now();
  const origin = { transport: 'file', path } as const;
  const truncatedOrigin = { ...origin, truncated: true } as const;
  let [events, duplicates, truncated, resumedAt] = [0, 0, 0, 0];
  let doneBefore: number | undefined;

  for await (const chunk of readImport(options)) {
    signal?.throwIfAborted();
    await intake.whenOpen();
    const { messages, key } = chunk;
    const receipt = await intake.append({ source, origin: chunk.truncated ? truncatedOrigin : origin, receivedAt: now(), messages, key });
    if (receipt.duplicate) duplicates += messages.length;
    else events += messages.length;
    if (chunk.truncated) truncated += 1;
    resumedAt = chunk.resumedAt;
    doneBefore ??= resumedAt === 0 ? 0 : chunk.fileBytesRead;
    onProgress?.(progress(chunk, events + duplicates, doneBefore, (performance.now() - startedAt) / 1000));
  }
  return { events, duplicates, truncated, resumedAt };
}

function progress(
  { fileBytes, fileBytesRead }: { readonly fileBytes: number; readonly fileBytesRead: number },
  events: number,
  doneBefore: number,
  seconds: number,
): ImportProgress {
  const bytesPerSecond = seconds > 0 ? (fileBytesRead - doneBefore) / seconds : 0;
  return {
    fileBytes,
    fileBytesRead,
    events,
    eventsPerSecond: seconds > 0 ? events / seconds : 0,
    ...(bytesPerSecond > 0 && { etaSecs: (fileBytes - fileBytesRead) / bytesPerSecond }),
  };
}
