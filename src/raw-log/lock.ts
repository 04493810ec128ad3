import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EarshotError } from '../lib/errors.ts';

/**
 * Takes the folder for this process alone, until the function it gives is called or the process dies, however it dies.
 * Node has no `flock`; SQLite's lock is one of the kernel's (fcntl), so nothing stale stays behind and containers that share
 * the folder see each other. Throws `EAR_DATA_DIR_BUSY`.
 */
export function lockFolder(dir: string): () => void {
  const database = new DatabaseSync(join(dir, 'lock'));
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new EarshotError('EAR_DATA_DIR_BUSY', `the raw log in ${dir} is in use by another process`, { cause });
  }
  return () => database.close();
}
