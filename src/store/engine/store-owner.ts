import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where chDB keeps its store in the engine's data folder. */
export const storeFolder = (dataDir: string): string => join(dataDir, 'chdb');

/** The file that chDB locks while it has a store open. In it is the id of the process that has it, or that had it last. */
export const statusFile = (dataDir: string): string => join(storeFolder(dataDir), 'status');

/** The process that has the store open, or that had it last; undefined where none has had it yet. */
export function lastOwner(dataDir: string): number | undefined {
  try {
    const pid = Number(/^PID: (\d+)$/m.exec(readFileSync(statusFile(dataDir), 'utf8'))?.[1]);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
