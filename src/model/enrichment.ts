import type { FieldSet } from './field-set.ts';
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

/** The field that holds the names of the questions about lists that were true of an event when it came in. */
export const LISTED = 'earshot.listed';

/** How `earshot.listed` names a question: the list, and the field whose value is on it. */
export const listedName = (list: string, path: string): string => `${list}@${path}`;

/** A question that rules ask of each event: whether a value of a field is on a list. */
export interface ListProbe {
  readonly list: string;
  readonly name: string;
  /** The texts of the field, in the form in which they are compared. */
  texts(fields: FieldSet): readonly string[];
}

/** All that a set of rules asks. */
export interface ListProbes {
  readonly asked: readonly ListProbe[];
  /** The form in which texts are compared. */
  fold(text: string): string;
}

export const NO_TABLES: EnrichmentTables = { people: [], domains: [], lists: [], networks: { version: '' } };
