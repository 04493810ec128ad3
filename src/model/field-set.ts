import type { Fields, Value } from './event.ts';

/**
 * Fields that many events have, by ECS path. Each has a slot in a {@link FieldSet} and, in the same order, a column in the store.
 * New ones go to the end: the order is that of the stored columns.
 */
export const COMMON_FIELDS = [
  'event.dataset',
  'event.module',
  'event.kind',
  'event.category',
  'event.type',
  'event.action',
  'event.outcome',
  'event.code',
  'event.severity',
  'user.name',
  'user.id',
  'user.email',
  'user.domain',
  'user.target.name',
  'user.target.id',
  'user.effective.name',
  'group.name',
  'source.ip',
  'source.port',
  'source.domain',
  'destination.ip',
  'destination.port',
  'destination.domain',
  'host.name',
  'observer.vendor',
  'observer.product',
  'url.domain',
  'url.path',
  'http.request.method',
  'http.response.status_code',
  'user_agent.original',
  'process.name',
  'process.pid',
  'process.executable',
  'process.command_line',
  'file.path',
  'file.name',
  'log.syslog.appname',
  'log.syslog.severity.code',
  'log.syslog.facility.code',
  'message',
  'tags',
  'related.user',
  'related.ip',
  'related.hosts',
  // What nearly every event has is cheaper here than among the others, even where nobody searches by it.
  'log.syslog.priority',
  'log.syslog.severity.name',
  'log.syslog.facility.name',
  'log.syslog.version',
  'log.syslog.hostname',
  'log.syslog.procid',
  'log.source.address',
  'host.hostname',
  'observer.version',
  'source.address',
  'source.user.name',
  'destination.user.name',
  'cef.name',
  'cef.severity',
  'cef.version',
  // Products that have rules of their own name them so; searches for our rules look here too.
  'rule.id',
  'rule.name',
  'rule.level',
] as const;
export type CommonField = (typeof COMMON_FIELDS)[number];

const SLOTS: ReadonlyMap<string, number> = new Map(COMMON_FIELDS.map((field, slot) => [field, slot]));
const EMPTY: readonly (Value | undefined)[] = COMMON_FIELDS.map(() => undefined);

/** The slot of a path, -1 for one that has none. */
export const slotOf = (path: string): number => SLOTS.get(path) ?? -1;

/**
 * The fields of an event on its way, by dotted ECS path. {@link Fields} in another form: forty of them in a dictionary cost more than
 * everything else that is done with an event, and in slots they are written and read by number.
 */
export class FieldSet {
  /** By slot; undefined where the event has no such field. */
  readonly slots: (Value | undefined)[] = EMPTY.slice();
  #others: Map<string, Value> | undefined;

  static of(fields: Fields): FieldSet {
    const set = new FieldSet();
    for (const path of Object.keys(fields)) set.set(path, fields[path] as Value);
    return set;
  }

  get(path: string): Value | undefined {
    const slot = slotOf(path);
    return slot === -1 ? this.#others?.get(path) : this.slots[slot];
  }

  set(path: string, value: Value): void {
    const slot = slotOf(path);
    if (slot === -1) this.setOther(path, value);
    else this.slots[slot] = value;
  }

  /** A path that is known to have no slot. */
  getOther(path: string): Value | undefined {
    return this.#others?.get(path);
  }

  /** A path that is known to have no slot. */
  setOther(path: string, value: Value): void {
    this.#others ??= new Map();
    this.#others.set(path, value);
  }

  /** The fields that have no slot, in the order they came. */
  get others(): Iterable<[path: string, value: Value]> {
    return this.#others ?? NONE;
  }

  *[Symbol.iterator](): Generator<[path: string, value: Value]> {
    for (const [slot, path] of COMMON_FIELDS.entries()) {
      const value = this.slots[slot];
      if (value !== undefined) yield [path, value];
    }
    yield* this.others;
  }

  /** The fields for good. */
  toFields(): Fields {
    const fields: Fields = {};
    // A field may be called `__proto__`: an assignment to this name would set the prototype.
    for (const [path, value] of this)
      if (path === '__proto__') Object.defineProperty(fields, path, { value, enumerable: true, writable: true, configurable: true });
      else fields[path] = value;
    return fields;
  }
}

const NONE: readonly [string, Value][] = [];
