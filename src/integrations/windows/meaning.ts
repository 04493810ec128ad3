import { isIP } from 'node:net';
import type { EcsOutcome } from '../../model/ecs-words.ts';
import type { Value } from '../../model/event.ts';
import type { EventDraft } from '../../normalize/mapping.ts';
import type { Kind, People } from './kinds.ts';
import { textOf } from './record.ts';
import { isNoFault, logonTypeWord, statusWord } from './status-words.ts';

/** Every field that the meaning of an event is written to, beside what the record itself says. */
export const WRITES: readonly string[] = [
  'event.code',
  'event.provider',
  'event.outcome',
  'event.reason',
  'host.name',
  'host.hostname',
  'user.name',
  'user.id',
  'user.domain',
  'user.effective.name',
  'user.effective.id',
  'user.effective.domain',
  'user.target.name',
  'user.target.id',
  'user.target.domain',
  'user.changes.name',
  'group.name',
  'group.id',
  'group.domain',
  'source.address',
  'source.ip',
  'source.port',
  'source.domain',
  'destination.address',
  'destination.ip',
  'destination.port',
  'destination.domain',
  'dns.question.name',
  'file.path',
  'process.name',
  'process.executable',
  'process.pid',
  'process.command_line',
  'process.working_directory',
  'process.parent.name',
  'process.parent.executable',
  'process.parent.pid',
  'process.parent.command_line',
  'registry.path',
  'winlog.*',
];

/** Reads an event whose record is set already: who, what, from where, and how it ended. */
export function readMeaning(event: EventDraft, kinds: ReadonlyMap<string, Kind>): void {
  const code = textOf(event.get('winlog.event_id'));
  if (code === undefined) return;
  event.set('event.code', code);
  copy(event, 'winlog.provider_name', 'event.provider');
  setHost(event);
  const kind = kinds.get(code);
  if (kind === undefined) return;
  event.classify(kind.words);
  setOutcome(event, code);
  setPeople(event, kind.people, code);
  setPeer(event, code);
  setProcess(event, code);
  setObjects(event, code);
  setLogon(event, kind.people);
}

/** A field of the event's data: `UserData` is where Windows keeps that of a few events (1102, 104). A dash is Windows's word for nothing. */
function data(event: EventDraft, name: string): string | undefined {
  const text = textOf(event.get(`winlog.event_data.${name}`) ?? event.get(`winlog.user_data.${name}`))?.trim();
  return text === '' || text === '-' ? undefined : text;
}

function copy(event: EventDraft, from: string, to: string): void {
  const text = textOf(event.get(from));
  if (text !== undefined && event.get(to) === undefined) event.setText(to, text);
}

function put(event: EventDraft, to: string, text: string | undefined): void {
  if (text !== undefined) event.setText(to, text);
}

/** The computer that the event is of; a header may name the relay that forwards it. */
function setHost(event: EventDraft): void {
  const name = textOf(event.get('winlog.computer_name'));
  if (name === undefined || name === '') return;
  event.set('host.name', name);
  // The first label is the name that the machine's own accounts have as their domain.
  const dot = isIP(name) === 0 ? name.indexOf('.') : -1;
  event.set('host.hostname', dot > 0 ? name.slice(0, dot) : name);
}

/** Events that are refusals whatever they say. */
const FAILURES: ReadonlySet<string> = new Set(['4625', '4771', '4766']);
/** Events that tell success from failure by a status code; without one, by their keywords. */
const BY_STATUS: ReadonlySet<string> = new Set(['4768', '4769', '4776', '4794']);

function setOutcome(event: EventDraft, code: string): void {
  const status = data(event, 'Status');
  const outcome = FAILURES.has(code) ? 'failure' : BY_STATUS.has(code) && status !== undefined ? ofStatus(status) : ofKeywords(event);
  event.set('event.outcome', outcome);
}

const ofStatus = (status: string): EcsOutcome => (isNoFault(status) ? 'success' : 'failure');

/** What Windows writes down has happened, unless it says that it was refused. */
function ofKeywords(event: EventDraft): EcsOutcome {
  const keywords = event.get('winlog.keywords');
  const words: readonly Value[] = Array.isArray(keywords) ? keywords : [keywords ?? ''];
  return words.includes('Audit Failure') ? 'failure' : 'success';
}

type Side = 'user' | 'user.effective' | 'user.target' | 'group';

interface Names {
  readonly name: readonly string[];
  readonly id: readonly string[];
  readonly domain: readonly string[];
}

const SUBJECT: Names = { name: ['SubjectUserName'], id: ['SubjectUserSid'], domain: ['SubjectDomainName'] };
/** The target's SID has one of two names. The account of 4781 has an old name and a new one. */
const TARGET: Names = { name: ['TargetUserName', 'OldTargetUserName'], id: ['TargetSid', 'TargetUserSid'], domain: ['TargetDomainName'] };
const MEMBER: Names = { name: ['MemberName'], id: ['MemberSid'], domain: [] };
/** Sysmon's `User` is `DOMAIN\name`; sessions (4778, 4779) have neither subject nor target. */
const OTHER: Names = { name: ['AccountName', 'User', 'Requester'], id: [], domain: ['AccountDomain'] };

function setPeople(event: EventDraft, people: People, code: string): void {
  if (people === 'logon') {
    setPerson(event, 'user', TARGET);
    return;
  }
  setPerson(event, 'user', SUBJECT);
  if (event.get('user.name') === undefined) setPerson(event, 'user', OTHER);
  if (people === 'explicit') setPerson(event, 'user.effective', TARGET);
  else if (people === 'account') setPerson(event, 'user.target', code === '4740' ? { ...TARGET, domain: [] } : TARGET);
  else if (people === 'group' || people === 'member') setPerson(event, 'group', TARGET);
  if (people === 'member') setPerson(event, 'user.target', MEMBER);
  // Rights are given to a SID alone.
  const target = data(event, 'TargetSid');
  if (people === 'actor' && target !== NOBODY) put(event, 'user.target.id', target);
  put(event, 'user.changes.name', data(event, 'NewTargetUserName'));
}

/** No one: S-1-0-0 stands where Windows knows no account. */
const NOBODY = 'S-1-0-0';

function setPerson(event: EventDraft, side: Side, names: Names): void {
  const [prefix, name] = partsOf(first(event, names.name));
  const domain = first(event, names.domain) ?? prefix;
  const id = first(event, names.id);
  put(event, `${side}.name`, withoutRealm(name, domain));
  if (id !== NOBODY) put(event, `${side}.id`, id);
  put(event, `${side}.domain`, domain);
}

function first(event: EventDraft, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = data(event, name);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** `CN=Mallory,OU=Staff,DC=example,DC=com` and `ACME\mallory` hold a name. */
function partsOf(text: string | undefined): [domain: string | undefined, name: string | undefined] {
  if (text === undefined) return [undefined, undefined];
  const slash = text.indexOf('\\');
  if (/^CN=/i.test(text)) return [undefined, commonName(text)];
  return slash <= 0 || slash === text.length - 1 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
}

/** Kerberos names the realm twice: `jdoe@EXAMPLE.COM` of `EXAMPLE.COM`. */
function withoutRealm(name: string | undefined, domain: string | undefined): string | undefined {
  const ends = name !== undefined && domain !== undefined && name.length > domain.length + 1 && name.endsWith(`@${domain}`);
  return ends ? name.slice(0, -domain.length - 1) : name;
}

/** A comma in a name is written `\,`. */
function commonName(distinguished: string): string {
  let end = 3;
  while (end < distinguished.length && distinguished.charAt(end) !== ',') end += distinguished.charAt(end) === '\\' ? 2 : 1;
  return distinguished.slice(3, end).replace(/\\(.)/g, '$1');
}

function setPeer(event: EventDraft, code: string): void {
  const address = first(event, ['IpAddress', 'ClientAddress', 'SourceIp', 'SourceAddress']);
  // The computer itself is `LOCAL` or nothing; IPv4 comes as IPv6 from Kerberos.
  if (address !== undefined && address !== 'LOCAL') event.setPeer('source', address.replace(/^::ffff:(?=\d+\.)/i, ''));
  const port = first(event, ['IpPort', 'SourcePort']);
  if (port !== '0') put(event, 'source.port', port);
  const caller = code === '4740' ? ['TargetDomainName'] : ['WorkstationName', 'Workstation', 'ClientName', 'SourceHostname'];
  put(event, 'source.domain', first(event, caller)?.replace(/^\\\\/, ''));
  const destination = data(event, 'DestinationIp');
  if (destination !== undefined) event.setPeer('destination', destination);
  put(event, 'destination.port', data(event, 'DestinationPort'));
  put(event, 'destination.domain', data(event, 'DestinationHostname'));
}

/** 4688 tells of a new process and of its parent, Sysmon of `Image` and `ParentImage`, the others of the process that asked. */
function setProcess(event: EventDraft, code: string): void {
  const isNew = code === '4688';
  setImage(event, 'process', first(event, isNew ? ['NewProcessName'] : ['ProcessName', 'Image', 'CallerProcessName']));
  setImage(event, 'process.parent', first(event, ['ParentProcessName', 'ParentImage']));
  put(event, 'process.pid', pid(first(event, isNew ? ['NewProcessId'] : ['ProcessId', 'CallerProcessId'])));
  put(event, 'process.parent.pid', pid(data(event, isNew ? 'ProcessId' : 'ParentProcessId')));
  put(event, 'process.command_line', data(event, 'CommandLine'));
  put(event, 'process.parent.command_line', data(event, 'ParentCommandLine'));
  put(event, 'process.working_directory', data(event, 'CurrentDirectory'));
}

function setImage(event: EventDraft, side: 'process' | 'process.parent', path: string | undefined): void {
  if (path === undefined) return;
  event.set(`${side}.executable`, path);
  put(event, `${side}.name`, path.slice(path.lastIndexOf('\\') + 1));
}

/** Windows writes process ids in hexadecimal, `0x2bc`, Sysmon in decimal; 0 stands for none. */
function pid(text: string | undefined): string | undefined {
  if (text === '0x0') return undefined;
  return text !== undefined && /^0x[0-9a-f]{1,8}$/i.test(text) ? String(Number(text)) : text;
}

function setObjects(event: EventDraft, code: string): void {
  put(event, 'file.path', data(event, 'TargetFilename'));
  put(event, 'registry.path', data(event, code === '4657' ? 'ObjectName' : 'TargetObject'));
  put(event, 'dns.question.name', data(event, 'QueryName'));
}

/** The word for the type of logon, and for why it was refused: the sub-status is the nearer one. */
function setLogon(event: EventDraft, people: People): void {
  put(event, 'winlog.logon.type', logonTypeWord(data(event, 'LogonType') ?? ''));
  const id =
    people === 'logon' ? first(event, ['TargetLogonId', 'SubjectLogonId']) : first(event, ['SubjectLogonId', 'LogonId', 'LogonID']);
  if (id !== '0x0') put(event, 'winlog.logon.id', id);
  if (event.get('event.outcome') !== 'failure') return;
  const reason = ['SubStatus', 'Status'].map((name) => statusWord(data(event, name) ?? '')).find((word) => word !== undefined);
  put(event, 'event.reason', reason);
}
