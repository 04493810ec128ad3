import type { Decoded } from '../decode/decoded.ts';
import type { CefTimeOptions } from '../formats/cef-time.ts';
import { plausible } from '../formats/date-time.ts';
import type { FieldSet } from '../model/field-set.ts';
import type { Origin, RawRecord } from '../model/record.ts';
import { normalizeCef } from './cef.ts';
import { checkMappings } from './check-mappings.ts';
import { type CompiledMapping, indexMappings, type MappingIndex } from './compiled-mapping.ts';
import { type NormalizeConfig, normalizeConfig } from './config.ts';
import { Draft } from './draft.ts';
import { normalizeHeader } from './header.ts';
import { claimedDataset, isEcs, type JsonBounds, normalizeJson } from './json.ts';
import { normalizeLeef } from './leef.ts';
import type { JsonRecord, Mapping, RecordReader } from './mapping.ts';

export interface Normalized {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly fields: FieldSet;
  /** The sender spoke for a dataset that its peer, certificate or token is not bound to. */
  readonly mismatch?: { readonly claimed: string; readonly dataset: string };
}

export interface NormalizerOptions {
  readonly integrations: readonly Mapping[];
  /** What the configuration says of a source, by its name. */
  readonly sources?: ReadonlyMap<string, SourceFacts>;
  readonly config?: NormalizeConfig;
}

export interface SourceFacts {
  /** Type of the source, such as `syslog`: mappings may be for a type. */
  readonly type: string;
  /** Dataset of what nothing else gives one. Absent: `cef`, `leef`, `syslog` where there is a header, else the source's type. */
  readonly dataset?: string;
  /** IANA time zone for times without one, where the peer has none of its own. */
  readonly timeZone?: string;
}

type JsonDecoded = Extract<Decoded, { readonly format: 'json' }>;

export type Normalizer = (record: RawRecord, decoded: Decoded) => Normalized;

/** What one origin means for each of its events: worked out once, as one object serves a whole connection. */
interface OriginFacts {
  /** `address:port`, IPv6 in brackets. */
  readonly address: string | undefined;
  readonly datasets: ReadonlySet<string> | undefined;
  readonly proven: boolean;
}

/**
 * Makes the function that turns a decoded message into ECS fields. It is pure and never throws; all tables are made ready here. Throws
 * when a mapping is faulty: {@link checkMappings} lists the faults for `earshot check`.
 */
export function createNormalizer(options: NormalizerOptions): Normalizer {
  const faults = checkMappings(options.integrations);
  if (faults.length > 0) throw new Error(faults.map(({ place, fault }) => `${place}: ${fault}`).join('\n'));
  const index = indexMappings(options.integrations);
  const config = options.config ?? normalizeConfig.parse({});
  const origins = new WeakMap<Origin, OriginFacts>();
  const sources = options.sources ?? new Map<string, SourceFacts>();

  return (record, decoded) => {
    let origin = origins.get(record.origin);
    if (origin === undefined) {
      origin = factsOf(record.origin);
      origins.set(record.origin, origin);
    }
    const source = sources.get(record.source);
    const choice = choose(index, record, decoded, source, origin);
    const draft = new Draft(config.max_fields);
    draft.set('event.kind', 'event');
    draft.set('event.dataset', choice.dataset);
    draft.set('event.module', choice.module);
    if (origin.address !== undefined) draft.set('log.source.address', origin.address);
    if (record.origin.path !== undefined) draft.set('log.file.path', record.origin.path);
    if (decoded.syslog !== undefined) normalizeHeader(decoded.syslog, draft, choice.mapping?.records === undefined);
    const times = { timeZone: record.origin.timeZone ?? source?.timeZone, reference: record.receivedAt };
    normalizeBody(decoded, draft, choice, times, config);
    for (const note of decoded.notes) draft.tag(note);
    if (!origin.proven && isReliedOn(index, choice, draft)) draft.tag('unproven_sender');
    const timestamp = timeOf(record, decoded, draft);
    // What claims nothing, such as a line that was cut on its way, is no word for another: it is kept as what it looks like, and not believed.
    if (choice.refused === undefined || choice.refused === choice.dataset) return { timestamp, fields: draft.finish() };
    draft.tag('dataset_mismatch');
    draft.set('earshot.claimed_dataset', choice.refused);
    return { timestamp, fields: draft.finish(), mismatch: { claimed: choice.refused, dataset: choice.dataset } };
  };
}

function isReliedOn(index: MappingIndex, { module }: Choice, draft: Draft): boolean {
  const action = draft.get('event.action');
  if (typeof action === 'string') return index.isReliedOn(module, action);
  return Array.isArray(action) && action.some((each) => typeof each === 'string' && index.isReliedOn(module, each));
}

function factsOf(origin: Origin): OriginFacts {
  const { address, port, datasets } = origin;
  const host = address?.includes(':') && port !== undefined ? `[${address}]` : address;
  return {
    address: host === undefined || port === undefined ? host : `${host}:${port}`,
    datasets: datasets === undefined ? undefined : new Set(datasets),
    proven: isProven(origin),
  };
}

/**
 * Whether it is shown who sent: by a certificate, a token, or the machine's own files; or by an address that the configuration binds to what it may speak
 * for, over a connection. Anybody can write any address on a UDP packet.
 */
const isProven = ({ transport, certificate, datasets }: Origin): boolean =>
  certificate !== undefined || ['http', 'file', 'internal'].includes(transport) || (transport !== 'udp' && datasets !== undefined);

interface Choice {
  readonly mapping: CompiledMapping | undefined;
  readonly dataset: string;
  readonly module: string;
  /** The dataset that the message claims and its origin may not speak for. */
  readonly refused?: string;
}

/**
 * Finds the mapping and the dataset. Where the origin may not speak for the dataset, the mapping does not count: a forged `sshd` line
 * must not become a login.
 */
function choose(index: MappingIndex, record: RawRecord, decoded: Decoded, source: SourceFacts | undefined, origin: OriginFacts): Choice {
  const mapping = mappingOf(index, record, decoded, source);
  const claimed =
    mapping !== undefined ? datasetOf(mapping, decoded) : decoded.format === 'json' ? claimedDataset(decoded.json) : undefined;
  const own = source?.dataset ?? ownDataset(decoded, source?.type ?? record.source);
  const dataset = claimed ?? own;
  if (maySpeakFor(dataset, record.origin, origin)) return { mapping, dataset, module: mapping?.module ?? moduleOf(dataset) };
  return { mapping: undefined, dataset: own, module: moduleOf(own), refused: dataset };
}

function datasetOf({ dataset, datasets }: CompiledMapping, decoded: Decoded): string {
  if (datasets === undefined) return dataset;
  return (decoded.format === 'cef' ? datasets.ofCef(decoded.cef) : datasets.ofText(textOf(decoded))) ?? dataset;
}

/** Earshot's own audit trail is written by Earshot alone, whoever is bound to what. */
function maySpeakFor(dataset: string, { transport }: Origin, { datasets }: OriginFacts): boolean {
  if (dataset.startsWith('earshot.')) return transport === 'internal';
  return datasets === undefined || datasets.has(dataset);
}

const moduleOf = (dataset: string): string => {
  const dot = dataset.indexOf('.');
  return dot === -1 ? dataset : dataset.slice(0, dot);
};

function ownDataset(decoded: Decoded, sourceType: string): string {
  if (decoded.format === 'cef' || decoded.format === 'leef') return decoded.format;
  return decoded.syslog === undefined ? sourceType : 'syslog';
}

function mappingOf(index: MappingIndex, record: RawRecord, decoded: Decoded, source: SourceFacts | undefined): CompiledMapping | undefined {
  switch (decoded.format) {
    case 'cef':
      return index.ofProduct('cef', decoded.cef.vendor, decoded.cef.product);
    case 'leef':
      return index.ofProduct('leef', decoded.leef.vendor, decoded.leef.product);
    default: {
      const program = decoded.syslog?.appName;
      const byProgram = program === undefined ? undefined : index.ofProgram(program);
      if (byProgram !== undefined) return byProgram;
      const bySource = index.ofSource(record.source) ?? (source === undefined ? undefined : index.ofSource(source.type));
      if (bySource !== undefined) return bySource;
      if (decoded.format === 'json') return index.ofRecord(decoded.json);
      return ofElements(index, decoded) ?? index.ofText(textOf(decoded));
    }
  }
}

function ofElements(index: MappingIndex, { syslog }: Decoded): CompiledMapping | undefined {
  const data = syslog?.structuredData;
  for (const id in data) {
    const mapping = index.ofRecord(data[id] ?? {});
    if (mapping !== undefined) return mapping;
  }
  return undefined;
}

/** Without a header the whole text is the message, but for line ends that a file or a sender left on it. */
const textOf = (decoded: Decoded): string =>
  decoded.format === 'text' ? decoded.message : (decoded.syslog?.message ?? decoded.text.trimEnd());

function normalizeBody(decoded: Decoded, draft: Draft, choice: Choice, times: CefTimeOptions, config: NormalizeConfig): void {
  const { mapping } = choice;
  if (decoded.format === 'cef') normalizeCef(decoded.cef, draft, mapping, times);
  else if (decoded.format === 'leef') normalizeLeef(decoded.leef, draft, mapping, times);
  else if (decoded.format === 'json') normalizeObject(decoded.json, draft, choice, { times, maxDepth: config.max_depth });
  else normalizeText(decoded, draft, mapping, { times, maxDepth: config.max_depth });
}

/** Who claims a dataset that is not theirs is not believed in the rest either: their words stay under `json`. */
function normalizeObject(json: JsonDecoded['json'], draft: Draft, choice: Choice, bounds: JsonBounds): void {
  if (choice.mapping?.records?.claims(json) === true) normalizeRecord(json, choice.mapping.records, draft, choice.mapping, bounds);
  else normalizeJson(json, choice.refused === undefined && isEcs(json), draft, choice.mapping, bounds);
}

function normalizeRecord(record: JsonRecord, reader: RecordReader, draft: Draft, mapping: CompiledMapping, bounds: JsonBounds): void {
  normalizeJson(reader.asEcs(record), true, draft, mapping, bounds);
  reader.read(draft);
}

/** The record of a message that is none itself: in its structured data, or in its text. */
function recordIn(decoded: Decoded, text: string, reader: RecordReader): JsonRecord | undefined {
  const data = decoded.syslog?.structuredData;
  for (const id in data) {
    const element = data[id];
    if (element !== undefined && reader.claims(element)) return element;
  }
  return reader.fromText?.(text);
}

/** Text, and pairs: a mapping that reads the text leaves no pairs, because it has read them. */
function normalizeText(decoded: Decoded, draft: Draft, mapping: CompiledMapping | undefined, bounds: JsonBounds): void {
  const text = textOf(decoded);
  const record = mapping?.records === undefined ? undefined : recordIn(decoded, text, mapping.records);
  if (mapping?.records !== undefined && record !== undefined) {
    normalizeRecord(record, mapping.records, draft, mapping, bounds);
    if (text !== '' && draft.get('message') === undefined) draft.set('message', text);
    return;
  }
  draft.set('message', text);
  if (mapping?.readText(text, draft) === true) return;
  const words = mapping?.events.get(decoded.syslog?.msgId ?? '');
  if (words !== undefined) draft.classify(words);
  if (decoded.format === 'key_value') readPairs(decoded.pairs, draft, mapping);
}

function readPairs(pairs: Readonly<Record<string, string>>, draft: Draft, mapping: CompiledMapping | undefined): void {
  for (const key in pairs) {
    const text = pairs[key];
    if (text === undefined) continue;
    const own = mapping?.fields.get(key);
    if (own === undefined || !draft.setText(own, text)) draft.set(`key_value.${key}`, text);
  }
}

/** The payload's time, else the header's, else the receive time. A time that was sent and cannot be is kept as it was written. */
function timeOf(record: RawRecord, decoded: Decoded, draft: Draft): number {
  const { syslog } = decoded;
  const sent = draft.time ?? syslog?.timestamp;
  if (sent !== undefined && plausible(sent, record.receivedAt)) {
    if (draft.unreadTime !== undefined) markTime(draft, draft.unreadTime);
    return Math.trunc(sent);
  }
  const written = draft.unreadTime ?? (draft.time === undefined ? syslog?.timestampText : textOfTime(draft.time));
  if (written !== undefined) markTime(draft, written);
  return record.receivedAt;
}

const textOfTime = (time: number): string => (Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time));

function markTime(draft: Draft, written: string): void {
  draft.tag('bad_timestamp');
  draft.set('earshot.unread_timestamp', written);
}
