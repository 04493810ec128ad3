import { Repeating } from '../../lib/repeating.ts';
import { bytesToFree, type DiskState, diskState } from '../../store/health.ts';
import type { Disk } from '../../store/settings.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

const LOOK_EVERY_MS = 2_000;

interface DiskWatchDeps {
  readonly folder: string;
  /** As they are now: they may be read again while it runs. */
  settings(): Disk;
  /** Called when the disk gets too full for anything more to be taken in, and when it has room again. */
  onChange(change: { readonly takesIn: boolean }): void;
  readonly telemetry: Telemetry;
}

/** Looks how much room is under the data folder. A hub and a one-shot command do this alike: both take in. */
export class DiskWatch {
  readonly #deps: DiskWatchDeps;
  readonly #looks: Repeating;
  #level: DiskState['level'] = 'ok';
  #refusal: string | undefined;

  constructor(deps: DiskWatchDeps) {
    this.#deps = deps;
    this.#looks = new Repeating(
      LOOK_EVERY_MS,
      () => this.#look(),
      (error) => deps.telemetry.log('error', 'the free space could not be seen; it is tried again', { error: String(error) }),
    );
  }

  /** Resolves after the first look, so that nothing is taken in on a disk that is full already. */
  start(): Promise<void> {
    return this.#looks.start();
  }

  stop(): Promise<void> {
    return this.#looks.stop();
  }

  /** Why nothing is taken in, and what to do about it; undefined while there is room. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  async #look(): Promise<void> {
    const { folder, settings, onChange } = this.#deps;
    const disk = await diskState(folder, settings(), this.#level);
    const takesIn = disk.level !== 'stop';
    this.#refusal = takesIn ? undefined : refusalOf(folder, disk.freeBytes, settings());
    if (disk.level === this.#level) return;
    this.#tell(disk);
    this.#level = disk.level;
    onChange({ takesIn });
  }

  #tell({ level, freeBytes }: DiskState): void {
    const words = {
      ok: 'the disk has room again',
      warn: 'the disk is filling',
      stop: 'the disk is nearly full: nothing more is taken in',
    } as const;
    this.#deps.telemetry.log(level === 'ok' ? 'info' : level === 'warn' ? 'warn' : 'error', words[level], { free_bytes: freeBytes });
  }
}

const refusalOf = (folder: string, freeBytes: number, disk: Disk): string =>
  `the disk under ${folder} has ${freeBytes} bytes free: free ${bytesToFree(freeBytes, disk)} more, or lower disk.min_free_bytes (${disk.min_free_bytes})`;
