import type { NamedList } from './named-list.ts';
import type { Person } from './person.ts';

/** Everything that enrichers look things up in: loaded by the main thread, sent to the judge thread, and replaced as a whole. */
export interface EnrichmentTables {
  readonly people: readonly Person[];
  /** Domains whose names also count without them. */
  readonly domains: readonly string[];
  readonly lists: readonly NamedList[];
  /** Where people work: hours and weekdays of events are those of its clocks. Absent: none are added. */
  readonly timeZone?: string;
  /** MMDB files, read by the judge thread itself. `version` changes with their content. */
  readonly networks: { readonly asnFile?: string; readonly countryFile?: string; readonly version: string };
}

export const NO_TABLES: EnrichmentTables = { people: [], domains: [], lists: [], networks: { version: '' } };
