import { ECS_FIELDS, ecsField } from '../model/ecs.ts';
import type { EcsOutcome } from '../model/ecs-words.ts';
import type { Value } from '../model/event.ts';
import { COMMON_FIELDS, FieldSet, slotOf } from '../model/field-set.ts';
import { type Converter, converterOf, toInteger, toIp } from './convert.ts';
import type { EventDraft, EventWords } from './mapping.ts';

type Kind = 'user' | 'ip' | 'hosts';

const RELATED_BOUND = 100;
const TEXT_BOUND = 1_024;

/** ECS fields whose values name a person, an address or a machine: they are collected in `related.*`. */
function relatedKinds(): Map<string, Kind> {
  const kinds = new Map<string, Kind>();
  for (const [path, field] of ECS_FIELDS) {
    if (path.startsWith('related.') || path.startsWith('threat.')) continue;
    if (field.type === 'ip') kinds.set(path, 'ip');
    else if (/(^|\.)user(\.(target|effective|changes))?\.(name|email|id)$/.test(path)) kinds.set(path, 'user');
    else if (/^(host|observer)\.(name|hostname)$|^(source|destination|client|server)\.domain$/.test(path)) kinds.set(path, 'hosts');
  }
  return kinds;
}

const RELATED = relatedKinds();
const RELATED_BY_SLOT: readonly (Kind | undefined)[] = COMMON_FIELDS.map((path) => RELATED.get(path));

const KEPT_CONVERTERS = 10_000;
const CONVERTERS = new Map<string, Converter>();

/** Paths repeat; a sender who makes them up must not fill the memory. */
function converter(path: string): Converter {
  const known = CONVERTERS.get(path);
  if (known !== undefined) return known;
  const made = converterOf(path, ecsField(path));
  if (CONVERTERS.size >= KEPT_CONVERTERS) CONVERTERS.clear();
  CONVERTERS.set(path, made);
  return made;
}

/** Collects an event's fields, bounded in number, with what `related.*` and `tags` need. */
export class Draft implements EventDraft {
  readonly fields = new FieldSet();
  /** Time found in the payload, milliseconds since the epoch. */
  time: number | undefined;
  /** A time that was sent and could not be read. */
  unreadTime: string | undefined;
  #room: number;
  #users: string[] | undefined;
  #ips: string[] | undefined;
  #hosts: string[] | undefined;
  #tags: string[] | undefined;

  constructor(maxFields: number) {
    this.#room = maxFields;
  }

  get(path: string): Value | undefined {
    return this.fields.get(path);
  }

  /** Every call takes room; without room only a field that is there may change. */
  set(path: string, value: Value): void {
    const { fields } = this;
    const slot = slotOf(path);
    if (this.#room <= 0 && (slot === -1 ? fields.getOther(path) : fields.slots[slot]) === undefined) {
      this.tag('truncated_fields');
      return;
    }
    this.#room--;
    if (slot === -1) fields.setOther(path, value);
    else fields.slots[slot] = value;
    const kind = slot === -1 ? RELATED.get(path) : RELATED_BY_SLOT[slot];
    if (kind !== undefined) this.#relate(kind, value);
  }

  setText(path: string, text: string): boolean {
    if (text === '') return false;
    const value = converter(path)(text);
    if (value === undefined) return false;
    this.set(path, value);
    return true;
  }

  setPeer(side: 'source' | 'destination', text: string): void {
    if (text === '') return;
    const paths = PEERS[side];
    this.set(paths.address, text);
    // sshd writes a scope behind link-local addresses: `fe80::1%eth0`.
    const scope = text.indexOf('%');
    const ip = toIp(scope === -1 ? text : text.slice(0, scope));
    if (ip !== undefined) this.set(paths.ip, ip);
    else if (!text.includes(' ')) this.set(paths.domain, text);
  }

  classify(words: EventWords): void {
    this.set('event.action', words.action);
    this.set('event.category', words.category);
    this.set('event.type', words.type);
    if (words.outcome !== undefined) this.outcome(words.outcome);
  }

  outcome(word: EcsOutcome): void {
    this.set('event.outcome', word);
  }

  setTime(milliseconds: number): void {
    this.time = milliseconds;
  }

  tag(word: string): void {
    if (this.#tags === undefined) this.#tags = [word];
    else if (!this.#tags.includes(word)) this.#tags.push(word);
  }

  /** Writes what was collected; the bound does not count for it. */
  finish(): FieldSet {
    this.#merge('related.user', this.#users);
    this.#merge('related.ip', this.#ips);
    this.#merge('related.hosts', this.#hosts);
    this.#merge('tags', this.#tags);
    return this.fields;
  }

  /** An event that is ECS already may bring `tags` and `related.*` of its own. */
  #merge(path: string, found: readonly string[] | undefined): void {
    if (found === undefined) return;
    this.fields.set(path, merged(this.fields.get(path), found));
  }

  #relate(kind: Kind, value: Value): void {
    if (typeof value !== 'string') {
      if (Array.isArray(value)) for (const one of value) if (typeof one === 'string') this.#relate(kind, one);
      return;
    }
    if (value === '' || value.length > TEXT_BOUND) return;
    // A number names nobody outside its own machine.
    if (kind === 'user' && toInteger(value) !== undefined) return;
    if (kind === 'user') this.#users = added(this.#users, value);
    else if (kind === 'ip') this.#ips = added(this.#ips, value);
    else this.#hosts = added(this.#hosts, value);
  }
}

const PEERS = {
  source: { address: 'source.address', ip: 'source.ip', domain: 'source.domain' },
  destination: { address: 'destination.address', ip: 'destination.ip', domain: 'destination.domain' },
} as const;

function added(list: string[] | undefined, value: string): string[] {
  if (list === undefined) return [value];
  if (list.length < RELATED_BOUND && !list.includes(value)) list.push(value);
  return list;
}

function merged(sent: Value | undefined, found: readonly string[]): Value {
  if (!Array.isArray(sent)) return found;
  const all = [...sent];
  for (const value of found) if (!all.includes(value)) all.push(value);
  return all;
}
