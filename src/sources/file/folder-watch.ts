import { type FSWatcher, watch } from 'node:fs';

/** Tells of changes in a changing set of folders, where the system does; nobody may rely on it alone. */
export class FolderWatch {
  readonly #onChange: (kind: 'rename' | 'change') => void;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(onChange: (kind: 'rename' | 'change') => void) {
    this.#onChange = onChange;
  }

  set(folders: readonly string[]): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.includes(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  close(): void {
    this.set([]);
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (kind) => this.#onChange(kind));
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // The folder is not there yet, or there are no watches left: polling does it.
    }
  }
}
