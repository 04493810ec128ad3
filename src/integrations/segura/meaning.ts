import type { EventDraft } from '../../normalize/mapping.ts';
import type { FoundKind } from './find-kind.ts';
import { KINDS, type NumberOf } from './kinds.ts';

type Pairs = Readonly<Record<string, string>>;

/** Everything that {@link readMeaning} may set. */
export const WRITES: readonly string[] = [
  'segura.*',
  'user.id',
  'user.name',
  'user.full_name',
  'source.user.id',
  'source.user.name',
  'source.ip',
  'client.ip',
  'client.geo.country_name',
  'client.geo.region_name',
  'client.geo.city_name',
  'destination.domain',
  'destination.ip',
  'destination.port',
  'destination.user.id',
  'destination.user.name',
  'http.request.method',
  'process.pid',
];

export const EVENTS = KINDS.map(({ words }) => words);

/** Keys with one meaning in all kinds, the vendor's misspelt ones too. Where two have one place, the first that is sent has it. */
const KEYS: readonly (readonly [key: string, path: string])[] = [
  ['src', 'source.ip'],
  ['suser', 'user.name'],
  ['suser', 'source.user.name'],
  ['dst', 'destination.ip'],
  ['dhost', 'destination.domain'],
  ['dpt', 'destination.port'],
  ['dport', 'destination.port'],
  ['dposrt', 'destination.port'],
  ['duid', 'destination.user.id'],
  ['duser', 'destination.user.name'],
  ['requestMethod', 'http.request.method'],
  ['Method', 'http.request.method'],
  ['sourceServiceName', 'segura.service'],
  ['ServiceName', 'segura.service'],
  ['act', 'segura.act'],
  ['spriv', 'segura.privilege'],
  ['originIP', 'client.ip'],
  ['country', 'client.geo.country_name'],
  ['state', 'client.geo.region_name'],
  ['city', 'client.geo.city_name'],
  ['latitude', 'segura.client.latitude'],
  ['longitude', 'segura.client.longitude'],
  ['partsNeeded', 'segura.master_key.parts_needed'],
  ['partsSent', 'segura.master_key.parts_sent'],
];

/** Named fields for labels, in lower case; `cef.labels.*` has them all. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ['change request', 'segura.request.id'],
  ['validity start', 'segura.request.valid_from'],
  ['validity end', 'segura.request.valid_until'],
  ['approver', 'segura.request.approver'],
  ['requester', 'segura.request.requester'],
  ['action', 'segura.request.action'],
  ['id', 'segura.file.id'],
  ['initial size', 'segura.file.size_before'],
  ['final size', 'segura.file.size_after'],
  ['initial checksum', 'segura.file.checksum_before'],
  ['final checksum', 'segura.file.checksum_after'],
  ['user', 'segura.schedule.user'],
  ['user id', 'segura.schedule.user_id'],
  ['schedule', 'segura.schedule.name'],
  ['schedule id', 'segura.schedule.id'],
  ['added reports', 'segura.schedule.added_reports'],
  ['removed reports', 'segura.schedule.removed_reports'],
  ['added users', 'segura.schedule.added_users'],
  ['removed users', 'segura.schedule.removed_users'],
]);

const NUMBERS: Readonly<Record<NumberOf, readonly string[]>> = {
  user: ['user.id', 'source.user.id'],
  'message type': ['segura.message_type'],
  notification: ['segura.notification_id'],
  process: ['process.pid'],
};

/** What a message means, by its kind and by all of its pairs. `message`: its own words. */
export function readMeaning(found: FoundKind | undefined, message: string, pairs: Pairs, event: EventDraft): void {
  splitAccount(pairs.duser, event);
  for (const [key, path] of KEYS) setOnce(event, path, pairs[key]);
  readLabels(pairs, event);
  readActor(pairs, message, event);
  if (found === undefined) {
    event.tag('unknown_kind');
    return;
  }
  const { kind, by, isContradicted } = found;
  // What a number is depends on the kind: a kind that is only guessed makes nobody of it.
  if (by !== 'message') {
    readNumber(kind.suid, pairs.suid, event);
    readNumber(kind.spid, pairs.spid, event);
  }
  if (kind.urgency !== undefined) event.set('segura.urgency', kind.urgency);
  if (kind.daysLeft !== undefined) event.set('segura.certificate.days_left', kind.daysLeft);
  // What the event says of itself goes before what its kind usually is.
  const outcome = event.get('event.outcome');
  event.classify(kind.words);
  if (outcome !== undefined) event.set('event.outcome', outcome);
  event.set('segura.kind_by', by);
  if (by === 'message') event.tag('low_confidence');
  if (isContradicted === true) event.tag('kind_contradicted');
}

function readNumber(meaning: NumberOf | undefined, text: string | undefined, event: EventDraft): void {
  if (meaning === undefined || text === undefined) return;
  for (const path of NUMBERS[meaning]) event.setText(path, text);
}

function setOnce(event: EventDraft, path: string, text: string | undefined): void {
  if (text !== undefined && event.get(path) === undefined) event.setText(path, text);
}

/** `root duid=35`: a key inside the value, where the sender escaped it. */
function splitAccount(duser: string | undefined, event: EventDraft): void {
  const at = duser?.indexOf(' duid=') ?? -1;
  if (duser === undefined || at === -1) return;
  event.setText('destination.user.name', duser.slice(0, at));
  event.setText('destination.user.id', duser.slice(at + ' duid='.length));
}

/** `cs1` to `cs8`, also as `Cs1`, each with its label. */
const CUSTOM = [1, 2, 3, 4, 5, 6, 7, 8].map((place) => ({
  values: [`cs${place}`, `Cs${place}`],
  // `Cs6=Action Cs7=View password`: in requests the label of the one is the value of the other.
  labels: [`cs${place}Label`, `Cs${place}Label`, ...(place === 7 ? ['Cs6', 'cs6'] : [])],
}));

function readLabels(pairs: Pairs, event: EventDraft): void {
  for (const { values, labels } of CUSTOM) {
    const value = firstOf(values, pairs);
    if (value === undefined || value === 'None') continue;
    const path = LABELS.get((firstOf(labels, pairs) ?? '').toLowerCase());
    if (path !== undefined) setOnce(event, path, value);
  }
}

function firstOf(keys: readonly string[], pairs: Pairs): string | undefined {
  for (const key of keys) {
    const value = pairs[key];
    if (value !== undefined) return value;
  }
  return undefined;
}

const SCRIPT = /^Asynchronous Script: (\d+)$/;
const LOGIN_AT_END = /^(?:.* )?\(?([^()\s]+)\)?$/;

/** Who acts: a script by its number, a person by name. Where no key has the login, the end of the message does. */
function readActor({ sname, suser }: Pairs, message: string, event: EventDraft): void {
  const script = SCRIPT.exec(sname ?? '')?.[1];
  if (script !== undefined) event.setText('segura.script', script);
  else if (sname !== undefined) event.setText('user.full_name', sname);
  const at = message.lastIndexOf(' by user ');
  if (suser !== undefined || at === -1) return;
  const login = LOGIN_AT_END.exec(message.slice(at + ' by user '.length))?.[1];
  if (login === undefined || !event.setText('user.name', login)) return;
  event.set('segura.user_by', 'message');
}
