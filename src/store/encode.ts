import type { Event, Value } from '../model/event.ts';
import { FieldSet } from '../model/field-set.ts';
import { type LiveEvent, toLive } from '../model/live-event.ts';
import { AttrsWriter } from './attrs.ts';
import { COLUMNS, type ColumnType, EVENTS_TABLE } from './columns.ts';
import { canonicalIp, type IpAddress } from './ip-address.ts';
import { filingDay, type RetentionClass } from './retention-class.ts';
import { RowBinaryWriter } from './row-binary.ts';
import type { InsertBlock } from './store.ts';

/** The order in which {@link encodeBlock} writes a row. */
const INSERT_COLUMNS: readonly string[] = [
  'node',
  'seq',
  'ts',
  'ingested',
  'day',
  'source',
  'origin',
  'retention',
  ...COLUMNS.map(({ column }) => column),
  'rules',
  'hits',
  'hit_rules',
  'deferred',
  'zeros',
  'columns_whole',
  'attrs',
  'shape',
  'raw',
];

export interface EncodeOptions {
  readonly retentionOf: (event: LiveEvent) => RetentionClass;
}

/** Why one event is stored bare: its bytes and the reason, without its fields. */
export interface SetAside {
  readonly seq: number;
  readonly reason: string;
}

/** What is kept of an event whose row is encoded, while the row is on its way: enough to store it bare. The fields are free to go. */
export interface KeptEvent extends Omit<Event, 'fields' | 'hits'> {
  readonly dataset: Value | undefined;
  readonly origin: string;
}

/** A block with what is needed to insert parts of it, when the engine refuses the whole. */
export interface EncodedBlock extends InsertBlock {
  readonly events: readonly KeptEvent[];
  readonly options: EncodeOptions;
  /** Where each row begins in `body`; one more for the end. */
  readonly offsets: readonly number[];
  /** Events that could not be encoded; the block holds them as bare rows. Of the whole block, also in a slice. */
  readonly setAside: readonly SetAside[];
}

const TYPICAL_ROW_BYTES = 1000;
/** `DateTime` in the sort key ends in 2106; such times are the normalizer's to replace. */
const LAST_TIMESTAMP = 0xffff_ffff * 1000;

const attrs = new AttrsWriter();
const types: readonly ColumnType[] = COLUMNS.map(({ type }) => type);
/** Bytes of each column's default, which are all zero: an empty text or list, a 0, `::`. */
const DEFAULT_BYTES: Readonly<Record<ColumnType, number>> = { word: 1, text: 1, words: 1, ip: 16, u8: 1, u16: 2, u32: 4 };
const defaults: readonly number[] = types.map((type) => DEFAULT_BYTES[type]);
const paths: readonly string[] = COLUMNS.map(({ field }) => field);
const NUMBERS: ReadonlySet<ColumnType | undefined> = new Set(['u8', 'u16', 'u32']);
/** Of the row that is being written. */
const zeroPaths: string[] = [];

/**
 * Encodes events, one after the other, as one insert block of RowBinary rows in the order of {@link INSERT_COLUMNS}. An event is not
 * held longer than its own turn: twenty thousand of them that wait for the engine would keep the garbage collector busy.
 */
export class BlockEncoder {
  readonly #options: EncodeOptions;
  readonly #writer: RowBinaryWriter;
  readonly #events: KeptEvent[] = [];
  readonly #offsets: number[] = [0];
  readonly #setAside: SetAside[] = [];

  /** Writes into this buffer as long as it is large enough; it must not be used for anything else until the block is done with. */
  constructor(options: EncodeOptions, buffer: Buffer = Buffer.allocUnsafeSlow(TYPICAL_ROW_BYTES)) {
    this.#options = options;
    this.#writer = new RowBinaryWriter(buffer);
  }

  /** Adds a row. An event that cannot be encoded becomes a bare one, and does not hold up the others. `origin`: the peer, as JSON. */
  add(event: LiveEvent, origin = ''): void {
    const { node, seq, receivedAt, timestamp, source, raw } = event;
    const start = this.#writer.length;
    const reason = tryRow(this.#writer, event, origin, this.#options);
    if (reason !== undefined) {
      this.#setAside.push({ seq, reason });
      this.#writer.rewind(start);
      writeRow(this.#writer, bareEvent({ ...event, dataset: event.fields.get('event.dataset'), origin }, reason), origin, this.#options);
    }
    this.#events.push({ node, seq, receivedAt, timestamp, source, raw, dataset: event.fields.get('event.dataset'), origin });
    this.#offsets.push(this.#writer.length);
  }

  /** The block; the encoder is done with. The token is made of the first and last event's identity: the same events give the same token. */
  finish(): EncodedBlock {
    return {
      table: EVENTS_TABLE,
      columns: INSERT_COLUMNS,
      body: this.#writer.written(),
      rows: this.#events.length,
      token: tokenOf(this.#events),
      events: this.#events,
      options: this.#options,
      offsets: this.#offsets,
      setAside: this.#setAside,
    };
  }
}

/** Encodes events that are all at hand. */
export function encodeBlock(events: readonly Event[], options: EncodeOptions): EncodedBlock {
  const encoder = new BlockEncoder(options, Buffer.allocUnsafeSlow(events.length * TYPICAL_ROW_BYTES));
  for (const event of events) encoder.add(toLive(event));
  return encoder.finish();
}

/** Rows `from` (inclusive) to `to` (exclusive) of a block, as a block with a token of its own. */
export function sliceBlock(block: EncodedBlock, from: number, to: number): EncodedBlock {
  const start = block.offsets[from] ?? 0;
  const events = block.events.slice(from, to);
  return {
    ...block,
    body: block.body.subarray(start, block.offsets[to]),
    rows: to - from,
    token: tokenOf(events),
    events,
    offsets: block.offsets.slice(from, to + 1).map((offset) => offset - start),
  };
}

/** A block of one event, bare: for a row that the engine refuses. */
export function bareBlock(event: KeptEvent, reason: string, options: EncodeOptions): EncodedBlock {
  const encoder = new BlockEncoder(options);
  encoder.add(bareEvent(event, reason), event.origin);
  return encoder.finish();
}

/** What is stored of an event whose fields cannot be: its bytes, its identity, and why. The dataset stays, because it says how long to keep it. */
function bareEvent({ node, seq, receivedAt, timestamp, source, raw, dataset }: KeptEvent, reason: string): LiveEvent {
  const usable = Number.isSafeInteger(timestamp) && timestamp >= 0 && timestamp <= LAST_TIMESTAMP;
  return {
    node,
    seq,
    receivedAt,
    source,
    raw,
    timestamp: usable ? timestamp : receivedAt,
    hits: [],
    fields: FieldSet.of({
      ...(typeof dataset === 'string' && dataset.isWellFormed() && { 'event.dataset': dataset }),
      'event.kind': 'pipeline_error',
      'error.message': reason.toWellFormed().slice(0, 1000).toWellFormed(),
      tags: ['set_aside'],
    }),
  };
}

function tokenOf(events: readonly Pick<Event, 'node' | 'seq'>[]): string {
  const first = events[0];
  const last = events.at(-1);
  return first === undefined || last === undefined ? 'empty' : `${first.node}-${first.seq}-${last.seq}`;
}

function tryRow(writer: RowBinaryWriter, event: LiveEvent, origin: string, options: EncodeOptions): string | undefined {
  try {
    writeRow(writer, event, origin, options);
    return undefined;
  } catch (error) {
    attrs.clear();
    return error instanceof Error ? error.message : String(error);
  }
}

function writeRow(writer: RowBinaryWriter, event: LiveEvent, origin: string, options: EncodeOptions): void {
  if (!(Number.isSafeInteger(event.timestamp) && event.timestamp >= 0 && event.timestamp <= LAST_TIMESTAMP)) {
    throw new RangeError(`@timestamp ${event.timestamp} is not a whole number of milliseconds between 1970 and 2106`);
  }
  const retention = options.retentionOf(event);
  writer.u16(event.node);
  writer.i64(event.seq);
  writer.i64(event.timestamp);
  writer.i64(event.receivedAt);
  writer.u16(filingDay(event.timestamp, event.receivedAt, retention.days));
  writer.string(event.source);
  writer.string(origin);
  writer.string(retention.name);
  zeroPaths.length = 0;
  const whole = writeColumns(writer, event.fields.slots);
  writeHits(writer, event);
  writeWords(writer, event.deferred ?? []);
  writer.string(zeroPaths.join('\n'));
  writer.u8(whole ? COLUMNS.length : 0);
  for (const [path, value] of event.fields.others) attrs.add(path, value);
  attrs.write(writer);
  writer.bytes(event.raw);
}

/**
 * Writes each column, or its default where the column could not give the same value back: that goes to attrs, which are written behind.
 * Most columns of an event are at their default: neighbors are written as one run of zeros. True: the columns hold all of it.
 */
function writeColumns(writer: RowBinaryWriter, slots: readonly (Value | undefined)[]): boolean {
  let zeros = 0;
  let whole = true;
  for (let slot = 0; slot < types.length; slot++) {
    const value = slots[slot];
    if (value !== undefined) {
      if (zeros > 0) writer.zeros(zeros);
      zeros = 0;
      if (writeColumn(writer, types[slot], value)) continue;
      if (isZero(value) && NUMBERS.has(types[slot])) zeroPaths.push(paths[slot] ?? '');
      else {
        attrs.add(paths[slot] ?? '', value);
        whole = false;
      }
    }
    zeros += defaults[slot] ?? 0;
  }
  if (zeros > 0) writer.zeros(zeros);
  return whole;
}

/** False, with nothing written: the column cannot hold the value exactly. */
function writeColumn(writer: RowBinaryWriter, type: ColumnType | undefined, value: Value): boolean {
  switch (type) {
    case 'word':
    case 'text':
      return typeof value === 'string' && value !== '' && writer.tryString(value);
    case 'words':
      return Array.isArray(value) && value.length > 0 && writeWords(writer, value);
    case 'ip':
      return typeof value === 'string' && writeIp(writer, canonicalIp(value));
    case 'u8':
      if (!isWhole(value, 0xff)) return false;
      writer.u8(value);
      return true;
    case 'u16':
      if (!isWhole(value, 0xffff)) return false;
      writer.u16(value);
      return true;
    case 'u32':
      if (!isWhole(value, 0xffff_ffff)) return false;
      writer.u32(value);
      return true;
    default:
      return false;
  }
}

const isZero = (value: Value): boolean => Object.is(value, 0);

const isWhole = (value: Value, most: number): value is number =>
  typeof value === 'number' && value > 0 && value <= most && Number.isInteger(value);

/** False, with nothing written, where one of them is no well-formed text. */
function writeWords(writer: RowBinaryWriter, words: readonly Value[]): boolean {
  const start = writer.length;
  writer.varint(words.length);
  for (const word of words) {
    if (typeof word === 'string' && writer.tryString(word)) continue;
    writer.rewind(start);
    return false;
  }
  return true;
}

function writeIp(writer: RowBinaryWriter, address: IpAddress | undefined): boolean {
  if (address === undefined) return false;
  if (typeof address === 'number') writer.ipv4(address);
  else writer.raw(address);
  return true;
}

function writeHits(writer: RowBinaryWriter, { hits }: LiveEvent): void {
  if (hits.length === 0) {
    writer.zeros(3);
    return;
  }
  writeWords(writer, [...new Set(hits.map(({ id }) => id))]);
  writer.string(JSON.stringify(hits));
  writer.string(JSON.stringify(hits.map(({ id, level, title }) => [id, level, title])));
}
