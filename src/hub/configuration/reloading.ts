import { EarshotError } from '../../lib/errors.ts';
import type { IngestHandle } from '../../pipeline/ingest-handle.ts';
import type { Counting } from '../counting/counting.ts';
import type { ListHistory } from '../look-ups/list-history.ts';
import type { LookUpTables } from '../look-ups/look-up-tables.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import type { Telling } from '../telling/telling.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import { type Reloaded, rejectedNotes, stagedNotes, type Versions } from './reload.ts';

export interface ReloadingDeps {
  readonly configuration: LiveConfiguration;
  readonly ruleBook: RuleBook;
  readonly lookUps: LookUpTables;
  readonly ingest: IngestHandle;
  readonly counting: Counting;
  readonly listHistory: ListHistory;
  readonly telling: Telling;
}

/** Changes what the hub runs on, one change at a time. Connections, queues and blocks under way stay. */
export class Reloading {
  readonly #deps: ReloadingDeps;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: ReloadingDeps) {
    this.#deps = deps;
  }

  /** Applies a configuration that was checked before. */
  apply(wanted: Versions): Promise<Reloaded> {
    return this.#inTurn(() => this.#apply(wanted));
  }

  /** Takes up what people have said of rules since. Resolves when every event that comes in from then on is judged by it. */
  refreshRuleCare(): Promise<void> {
    return this.#inTurn(async () => {
      if (await this.#deps.ruleBook.refreshCare()) await this.#reloadIngest();
    });
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    await this.#last;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #apply(wanted: Versions): Promise<Reloaded> {
    const { configuration, ruleBook, lookUps, telling } = this.#deps;
    const { ready, notes } = configuration.prepare(wanted);
    const { settings } = ready;
    const read = await ruleBook.read(settings, await lookUps.listsUnder(settings));
    if (read.lost.length > 0) return { applied: false, faults: read.lost, notes: [] };
    const before = configuration.settings;
    configuration.use(ready);
    ruleBook.use(read);
    const [faults] = await Promise.all([this.#reloadIngest(), telling.renew(before), lookUps.refresh()]);
    return { applied: true, faults, notes: [...notes, ...rejectedNotes(read.rules), ...stagedNotes(settings, read.rules)] };
  }

  /** A thread that is being started anew takes the new configuration from there. */
  async #reloadIngest(): Promise<readonly string[]> {
    const { configuration, ruleBook, counting, listHistory, ingest } = this.#deps;
    await counting.load(ruleBook.loaded);
    await listHistory.begin(ruleBook.loaded.rules);
    const wanted = { document: configuration.ingestDocument, rules: ruleBook.packed };
    const faults = await ingest.reload(wanted).catch((error: unknown) => {
      if (error instanceof EarshotError) return [error.message];
      throw error;
    });
    await listHistory.begun(ruleBook.loaded.rules);
    return faults;
  }
}
