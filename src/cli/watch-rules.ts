import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testFileOf } from '../detect/rule-test.ts';
import { ruleFolder } from '../detect/sigma/load.ts';
import { interrupted } from './hub-access.ts';

/** An editor that saves a file touches it several times. */
const SETTLE_MS = 100;

/** Yields at once, and after each change since to a rule or its tests at one of the paths; ends at Ctrl-C. */
export async function* watchRules(paths: readonly string[]): AsyncGenerator<void> {
  const stop = interrupted();
  const changes = new Changes();
  stop.addEventListener('abort', () => changes.tell());
  const watchers = paths.map((path) => watchPath(path, () => changes.tell()));
  try {
    yield;
    while (!stop.aborted) {
      await changes.next();
      if (stop.aborted) return;
      await sleep(SETTLE_MS);
      changes.forget();
      yield;
    }
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}

/** Of one file its folder is watched: editors put a new file in the place of the old one. */
function watchPath(path: string, onChange: () => void): FSWatcher {
  const folder = ruleFolder(path);
  const names = folder === path ? undefined : [basename(path), basename(testFileOf(path))];
  return watch(folder, { recursive: statSync(path).isDirectory() }, (_, name) => {
    if (name === null || (names === undefined ? /\.ya?ml$/.test(name) : names.includes(name))) onChange();
  });
}

/** Whether something has changed since one last looked. */
class Changes {
  #changed = false;
  #wake: () => void = () => undefined;

  tell(): void {
    this.#changed = true;
    this.#wake();
  }

  forget(): void {
    this.#changed = false;
  }

  async next(): Promise<void> {
    if (!this.#changed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }
}
