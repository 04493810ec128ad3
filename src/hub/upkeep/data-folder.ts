import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EarshotError } from '../../lib/errors.ts';
import { lockFolder } from '../../raw-log/lock.ts';

/** Sockets and the lock of the hub that runs on a data folder. */
export const runDirOf = (dataDir: string): string => join(dataDir, 'run');

/** Makes the folder where it is missing, and keeps others out until the answer is called. Throws an {@link EarshotError} when another hub has it. */
export async function takeDataFolder(dataDir: string): Promise<() => void> {
  const runDir = runDirOf(dataDir);
  await makePrivate(dataDir);
  await makePrivate(runDir);
  try {
    return lockFolder(runDir);
  } catch (cause) {
    throw new EarshotError('EAR_DATA_DIR_BUSY', `another hub runs on ${dataDir}`, { cause });
  }
}

/** A folder that only this user can enter: who can enter it is trusted as an administrator. */
async function makePrivate(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
}
