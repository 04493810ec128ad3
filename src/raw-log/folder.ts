import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** What a segment's file name says. */
export interface SegmentName {
  readonly firstSeq: number;
  /** How often it was handed out for replay without an end. */
  readonly tries: number;
  /** The store has it. */
  readonly stored: boolean;
}

const SEGMENT = /^seg-(\d{16})(?:\.try(\d{1,9}))?\.(raw|stored)$/;
const PROBE_BYTES = 1024 * 1024;

/** `seg-0000000000000001.raw`, `seg-0000000000000001.try2.stored`: what is remembered of a segment costs no space, also on a full disk. */
export function formatSegmentName({ firstSeq, tries, stored }: SegmentName): string {
  return `${segmentStem(firstSeq)}${tries > 0 ? `.try${tries}` : ''}.${stored ? 'stored' : 'raw'}`;
}

export function parseSegmentName(name: string): SegmentName | undefined {
  const found = SEGMENT.exec(name);
  return found ? { firstSeq: Number(found[1]), tries: Number(found[2] ?? 0), stored: found[3] === 'stored' } : undefined;
}

export const segmentStem = (firstSeq: number): string => `seg-${String(firstSeq).padStart(16, '0')}`;

/** The raw log's folder: names that last. What it makes is readable by the hub's user only. */
export class Folder {
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  static async open(dir: string): Promise<Folder> {
    const path = resolve(dir);
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncParents(path, made);
    return new Folder(path, await open(path, constants.O_RDONLY | constants.O_DIRECTORY));
  }

  join(name: string): string {
    return join(this.path, name);
  }

  list(): Promise<string[]> {
    return readdir(this.path);
  }

  /** Makes what was created, renamed or removed outlast a power cut. */
  sync(): Promise<void> {
    return this.#handle.sync();
  }

  /** Renames durably. */
  async rename(from: string, to: string): Promise<void> {
    if (from === to) return;
    await rename(this.join(from), this.join(to));
    await this.sync();
  }

  async remove(name: string): Promise<void> {
    await unlink(this.join(name)).catch(ignoreMissing);
    await this.sync();
  }

  /** Replaces a small file, durably and as a whole. */
  async replace(name: string, text: string): Promise<void> {
    const temporary = `${name}.tmp`;
    const file = await open(this.join(temporary), 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.rename(temporary, name);
  }

  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(this.join(name), 'utf8');
    } catch (error) {
      ignoreMissing(error);
      return undefined;
    }
  }

  /** Finds out whether the disk takes data again; rejects when it does not. */
  async probe(): Promise<void> {
    const file = await open(this.join('probe.tmp'), 'w', 0o600);
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES, 0x2e));
      await file.sync();
    } finally {
      await file.close();
      await this.remove('probe.tmp');
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** A new folder lasts when its parent was synced, up to the first one that was there before. */
async function syncParents(path: string, firstMade: string): Promise<void> {
  const top = dirname(firstMade);
  for (let at = dirname(path); ; at = dirname(at)) {
    const handle = await open(at, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at === top || at === dirname(at)) return;
  }
}

function ignoreMissing(error: unknown): void {
  if (!isSystemError(error, 'ENOENT')) throw error;
}

export const isSystemError = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
