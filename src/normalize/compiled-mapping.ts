import type { Value } from '../model/event.ts';
import type { Draft } from './draft.ts';
import type {
  CefReader,
  DatasetChoice,
  EventWords,
  JsonRecord,
  Mapping,
  MessageRow,
  ProductName,
  Reader,
  RecordReader,
  TextShape,
} from './mapping.ts';
import { compileTemplate, type Template } from './template.ts';

/** A mapping made ready for the hot path. */
export interface CompiledMapping {
  readonly module: string;
  readonly dataset: string;
  /** Key as sent to field. */
  readonly fields: ReadonlyMap<string, string>;
  readonly events: ReadonlyMap<string, EventWords>;
  /** Reads a text message; false when no row knows it. */
  readText(message: string, draft: Draft): boolean;
  readonly records: RecordReader | undefined;
  readonly cef: CefReader | undefined;
  readonly datasets: DatasetChoice | undefined;
}

function compileMapping(mapping: Mapping): CompiledMapping {
  const rows = compileRows(mapping.messages ?? []);
  return {
    module: mapping.product,
    dataset: mapping.dataset,
    fields: new Map(Object.entries(mapping.fields ?? {})),
    events: new Map(Object.entries(mapping.events ?? {})),
    records: mapping.records,
    cef: mapping.cef,
    datasets: mapping.datasets,
    readText: (message, draft) => readBy(mapping.reader, message, draft) || readByRows(rows, message, draft),
  };
}

const readBy = (reader: Reader | undefined, message: string, draft: Draft): boolean => reader?.read(message, draft) ?? false;

interface Row {
  readonly template: Template;
  readonly puts: readonly (((draft: Draft, text: string) => void) | undefined)[];
  readonly event: EventWords;
  readonly set: readonly (readonly [string, Value])[];
}

interface Rows {
  /** By first word, for rows that start with a whole word; each list also has the `others`, in the table's order. */
  readonly byWord: ReadonlyMap<string, readonly Row[]>;
  readonly others: readonly Row[];
}

function compileRows(table: readonly MessageRow[]): Rows {
  const rows = table.map((row) => compileRow(row));
  const firstWord = (row: Row): string | undefined => {
    const blank = row.template.start.indexOf(' ');
    return blank === -1 ? undefined : row.template.start.slice(0, blank);
  };
  const others = rows.filter((row) => firstWord(row) === undefined);
  const byWord = new Map<string, Row[]>();
  for (const word of new Set(rows.map(firstWord))) {
    if (word === undefined) continue;
    byWord.set(
      word,
      rows.filter((row) => firstWord(row) === word || firstWord(row) === undefined),
    );
  }
  return { byWord, others };
}

function compileRow(row: MessageRow): Row {
  const template = compileTemplate(row.form);
  if (!template.ok) throw new Error(`${row.form}: ${template.error}`);
  return {
    template: template.value,
    puts: template.value.places.map((place) => putter(place.name)),
    event: row.event,
    set: Object.entries(row.set ?? {}),
  };
}

function putter(path: string): ((draft: Draft, text: string) => void) | undefined {
  switch (path) {
    case '-':
      return undefined;
    case 'source.address':
      return (draft, text) => draft.setPeer('source', text);
    case 'destination.address':
      return (draft, text) => draft.setPeer('destination', text);
    default:
      return (draft, text) => {
        draft.setText(path, text);
      };
  }
}

function readByRows(rows: Rows, message: string, draft: Draft): boolean {
  const blank = message.indexOf(' ');
  const candidates = (blank === -1 ? undefined : rows.byWord.get(message.slice(0, blank))) ?? rows.others;
  for (const row of candidates) {
    const texts = row.template.match(message);
    if (texts === undefined) continue;
    draft.classify(row.event);
    for (let i = 0; i < row.puts.length; i++) row.puts[i]?.(draft, texts[i] ?? '');
    for (const [path, value] of row.set) draft.set(path, value);
    return true;
  }
  return false;
}

/** Finds the mapping of a message by look-ups only. */
export interface MappingIndex {
  ofProgram(name: string): CompiledMapping | undefined;
  ofSource(name: string): CompiledMapping | undefined;
  ofText(message: string): CompiledMapping | undefined;
  ofRecord(record: JsonRecord): CompiledMapping | undefined;
  ofProduct(format: 'cef' | 'leef', vendor: string, product: string): CompiledMapping | undefined;
  /** Whether others rely on a module's events of this action. By the module: events may name it themselves, and come by no mapping. */
  isReliedOn(module: string, action: string): boolean;
}

export function indexMappings(mappings: readonly Mapping[]): MappingIndex {
  const programs = new Map<string, CompiledMapping>();
  const sources = new Map<string, CompiledMapping>();
  const texts: (readonly [TextShape, CompiledMapping])[] = [];
  const records: (readonly [RecordReader, CompiledMapping])[] = [];
  const products = { cef: new Map<string, Map<string, CompiledMapping>>(), leef: new Map<string, Map<string, CompiledMapping>>() };
  const reliedOn = new Set<string>();
  for (const mapping of mappings) {
    const compiled = compileMapping(mapping);
    const { appliesTo } = mapping;
    for (const action of mapping.reliedOn ?? []) reliedOn.add(`${mapping.product} ${action}`);
    // Both spellings, so that the usual one costs one look-up.
    for (const name of appliesTo.programs ?? []) programs.set(name, compiled).set(name.toLowerCase(), compiled);
    for (const name of appliesTo.sources ?? []) sources.set(name.toLowerCase(), compiled);
    if (mapping.records !== undefined) records.push([mapping.records, compiled]);
    for (const shape of appliesTo.texts ?? []) texts.push([shape, compiled]);
    for (const name of appliesTo.cef ?? []) addProduct(products.cef, name, compiled);
    for (const name of appliesTo.leef ?? []) addProduct(products.leef, name, compiled);
  }
  return {
    ofProgram: (name) => programs.get(name) ?? programs.get(name.toLowerCase()),
    ofSource: (name) => sources.get(name.toLowerCase()),
    ofText: (message) => texts.find(([shape]) => hasShape(message, shape))?.[1],
    ofRecord: (record) => records.find(([reader]) => reader.claims(record))?.[1],
    ofProduct(format, vendor, product) {
      const ofVendor = products[format].get(vendor.toLowerCase());
      return ofVendor?.get(product.toLowerCase()) ?? ofVendor?.get('*');
    },
    isReliedOn: (module, action) => reliedOn.has(`${module} ${action}`.toLowerCase()),
  };
}

const hasShape = (message: string, { start, contains }: TextShape): boolean =>
  message.startsWith(start) && (contains === undefined || message.includes(contains));

function addProduct(index: Map<string, Map<string, CompiledMapping>>, name: ProductName, compiled: CompiledMapping): void {
  const vendor = name.vendor.toLowerCase();
  const products = index.get(vendor) ?? new Map<string, CompiledMapping>();
  products.set(name.product?.toLowerCase() ?? '*', compiled);
  index.set(vendor, products);
}
