import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileFault } from '../../config/fault.ts';
import { parseListFile } from '../../lists/list-file.ts';
import { type EnrichmentTables, NO_TABLES } from '../../model/enrichment.ts';
import type { NamedList } from '../../model/named-list.ts';
import { type Person, PersonNames } from '../../model/person.ts';
import { mergePeople, type PersonDraft } from '../../people/person-draft.ts';
import { parsePeople } from '../../people/person-file.ts';
import type { Settings } from '../../settings.ts';
import type { LookUpVersions } from '../../store/state/people-tables.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { WatchedFiles } from '../configuration/watched-files.ts';

/** Folder of the lists that come with Earshot. */
const SHIPPED_LISTS = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'lists');

/** How often files are looked at, and changes by other hubs on the same state database. */
const LOOK_EVERY_MS = 5_000;

type TableSettings = Pick<Settings, 'people' | 'lists' | 'enrich'>;

/** What the hub keeps of people and lists itself. */
export interface StoredLookUps {
  versions(): Promise<LookUpVersions>;
  people(): Promise<readonly PersonDraft[]>;
  lists(): Promise<readonly NamedList[]>;
}

export interface LookUpTablesDeps {
  settings(): TableSettings;
  /** Hands the tables to the judge thread. */
  publish(tables: EnrichmentTables): Promise<void>;
  readonly telemetry: Telemetry;
}

/** People, lists and networks: read from everywhere they come from, made into the tables of the enrichers, and kept up with changes. */
export class LookUpTables {
  readonly #deps: LookUpTablesDeps;
  readonly #peopleFiles = new WatchedFiles<readonly PersonDraft[]>(parsePeople);
  readonly #shippedLists = new WatchedFiles<NamedList>(parseListFile);
  readonly #listFiles = new WatchedFiles<NamedList>(parseListFile);
  /** The files of each folder, as it was readable last. */
  readonly #inFolder = new Map<string, readonly string[]>();
  #stored: { readonly versions: LookUpVersions; readonly people: readonly PersonDraft[]; readonly lists: readonly NamedList[] } = NOTHING;
  #tables = NO_TABLES;
  #names = new PersonNames([], []);
  #faults: readonly FileFault[] = [];
  #settings: TableSettings['people'] | undefined;
  #source: StoredLookUps | undefined;
  #told = '';
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: LookUpTablesDeps) {
    this.#deps = deps;
  }

  get tables(): EnrichmentTables {
    return this.#tables;
  }

  get names(): PersonNames {
    return this.#names;
  }

  /** What could not be read, and why. */
  get faults(): readonly FileFault[] {
    return this.#faults;
  }

  /** The lists as they would be under other settings, read anew. */
  async listsUnder({ lists }: Pick<TableSettings, 'lists'>): Promise<readonly NamedList[]> {
    const read = (folders: readonly string[]): readonly NamedList[] => {
      const files = new WatchedFiles<NamedList>(parseListFile);
      files.read(folders.flatMap((folder) => yamlFiles(folder).files));
      return files.values;
    };
    return joinLists(read(lists.shipped ? [SHIPPED_LISTS] : []), (await this.#source?.lists()) ?? [], read(lists.folders));
  }

  /** The same in words, and names that several persons claim. */
  get faultTexts(): readonly string[] {
    return [
      ...this.#faults.map(({ file, line, message }) => `${file}:${line}: ${message}`),
      ...this.#names.conflicts.map(({ name, persons }) => `the name ${name} is claimed by ${persons.join(', ')}, and counts for none`),
    ];
  }

  /** Reads everything for the first time. Without `stored` only files count. */
  async load(stored?: StoredLookUps): Promise<void> {
    this.#source = stored;
    await this.#read();
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.refresh().catch((error: unknown) =>
        this.#deps.telemetry.log('error', 'people and lists could not be read again; it is tried again', { error: String(error) }),
      );
    }, LOOK_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn;
  }

  /** Reads what has changed. Resolves when every event taken in from now on is enriched by it. */
  refresh(): Promise<void> {
    const done = this.#turn.then(async () => {
      if (await this.#read()) await this.#deps.publish(this.#tables);
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #read(): Promise<boolean> {
    const { people, lists, enrich } = this.#deps.settings();
    const shipped = lists.shipped ? this.#filesIn(SHIPPED_LISTS) : NO_FILES;
    const listFiles = lists.folders.map((folder) => this.#filesIn(folder));
    const networks = networksOf(enrich.networks);
    const changed = [
      this.#peopleFiles.read(people.files),
      this.#shippedLists.read(shipped.files),
      this.#listFiles.read(listFiles.flatMap(({ files }) => files)),
      networks.version !== this.#tables.networks.version,
      people !== this.#settings,
      enrich.time_zone !== this.#tables.timeZone,
      await this.#readStored(),
    ];
    this.#faults = [
      ...this.#peopleFiles.faults,
      ...this.#shippedLists.faults,
      ...this.#listFiles.faults,
      ...[shipped, ...listFiles].flatMap(({ faults }) => faults),
    ];
    if (changed.includes(true)) this.#build(people, enrich.time_zone, networks);
    this.#tellFaults();
    return changed.includes(true);
  }

  /** A folder that cannot be read counts as it was before, as a file does: without its lists, rules would find what is trusted, and not what is bad. */
  #filesIn(folder: string): FolderFiles {
    const found = yamlFiles(folder);
    if (found.faults.length > 0) return { ...found, files: this.#inFolder.get(folder) ?? [] };
    this.#inFolder.set(folder, found.files);
    return found;
  }

  async #readStored(): Promise<boolean> {
    const stored = this.#source;
    const versions = await stored?.versions();
    if (stored === undefined || versions === undefined) return false;
    const before = this.#stored;
    const samePeople = versions.people === before.versions.people;
    const sameLists = versions.lists === before.versions.lists;
    if (samePeople && sameLists) return false;
    const [people, lists] = await Promise.all([samePeople ? before.people : stored.people(), sameLists ? before.lists : stored.lists()]);
    this.#stored = { versions, people, lists };
    return true;
  }

  #build(settings: TableSettings['people'], timeZone: string | undefined, networks: EnrichmentTables['networks']): void {
    this.#settings = settings;
    const { domains, privileged_groups: privileged } = settings;
    // The hub's own first: a person keeps the id that their identity provider was given.
    const people = mergePeople([...this.#stored.people, ...this.#peopleFiles.values.flat()]);
    this.#tables = {
      people: withPrivileged(people, privileged),
      domains,
      lists: joinLists(this.#shippedLists.values, this.#stored.lists, this.#listFiles.values),
      networks,
      ...(timeZone !== undefined && { timeZone }),
    };
    this.#names = new PersonNames(this.#tables.people, domains);
  }

  /** Once, until they change. */
  #tellFaults(): void {
    const words = this.faultTexts;
    const told = words.join('\n');
    if (told !== this.#told && words.length > 0) {
      const shown = words.slice(0, 20);
      this.#deps.telemetry.log('warn', 'people and lists have faults', { faults: shown, more: words.length - shown.length });
    }
    this.#told = told;
  }
}

const NOTHING = { versions: { people: 0, lists: 0 }, people: [], lists: [] };

/** A list in a file hides one of the same name that the hub keeps: whoever writes files means them. Both hide one that comes with Earshot. */
function joinLists(shipped: readonly NamedList[], stored: readonly NamedList[], files: readonly NamedList[]): NamedList[] {
  const byName = new Map([...shipped, ...stored, ...files].map((list) => [list.name, list]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function withPrivileged(people: readonly Person[], groups: readonly string[]): readonly Person[] {
  if (groups.length === 0) return people;
  const wanted = new Set(groups.map((group) => group.toLowerCase()));
  return people.map((person) =>
    person.privileged || !person.groups.some((group) => wanted.has(group.toLowerCase())) ? person : { ...person, privileged: true },
  );
}

interface FolderFiles {
  readonly files: readonly string[];
  readonly faults: readonly FileFault[];
}

const NO_FILES: FolderFiles = { files: [], faults: [] };

function yamlFiles(folder: string): FolderFiles {
  try {
    const names = readdirSync(folder).filter((name) => /\.ya?ml$/i.test(name));
    return { files: names.sort().map((name) => join(folder, name)), faults: [] };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? error.code : String(error);
    return { files: [], faults: [{ file: folder, line: 1, message: `the folder cannot be read (${why})` }] };
  }
}

function networksOf({ asn_file: asnFile, country_file: countryFile }: Settings['enrich']['networks']): EnrichmentTables['networks'] {
  const stamp = (file: string | undefined) => {
    const found = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
    return found === undefined ? '' : `${found.mtimeMs} ${found.size}`;
  };
  const version = [asnFile, stamp(asnFile), countryFile, stamp(countryFile)].join('\n');
  return { version, ...(asnFile !== undefined && { asnFile }), ...(countryFile !== undefined && { countryFile }) };
}
