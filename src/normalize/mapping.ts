import type { Cef } from '../formats/cef.ts';
import type { EcsCategory, EcsEventType, EcsOutcome } from '../model/ecs-words.ts';
import type { Value } from '../model/event.ts';

/**
 * What Earshot knows about one kind of message of one product.
 *
 * To add a product, make a folder `src/integrations/<product>/` that exports mappings, and add them to `src/integrations/index.ts`. Fixtures in its `fixtures/` get golden documents by themselves.
 * A mapping says which messages are its own (`appliesTo`), which dataset they belong to, and what they mean: by tables as far as
 * tables go (`messages`, `fields`, `events`), by a function (`read`) where they do not. Everything a mapping can write is declared, and
 * checked at the start against the ECS catalogue by `checkMappings`: a field that ECS does not have must lie under the product's own
 * name (`linux.ssh.method`).
 */
export interface Mapping {
  /** The product's name: its folder, the first word of its own fields, and `event.module`. */
  readonly product: string;
  /** `event.dataset`: the product's name, a dot, a noun, such as `linux.auth`. */
  readonly dataset: string;
  readonly appliesTo: AppliesTo;
  /** Text messages, one row a form; the first that fits counts. */
  readonly messages?: readonly MessageRow[];
  /** Where a payload's own keys go: key as sent (a CEF key, a LEEF attribute, a dotted JSON path) to field. Goes before the format's own table. */
  readonly fields?: Readonly<Record<string, string>>;
  /** What an event means by its code: CEF class id, LEEF event id, or syslog MSGID. */
  readonly events?: Readonly<Record<string, EventWords>>;
  /** For what tables cannot say. */
  readonly reader?: Reader;
  /** For CEF, where what a message means is in more than its class id. */
  readonly cef?: CefReader;
  /** For a product that writes of several matters: `dataset` is of what these do not name. */
  readonly datasets?: DatasetChoice;
  /** For messages that are records: JSON, RFC 5424 structured data, or a text with the same in it. */
  readonly records?: RecordReader;
  /** `event.action`s that others rely on, such as an approval: where nothing shows who sent one, it is tagged `unproven_sender`. */
  readonly reliedOn?: readonly string[];
  /** The first word of its own fields, where the world knows them by another name than the product's (`winlog`). */
  readonly prefix?: string;
}

/** Which messages a mapping is for; any of them is enough. Names are compared without regard to case. */
export interface AppliesTo {
  /** Names of programs in syslog headers. */
  readonly programs?: readonly string[];
  readonly cef?: readonly ProductName[];
  readonly leef?: readonly ProductName[];
  /** Types or names of sources in the configuration. */
  readonly sources?: readonly string[];
  /** What the text behind the header looks like, whatever the program; looked at last. */
  readonly texts?: readonly TextShape[];
}

/** How a text starts, and what it has in it. Case counts. */
export interface TextShape {
  readonly start: string;
  readonly contains?: string;
}

/** Without `product`: all products of the vendor. */
export interface ProductName {
  readonly vendor: string;
  readonly product?: string;
}

/** ECS's words for what happened. */
export interface EventWords {
  readonly action: string;
  readonly category: readonly EcsCategory[];
  readonly type: readonly EcsEventType[];
  readonly outcome?: EcsOutcome;
}

/** A form of message (see `Template`; its places are field paths) and what it means. `<x>.address` also fills `<x>.ip` or `<x>.domain`. */
export interface MessageRow {
  readonly form: string;
  readonly event: EventWords;
  /** Fields with the same value every time. */
  readonly set?: Readonly<Record<string, Value>>;
}

/** Reads what tables cannot say. */
export interface Reader {
  /** Every field that `read` may set; a path that ends in `.*` stands for all below it. */
  readonly writes: readonly string[];
  /** Everything that `read` may call an event. */
  readonly events: readonly EventWords[];
  /** True: the message was known, the table of messages is not asked. Never throws; takes time linear in the message. */
  read(message: string, event: EventDraft): boolean;
}

/** Reads CEF, after its header and its keys are in their places by the format's table. */
export interface CefReader {
  /** Every field that `read` may set; a path that ends in `.*` stands for all below it. */
  readonly writes: readonly string[];
  /** Everything that `read` may call an event. */
  readonly events: readonly EventWords[];
  /** Never throws; takes time linear in the message. */
  read(cef: Cef, event: EventDraft): void;
}

/** Which of a product's datasets a message belongs to; undefined: the mapping's own. Never throws. */
export interface DatasetChoice {
  /** All that `ofCef` and `ofText` may answer. */
  readonly names: readonly string[];
  ofCef(cef: Cef): string | undefined;
  ofText(message: string): string | undefined;
}

export type JsonRecord = { readonly [key: string]: Value };

/** Reads records: what a record is called differs from sender to sender, what it means does not. Nothing here throws. */
export interface RecordReader {
  /** Every field that `read` may set; a path that ends in `.*` stands for all below it. */
  readonly writes: readonly string[];
  /** Everything that `read` may call an event. */
  readonly events: readonly EventWords[];
  /** Whether a record that no program and no source claims is the mapping's own. */
  claims(record: JsonRecord): boolean;
  /** The record in a text that `appliesTo.texts` found; undefined: the text holds none. Takes time linear in the text. */
  fromText?(text: string): JsonRecord | undefined;
  /** The record as ECS, nested or dotted, with what ECS has no place for under the mapping's own name. */
  asEcs(record: JsonRecord): JsonRecord;
  /** After the record's fields are set: what they mean. */
  read(event: EventDraft): void;
}

/** The event under construction, as mappings see it. */
export interface EventDraft {
  get(path: string): Value | undefined;
  /** Sets a field; an array field takes an array. */
  set(path: string, value: Value): void;
  /** Sets a field from text, as the field's ECS type has it; false, and nothing is set, when the text is none of that type or empty. */
  setText(path: string, text: string): boolean;
  /** The other side by address or name: `<side>.address`, and `<side>.ip` or `<side>.domain`. */
  setPeer(side: 'source' | 'destination', text: string): void;
  /** `event.action`, `event.category`, `event.type`, `event.outcome`. */
  classify(words: EventWords): void;
  /** The event's own time, in milliseconds since the epoch, as the payload has it: goes before the header's. */
  setTime(milliseconds: number): void;
  tag(word: string): void;
}
