import type { Event, Fields, Value } from '../model/event.ts';
import { AttrsWriter } from './attrs.ts';
import { COLUMNS, type ColumnType, EVENTS_TABLE } from './columns.ts';
import { canonicalIp } from './ip-address.ts';
import { filingDay, type RetentionClass } from './retention-class.ts';
import { RowBinaryWriter } from './row-binary.ts';
import type { InsertBlock } from './store.ts';

/** The order in which {@link encodeBlock} writes a row. */
export const INSERT_COLUMNS: readonly string[] = [
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
  'attrs',
  'shape',
  'raw',
];

export interface EncodeOptions {
  readonly retentionOf: (event: Event) => RetentionClass;
  /** The peer of the event at this index, as JSON. Absent: not kept. */
  readonly originOf?: (index: number) => string;
}

/** Why one event is stored bare: its bytes and the reason, without its fields. */
export interface SetAside {
  readonly seq: number;
  readonly reason: string;
}

/** A block with what is needed to insert parts of it, when the engine refuses the whole. */
export interface EncodedBlock extends InsertBlock {
  readonly events: readonly Event[];
  readonly options: EncodeOptions;
  /** Where each row begins in `body`; one more for the end. */
  readonly offsets: Uint32Array;
  /** Events that could not be encoded; the block holds them as bare rows. Of the whole block, also in a slice. */
  readonly setAside: readonly SetAside[];
}

/** `DateTime` in the sort key ends in 2106; such times are the normalizer's to replace. */
const LAST_TIMESTAMP = 0xffff_ffff * 1000;

const writer = new RowBinaryWriter();
const attrs = new AttrsWriter();
const slotOf = new Map(COLUMNS.map(({ field }, slot) => [field, slot]));
const types: readonly ColumnType[] = COLUMNS.map(({ type }) => type);
const slots: unknown[] = COLUMNS.map(() => undefined);

/**
 * Encodes events as one insert block of RowBinary rows, in the order of {@link INSERT_COLUMNS}. The token is made of the first and last
 * event's identity, so the same events give the same token. An event that cannot be encoded does not hold up the others.
 */
export function encodeBlock(events: readonly Event[], options: EncodeOptions): EncodedBlock {
  const offsets = new Uint32Array(events.length + 1);
  const setAside: SetAside[] = [];
  writer.rewind(0);
  events.forEach((event, index) => {
    offsets[index] = writer.length;
    const reason = tryRow(event, index, options);
    if (reason === undefined) return;
    setAside.push({ seq: event.seq, reason });
    writer.rewind(offsets[index] ?? 0);
    writeRow(bareEvent(event, reason), index, options);
  });
  offsets[events.length] = writer.length;
  return {
    table: EVENTS_TABLE,
    columns: INSERT_COLUMNS,
    body: writer.copy(),
    rows: events.length,
    token: tokenOf(events),
    events,
    options,
    offsets,
    setAside,
  };
}

/** Rows `from` (inclusive) to `to` (exclusive) of a block, as a block with a token of its own. */
export function sliceBlock(block: EncodedBlock, from: number, to: number): EncodedBlock {
  const { options } = block;
  const { originOf } = options;
  const start = block.offsets[from] ?? 0;
  const events = block.events.slice(from, to);
  return {
    ...block,
    body: block.body.subarray(start, block.offsets[to]),
    rows: to - from,
    token: tokenOf(events),
    events,
    options: originOf ? { ...options, originOf: (index) => originOf(index + from) } : options,
    offsets: block.offsets.slice(from, to + 1).map((offset) => offset - start),
  };
}

/** What is stored of an event whose fields cannot be: its bytes, its identity, and why. The dataset stays, because it says how long to keep it. */
export function bareEvent(event: Event, reason: string): Event {
  const dataset = event.fields['event.dataset'];
  const usable = Number.isSafeInteger(event.timestamp) && event.timestamp >= 0 && event.timestamp <= LAST_TIMESTAMP;
  return {
    ...event,
    timestamp: usable ? event.timestamp : event.receivedAt,
    hits: [],
    fields: {
      ...(typeof dataset === 'string' && dataset.isWellFormed() && { 'event.dataset': dataset }),
      'event.kind': 'pipeline_error',
      'error.message': reason.toWellFormed().slice(0, 1000).toWellFormed(),
      tags: ['set_aside'],
    },
  };
}

function tokenOf(events: readonly Event[]): string {
  const first = events[0];
  const last = events.at(-1);
  return first === undefined || last === undefined ? 'empty' : `${first.node}-${first.seq}-${last.seq}`;
}

function tryRow(event: Event, index: number, options: EncodeOptions): string | undefined {
  try {
    writeRow(event, index, options);
    return undefined;
  } catch (error) {
    attrs.clear();
    return error instanceof Error ? error.message : String(error);
  }
}

function writeRow(event: Event, index: number, options: EncodeOptions): void {
  if (!(Number.isSafeInteger(event.timestamp) && event.timestamp >= 0 && event.timestamp <= LAST_TIMESTAMP)) {
    throw new RangeError(`@timestamp ${event.timestamp} is not a whole number of milliseconds between 1970 and 2106`);
  }
  const retention = options.retentionOf(event);
  sortFields(event.fields);
  writer.u16(event.node);
  writer.i64(event.seq);
  writer.i64(event.timestamp);
  writer.i64(event.receivedAt);
  writer.u16(filingDay(event.timestamp, event.receivedAt, retention.days));
  writer.string(event.source);
  writer.string(options.originOf?.(index) ?? '');
  writer.string(retention.name);
  writeColumns();
  writeHits(event);
  attrs.write(writer);
  writer.bytes(event.raw);
}

/** Puts each field into its column's slot, or where it does not fit exactly, into attrs. */
function sortFields(fields: Fields): void {
  slots.fill(undefined);
  for (const path in fields) {
    const value = fields[path] as Value;
    const slot = slotOf.get(path);
    const held = slot === undefined ? undefined : hold(types[slot], value);
    if (slot === undefined || held === undefined) attrs.add(path, value);
    else slots[slot] = held;
  }
}

/** The value as its column holds it, or undefined where the column could not give the same value back. */
function hold(type: ColumnType | undefined, value: Value): unknown {
  switch (type) {
    case 'word':
    case 'text':
      return typeof value === 'string' && value !== '' && value.isWellFormed() ? value : undefined;
    case 'words':
      return Array.isArray(value) && value.length > 0 && value.every(isText) ? value : undefined;
    case 'ip':
      return typeof value === 'string' ? canonicalIp(value) : undefined;
    case 'u8':
      return isWhole(value, 0xff) ? value : undefined;
    case 'u16':
      return isWhole(value, 0xffff) ? value : undefined;
    case 'u32':
      return isWhole(value, 0xffff_ffff) ? value : undefined;
    default:
      return undefined;
  }
}

const isText = (value: Value): boolean => typeof value === 'string' && value.isWellFormed();
const isWhole = (value: Value, most: number): boolean => typeof value === 'number' && value > 0 && value <= most && Number.isInteger(value);

function writeColumns(): void {
  for (let slot = 0; slot < types.length; slot++) {
    const value = slots[slot];
    switch (types[slot]) {
      case 'word':
      case 'text':
        if (value === undefined) writer.u8(0);
        else writer.string(value as string);
        break;
      case 'words':
        writeWords(value as readonly string[] | undefined);
        break;
      case 'ip':
        writeIp(value);
        break;
      case 'u8':
        writer.u8((value as number | undefined) ?? 0);
        break;
      case 'u16':
        writer.u16((value as number | undefined) ?? 0);
        break;
      case 'u32':
        writer.u32((value as number | undefined) ?? 0);
        break;
    }
  }
}

function writeWords(words: readonly string[] | undefined): void {
  if (words === undefined) {
    writer.u8(0);
    return;
  }
  writer.varint(words.length);
  for (const word of words) writer.string(word);
}

function writeIp(address: unknown): void {
  if (typeof address === 'number') writer.ipv4(address);
  else if (address instanceof Uint8Array) writer.raw(address);
  else writer.zeros(16);
}

function writeHits({ hits }: Event): void {
  if (hits.length === 0) {
    writer.u16(0);
    return;
  }
  writeWords([...new Set(hits.map(({ id }) => id))]);
  writer.string(JSON.stringify(hits));
}
