import { setTimeout as delay } from 'node:timers/promises';
import { type Origins, originsOf } from '../framed.ts';
import type { RunningSource, SourceContext } from '../source.ts';
import { type Checkpoint, type FilePlace, NO_CHECKPOINT, parseCheckpoint } from './checkpoint.ts';
import { findFiles, watchedFolders } from './find-files.ts';
import { FolderWatch } from './folder-watch.ts';
import { type Former, findRenamed, isCopyOfLive, placeInCopy } from './known-files.ts';
import type { FileSettings } from './settings.ts';
import { type Lines, TailedFile } from './tailed-file.ts';

const MAX_FORMER = 50;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

export interface FileSourceContext extends SourceContext<FileSettings> {
  /** The newest checkpoint of this source that is on disk, wherever it is: also one that still waits in the raw log. */
  loadCheckpoint(): Promise<string | undefined>;
}

/** Starts to follow files. Each line is stored exactly once: how far was read goes to disk in the same batch as the lines. */
export async function startFileSource(context: FileSourceContext): Promise<RunningSource<FileSettings>> {
  const text = await context.loadCheckpoint();
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
  if (text !== undefined && checkpoint === undefined) {
    context.telemetry.log('warn', `${context.name}: the checkpoint cannot be read; files are read from ${context.settings.from}`);
  }
  const source = new FileSource(context, checkpoint);
  await source.begin();
  return source;
}

class FileSource implements RunningSource<FileSettings> {
  readonly #context: FileSourceContext;
  readonly #stopping = new AbortController();
  readonly #watch: FolderWatch;
  readonly #files = new Map<string, TailedFile>();
  readonly #complained = new Set<string>();
  #running: Promise<void> = Promise.resolve();
  #settings: FileSettings;
  /** What the checkpoint knew and was not found yet. */
  #remembered: FilePlace[];
  #former: Former[];
  #first = true;
  readonly #fresh: boolean;
  #refreshAt = 0;
  #wake: () => void = () => undefined;
  #woken = false;

  constructor(context: FileSourceContext, checkpoint: Checkpoint | undefined) {
    this.#context = context;
    this.#settings = context.settings;
    this.#fresh = checkpoint === undefined;
    this.#remembered = [...(checkpoint ?? NO_CHECKPOINT).files];
    this.#former = (checkpoint ?? NO_CHECKPOINT).former.map((place) => ({ place, samples: [] }));
    this.#watch = new FolderWatch((kind) => {
      if (kind === 'rename') this.#refreshAt = 0;
      this.#rouse();
    });
  }

  /** Resolves when the files that are there now are known: `from: end` means their ends now. */
  async begin(): Promise<void> {
    await this.#turn({ reading: false });
    this.#running = this.#run();
  }

  addresses(): readonly [] {
    return [];
  }

  async reload(settings: FileSettings): Promise<void> {
    this.#settings = settings;
    this.#refreshAt = 0;
    this.#rouse();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#rouse();
    await this.#running;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#woken = false;
      const read = await this.#turn({ reading: true });
      if (!read && !this.#stopped) await this.#rest();
    }
    this.#watch.close();
    await Promise.all([...this.#files.values()].map((file) => file.close()));
  }

  /** Looks for files when it is time, and reads a piece of each; true when there was something to read. */
  async #turn({ reading }: { reading: boolean }): Promise<boolean> {
    let read = false;
    try {
      if (performance.now() >= this.#refreshAt) await this.#refresh();
      for (const file of reading ? [...this.#files.values()] : []) {
        if (!this.#stopped && (await this.#pump(file))) read = true;
      }
    } catch (error) {
      this.#complain('loop', `${this.#context.name}: ${text(error)}`);
    }
    return read;
  }

  /** Finds what is new, renamed and gone. */
  async #refresh(): Promise<void> {
    const { paths, exclude, refresh_interval_secs } = this.#settings;
    this.#refreshAt = performance.now() + refresh_interval_secs * 1000;
    this.#watch.set(
      watchedFolders(
        paths,
        [...this.#files.values()].map((file) => file.path),
      ),
    );
    // Before copies are looked for: a truncated file and its copy are told apart by who still holds what was read.
    for (const file of this.#files.values()) await this.#noticeTruncation(file);

    const found = await findFiles(paths, exclude);
    const present = new Set(found.map((f) => `${f.dev}:${f.inode}`));
    for (const { path, dev, inode } of found) {
      const known = this.#files.get(`${dev}:${inode}`);
      if (known === undefined) await this.#follow(path);
      else known.path = path;
    }
    if (this.#first) await this.#followRenamed();
    this.#first = false;
    for (const [key, file] of this.#files) await this.#letGo(key, file, present.has(key));
  }

  async #follow(path: string): Promise<void> {
    if (this.#files.size >= this.#settings.max_files) {
      this.#complain(
        'max_files',
        `${this.#context.name}: more than max_files ${this.#settings.max_files} match; ${path} and others are not read`,
      );
      return;
    }
    let file: TailedFile | undefined;
    try {
      file = await TailedFile.open(path, (p) => this.#origins(p));
      if (await this.#start(file)) {
        this.#files.set(`${file.dev}:${file.inode}`, file);
        this.#complained.delete(path);
        file = undefined;
      }
    } catch (error) {
      this.#complain(path, `${this.#context.name}: cannot read ${path}: ${text(error)}`);
    } finally {
      await file?.close();
    }
  }

  /** Sets where reading starts; false when the file is not to be read now. */
  async #start(file: TailedFile): Promise<boolean> {
    const same = this.#remembered.find((place) => place.dev === file.dev && place.inode === file.inode);
    const place = same ?? this.#remembered.find((p) => p.path === file.path);
    if (place !== undefined && (await file.resumeAt(place))) {
      this.#remembered = this.#remembered.filter((p) => p !== place);
      return true;
    }
    if (same !== undefined && same.offset > 0)
      this.#keepFormer({ place: { path: same.path, offset: same.offset, mark: same.mark }, samples: [] });
    const copy = await placeInCopy(file, this.#former);
    if (copy !== undefined && (await file.resumeAt(copy.place))) {
      this.#former = this.#former.filter((former) => former !== copy.former);
      return true;
    }
    if (await isCopyOfLive(file, this.#files.values())) return false;
    if (this.#first && this.#fresh && this.#settings.from === 'end') await file.skipToEnd();
    return true;
  }

  /** Files that were renamed out of the paths while the source did not run: their last lines are still owed. */
  async #followRenamed(): Promise<void> {
    for (const place of this.#remembered) {
      if (this.#files.has(`${place.dev}:${place.inode}`)) continue;
      const path = await findRenamed(place);
      if (path !== undefined) await this.#follow(path);
      else
        this.#complain(
          place.path,
          `${this.#context.name}: ${place.path} is gone; lines after byte ${place.offset} that were not read are lost`,
        );
    }
    this.#remembered = [];
  }

  async #letGo(key: string, file: TailedFile, present: boolean): Promise<void> {
    if (present) {
      file.missingSince = undefined;
      return;
    }
    file.missingSince ??= this.#context.now();
    if (this.#context.now() - file.missingSince < this.#settings.rotate_wait_secs * 1000) {
      this.#refreshAt = Math.min(this.#refreshAt, performance.now() + this.#settings.poll_interval_ms);
      return;
    }
    while (!this.#stopped && (await this.#pump(file, true)));
    if (this.#stopped) return;
    this.#files.delete(key);
    await file.close();
  }

  /** Stores the next lines of one file; false when there are none. */
  async #pump(file: TailedFile, final = false): Promise<boolean> {
    await this.#noticeTruncation(file);
    const lines = await file.read(this.#settings.max_line_bytes, final);
    if (lines === undefined) return false;
    if (lines.framed.messages.length > 0 && !(await this.#store(file, lines))) return false;
    await file.commit(lines.next);
    return true;
  }

  async #noticeTruncation(file: TailedFile): Promise<void> {
    const former = await file.noticeTruncation();
    if (former !== undefined) this.#keepFormer(former);
  }

  #keepFormer(former: Former): void {
    this.#former.push(former);
    if (this.#former.length > MAX_FORMER) this.#former.shift();
    this.#refreshAt = 0;
  }

  /** One batch at a time, so that a checkpoint never counts in lines that are not on disk. False when the source stops before. */
  async #store(file: TailedFile, lines: Lines): Promise<boolean> {
    const { name: source, intake, telemetry, now } = this.#context;
    const { messages, cuts } = lines.framed;
    const batch = {
      source,
      origin: cuts.length > 0 ? file.origins.truncated : file.origins.whole,
      messages,
      checkpoint: JSON.stringify(this.#checkpointWith(file, lines)),
    };
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      await Promise.race([intake.whenOpen(), this.#stopSignal()]);
      if (this.#stopped) return false;
      try {
        await intake.append({ ...batch, receivedAt: now() });
        break;
      } catch (error) {
        telemetry.log('warn', `${source}: lines wait, the raw log does not take them: ${text(error)}`);
        await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
    for (const { reason } of cuts) telemetry.count('earshot_truncated_events_total', { source, reason });
    return true;
  }

  #checkpointWith(file: TailedFile, lines: Lines): Checkpoint {
    const files = [...this.#files.values()].map((f) => (f === file ? f.place(lines.next) : f.place()));
    return { version: 1, files: [...files, ...this.#remembered], former: this.#former.map(({ place }) => place) };
  }

  #origins(path: string): Origins {
    const { datasets, decoder, time_zone } = this.#settings;
    return originsOf({
      transport: 'file',
      path,
      ...(datasets !== undefined && { datasets }),
      ...(decoder !== undefined && { decoder }),
      timeZone: time_zone ?? 'UTC',
    });
  }

  async #rest(): Promise<void> {
    if (this.#woken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#settings.poll_interval_ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #rouse(): void {
    this.#woken = true;
    this.#wake();
  }

  #stopSignal(): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Once until it works again. */
  #complain(subject: string, message: string): void {
    if (this.#complained.has(subject)) return;
    this.#complained.add(subject);
    this.#context.telemetry.log('warn', message);
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
