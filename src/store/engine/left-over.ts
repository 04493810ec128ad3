import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { lastOwner, statusFile } from './store-owner.ts';

/** How long a killed process may take to be gone. One that takes longer waits for its disk, and the start says who has the store. */
const GONE_WITHIN_MS = 10_000;
const LOOK_MS = 20;

/**
 * Ends the engine process that a killed hub left on a data folder. It leaves by itself when its hub is gone, but not while it hangs or is
 * stopped: then it keeps the store's lock. Only for who holds the hub's lock on the folder, as that says that the engine has no hub.
 *
 * What is killed is certainly that process: chDB wrote its id beside the lock, its command is the engine's, and the kernel says that it
 * has the very file open that it locks. Whoever merely has got the same id is let be, and so is everyone where there is no `/proc`: there
 * the start fails, and says who has the store.
 */
export async function endLeftOver(dataDir: string, telemetry: Telemetry): Promise<void> {
  const pid = lastOwner(dataDir);
  const lock = statSync(statusFile(dataDir), { throwIfNoEntry: false });
  if (pid === undefined || lock === undefined || !isEngine(pid) || !hasOpen(pid, lock)) return;
  telemetry.log('warn', 'a hub that was killed has left its engine process behind; it is ended', { pid });
  kill(pid);
  const until = performance.now() + GONE_WITHIN_MS;
  while (hasOpen(pid, lock) && performance.now() < until) await sleep(LOOK_MS);
}

/** Of whatever version of Earshot, wherever that is installed. */
function isEngine(pid: number): boolean {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return args.some((arg) => arg.endsWith('/store/engine/server.ts'));
  } catch {
    return false;
  }
}

/** Asks each thread: of a process that dies, the first may be gone while others still hold its files. */
const hasOpen = (pid: number, file: Stats): boolean =>
  list(`/proc/${pid}/task`).some((task) => list(`${task}/fd`).some((descriptor) => isSame(descriptor, file)));

/** By device and inode, so that it holds however the folder is mounted or named. */
function isSame(descriptor: string, file: Stats): boolean {
  try {
    const { dev, ino } = statSync(descriptor);
    return dev === file.dev && ino === file.ino;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It left by itself just now.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Nothing where the process is gone, or not ours to look into. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}
