import { CEF_KEYS, type CefKey, cefCustomType, cefType } from '../formats/cef-dictionary.ts';
import { ecsField } from '../model/ecs.ts';
import { CEF_TO_ECS } from './cef-to-ecs.ts';
import { isoTime, toPort } from './convert.ts';
import type { Draft } from './draft.ts';
import { setUrl } from './url.ts';
import { outcomeOf } from './words.ts';

/** Puts a value in its place; false: it does not fit there, or the place is taken. */
export type Put = (draft: Draft, value: string | number) => boolean;

/** What is known of one extension key, by load time. */
export interface CefEntry {
  /** Where the value goes when it does not fit: `cef.extensions.<full name>`. */
  readonly rest: string;
  readonly put: Put | undefined;
  /** Set for a custom field (`cs1`): the key of its label. */
  readonly labelKey: string | undefined;
  /** Set for a label (`cs1Label`): the key of its value. */
  readonly labelOf: string | undefined;
  /** The value is a time: a number for `put`, ISO 8601 where it is kept outside ECS. */
  readonly isTime: boolean;
  /** The value is text: there is nothing to read. */
  readonly isText: boolean;
}

const putOutcome: Put = (draft, value) => {
  const outcome = outcomeOf(String(value));
  if (outcome === undefined || draft.get('event.outcome') !== undefined) return false;
  draft.set('event.outcome', outcome);
  return true;
};

/** CEF: 0 is inbound, 1 is outbound. */
const DIRECTIONS: readonly string[] = ['inbound', 'outbound'];

const putDirection: Put = (draft, value) => {
  const word = typeof value === 'number' ? DIRECTIONS[value] : value.toLowerCase();
  if (word === undefined || !DIRECTIONS.includes(word)) return false;
  draft.set('network.direction', word);
  return true;
};

/** ECS: network.protocol and network.transport are lower case. */
const putLowerCase =
  (path: string): Put =>
  (draft, value) => {
    if (draft.get(path) !== undefined) return false;
    draft.set(path, String(value).toLowerCase());
    return true;
  };

const putUrl: Put = (draft, value) => {
  setUrl(draft, String(value));
  return true;
};

const HASHES: Readonly<Record<number, string>> = {
  32: 'file.hash.md5',
  40: 'file.hash.sha1',
  64: 'file.hash.sha256',
  128: 'file.hash.sha512',
};

const putHash: Put = (draft, value) => {
  const hash = String(value);
  const path = /^[0-9a-fA-F]+$/.test(hash) ? HASHES[hash.length] : undefined;
  if (path === undefined) return false;
  draft.set(path, hash.toLowerCase());
  return true;
};

/** `@timestamp`. Where the time is unlikely, the normalizer says so. */
const putTime: Put = (draft, value) => {
  if (typeof value !== 'number') return false;
  draft.setTime(value);
  return true;
};

const SPECIAL: Readonly<Record<string, Put>> = {
  applicationProtocol: putLowerCase('network.protocol'),
  deviceDirection: putDirection,
  deviceReceiptTime: putTime,
  eventOutcome: putOutcome,
  fileHash: putHash,
  requestUrl: putUrl,
  transportProtocol: putLowerCase('network.transport'),
};

/** Fields that the syslog header may have set: the payload knows better. */
const OVERRIDES: readonly string[] = ['process.pid', 'process.name'];

type Adapt = (value: string | number) => string | number | readonly (string | number)[] | undefined;

/** A value of the dictionary's type as the field's type has it; undefined: it is none. */
function adapterOf(path: string, isTime: boolean): Adapt {
  const field = ecsField(path);
  if (field === undefined) return isTime ? adapterOfType('date') : (value) => value;
  const adapt = path.endsWith('.port') ? (value: string | number) => toPort(String(value)) : adapterOfType(field.type);
  if (!field.array) return adapt;
  return (value) => {
    const fitting = adapt(value);
    return fitting === undefined ? undefined : [fitting];
  };
}

function adapterOfType(type: string): (value: string | number) => string | number | undefined {
  switch (type) {
    case 'keyword':
    case 'wildcard':
    case 'match_only_text':
    case 'ip':
      return String;
    case 'date':
      return (value) => (typeof value === 'number' ? isoTime(value) : undefined);
    default:
      return (value) => (typeof value === 'number' ? value : undefined);
  }
}

function putTo(path: string, isTime: boolean): Put {
  const adapt = adapterOf(path, isTime);
  const overrides = OVERRIDES.includes(path);
  return (draft, value) => {
    if (!overrides && draft.get(path) !== undefined) return false;
    const fitting = adapt(value);
    if (fitting === undefined) return false;
    draft.set(path, fitting);
    return true;
  };
}

function putToAll(paths: readonly string[], isTime: boolean): Put {
  const puts = paths.map((path) => putTo(path, isTime));
  return (draft, value) => {
    let found = false;
    for (const put of puts) found = put(draft, value) || found;
    return found;
  };
}

function putterOf({ fullName, type }: CefKey): Put | undefined {
  const special = SPECIAL[fullName];
  if (special !== undefined) return special;
  const target = CEF_TO_ECS[fullName];
  if (target === undefined) return undefined;
  return typeof target === 'string' ? putTo(target, type === 'timestamp') : putToAll(target, type === 'timestamp');
}

function entryOf(name: string, key: CefKey | undefined): CefEntry {
  const type = key?.type ?? cefType(name);
  const base = name.endsWith('Label') ? name.slice(0, -'Label'.length) : undefined;
  return {
    rest: `cef.extensions.${key?.fullName ?? name}`,
    put: key === undefined ? undefined : putterOf(key),
    labelKey: cefCustomType(name) === undefined ? undefined : `${name}Label`,
    labelOf: base !== undefined && cefCustomType(base) !== undefined ? base : undefined,
    isTime: type === 'timestamp',
    isText: type === 'string',
  };
}

/** ArcSight's own, beside the standard's dictionary. */
const BESIDE: readonly CefKey[] = [
  { key: 'mrt', fullName: 'managerReceiptTime', type: 'timestamp', sendable: false },
  { key: 'catdt', fullName: 'categoryDeviceType', type: 'string', sendable: false },
];

const ENTRIES: ReadonlyMap<string, CefEntry> = new Map(
  [...CEF_KEYS.values(), ...BESIDE].flatMap((key) => [
    [key.key, entryOf(key.key, key)],
    [key.fullName, entryOf(key.fullName, key)],
  ]),
);

/** The entry of a key as sent, by short or full name; one is made for a key that no standard has. */
export const cefEntry = (name: string): CefEntry => ENTRIES.get(name) ?? entryOf(name, undefined);
