import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../decode/decode.ts';
import type { Origin, RawRecord } from '../../model/record.ts';
import { checkMappings } from '../../normalize/check-mappings.ts';
import { createNormalizer } from '../../normalize/normalize.ts';
import { KINDS } from './kinds.ts';
import { segura } from './mappings.ts';

const normalize = createNormalizer({ integrations: [segura] });
const TCP: Origin = { transport: 'tcp', address: '192.0.2.99', port: 40_000, datasets: ['segura.pam', 'segura.system'] };

function fieldsOf(text: string, origin: Origin = TCP) {
  const record: RawRecord = { seq: 1, receivedAt: Date.UTC(2026, 0, 2, 3, 4, 6), source: 'syslog', origin, bytes: Buffer.from(text) };
  return normalize(record, decode(record)).fields.toFields();
}

const cef = (id: string, name: string, extension: string, product = 'senhasegura'): string =>
  `<13>Jan  2 03:04:05 vault01 CEF:0|MT4|${product}|3.32.0|${id}|${name}|5|${extension}`;

const folder = fileURLToPath(new URL('./fixtures/', import.meta.url));
const linesOf = (file: string): string[] => readFileSync(`${folder}${file}`, 'utf8').trimEnd().split('\n');

/** The vendor's tables of keys ("Integration with SIEM"), by their headings, and what each is. */
const TABLES: readonly (readonly [heading: string, action: string])[] = [
  ['Backup', 'backup_performed'],
  ['Connectivity Loss', 'connectivity_lost'],
  ['Connectivity Restored', 'connectivity_restored'],
  ['Password Changed', 'password_changed'],
  ['Password Viewed', 'password_viewed'],
  ['Session Ended', 'session_ended'],
  ['Session Started', 'session_started'],
  ['Exchange Executed', 'password_rotated'],
  ['Audited Commands Executed', 'command_detected'],
  ['Information Viewed', 'information_viewed'],
  ['Information Changed', 'information_changed'],
  ['Password Access Request', 'access_requested'],
  ['Request Approved', 'request_approved'],
  ['Request Denied', 'request_denied'],
  ['Detected Command - Block and Terminate Session', 'command_blocked_session_ended'],
  ['Detected Command - Block', 'command_blocked'],
  ['Password Change Error', 'password_change_failed'],
  ['Storage File Modified', 'session_file_modified'],
  ['Master Key - Users Who Viewed Their Key Part', 'master_key_part_viewed'],
  ['Master Key - User Downloaded PDF with Their Key Part', 'master_key_part_downloaded'],
  ['Master Key - Ceremony Process Started', 'master_key_ceremony_started'],
  ['Master Key - Ceremony Process Completed', 'master_key_ceremony_completed'],
  ['Master Key - Inactive Guardian', 'master_key_guardian_inactive'],
  ['Master Key - Recovery Attempt Failed', 'master_key_recovery_failed'],
  ['Master Key - Successful Recovery Attempt', 'master_key_recovered'],
  ['Email Report Scheduling - Creation', 'report_schedule_created'],
  ['Email Report Scheduling - Update', 'report_schedule_updated'],
  ['Email Report Scheduling - Deletion', 'report_schedule_deleted'],
];

const fileOf = (heading: string): string =>
  `${heading
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}.log`;

describe('the tables of keys', () => {
  it.each(TABLES)('%s', (heading, action) => {
    const [byId, byName, short] = linesOf(fileOf(heading)).map((line) => fieldsOf(line));
    for (const fields of [byId, byName]) {
      expect(fields).toMatchObject({ 'event.action': action, 'event.module': 'segura' });
      expect(fields?.['event.category']).toBeDefined();
      expect(fields?.['event.type']).toBeDefined();
      expect(fields?.['event.outcome']).toBeDefined();
      expect(['id', 'name', 'action']).toContain(fields?.['segura.kind_by']);
      expect(fields?.tags).toBeUndefined();
    }
    // The short form has only its words and `act` to go by, and some of the vendor's examples carry the words of another kind.
    expect(short).toMatchObject({ 'observer.product': 'Segura', 'event.module': 'segura' });
    if (short?.['segura.kind_by'] === 'action') expect(short['event.action']).toBe(action);
    else expect(short?.tags).toEqual([short?.['segura.kind_by'] === undefined ? 'unknown_kind' : 'low_confidence']);
  });
});

/** The vendor's list of event ids. */
const range = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);
const IDS = [
  ...range(1, 63),
  ...range(65, 103),
  '112',
  ...range(118, 121),
  ...['001', '002', '003', '004', '500', '501'].map((part) => `336.${part}`),
  ...['001', '002', '003', '010', '011', '012', '013', '014'].map((part) => `1695.${part}`),
];

describe('the list of event ids', () => {
  const examples = globSync('ids-*.log', { cwd: folder }).flatMap(linesOf);

  it('has a kind and an example for each', () => {
    expect(KINDS.flatMap(({ ids }) => ids).sort()).toEqual([...IDS].sort());
    expect(examples.map((line) => `${fieldsOf(line)['event.code']}`).sort()).toEqual([...IDS].sort());
  });

  it('agrees with its own names', () => {
    const odd = examples.filter((line) => {
      const fields = fieldsOf(line);
      return fields['segura.kind_by'] !== 'id' || fields.tags !== undefined || fields['event.action'] === undefined;
    });
    expect(odd).toEqual([]);
  });

  it('is of ECS', () => expect(checkMappings([segura])).toEqual([]));

  it('gives one name, one id and, but for urgency, one action to one kind', () => {
    const names = KINDS.flatMap(({ names: of }) => of.map((name) => name.toLowerCase()));
    expect(new Set(names).size).toBe(names.length);
    const told = KINDS.map(({ words, urgency, daysLeft }) => `${words.action} ${urgency} ${daysLeft}`);
    expect(new Set(told).size).toBe(told.length);
  });
});

describe('which kind it is', () => {
  it.each([
    ['the id, whatever the name', cef('17', 'Password changed', 'suid=17'), 'session_ended', 'id', ['kind_contradicted']],
    [
      'the id, whatever the message',
      cef('1', 'Password Viewed', 'msg=Session ended for web01 by user x'),
      'password_viewed',
      'id',
      undefined,
    ],
    ['the name, where no id is known', cef('0', 'password  VIEWED', 'msg=x'), 'password_viewed', 'name', undefined],
    [
      '`act`, where the id is of many kinds',
      cef('36', 'Audit trail', 'act=Report Scheduling - Update Operation performed'),
      'report_schedule_updated',
      'action',
      undefined,
    ],
    ['the many, where `act` is none', cef('36', 'Audit trail', 'act=User profile saved'), 'audit_trail', 'id', undefined],
    ['the message, last', cef('0', 'Anything', 'msg=Backup sent to server x'), 'backup_performed', 'message', ['low_confidence']],
  ])('%s', (_, text, action, by, tags) => {
    const fields = fieldsOf(text);
    expect([fields['event.action'], fields['segura.kind_by'], fields.tags]).toEqual([action, by, tags]);
  });

  it.each(['8', '9', '15', '17', '153', '164'])('never the message type %s in suid', (type) => {
    const fields = fieldsOf(cef('0', 'Anything', `suid=${type} suser=jsilva`));
    expect(fields).toMatchObject({ tags: ['unknown_kind'], 'segura.suid': type, 'event.dataset': 'segura.pam' });
    expect(fields['event.action']).toBeUndefined();
  });

  it('is not of another vendor with a product of that name', () => {
    expect(fieldsOf('CEF:0|Example|Segura|1|1|Password Viewed|5|suser=x')['event.dataset']).toBe('cef');
  });

  it.each(['Segura', 'senhasegura', 'SENHASEGURA'])('is of the product %s', (product) => {
    expect(fieldsOf(cef('18', 'x', 'suid=15', product))['event.dataset']).toBe('segura.system');
  });
});

describe('numbers', () => {
  it.each<[string, string, string, Record<string, unknown>]>([
    ['a message type and a notification', '1', 'suid=164 spid=90', { 'segura.message_type': '164', 'segura.notification_id': '90' }],
    ['a user and a process', '13', 'suid=44 spid=90', { 'user.id': '44', 'process.pid': 90 }],
    ['a user and a message type', '5', 'suid=44 spid=90', { 'user.id': '44', 'segura.message_type': '90' }],
    ['a notification', '2', 'suid=44', { 'segura.notification_id': '44' }],
    ['nothing that the vendor tells', '35', 'suid=44', {}],
  ])('%s', (_, id, extension, expected) => {
    const fields = fieldsOf(cef(id, 'x', extension));
    const read = ['user.id', 'process.pid', 'segura.message_type', 'segura.notification_id'];
    expect(Object.fromEntries(Object.entries(fields).filter(([path]) => read.includes(path)))).toEqual(expected);
    expect(fields['segura.suid']).toBeDefined();
  });

  it('makes nobody of a number where the kind is guessed', () => {
    expect(fieldsOf(cef('0', 'x', "suid=164 msg=Information 'a' viewed."))['user.id']).toBeUndefined();
  });

  it.each([
    [1, 1],
    [10, 10],
  ])('severity %i', (sent, expected) => {
    expect(fieldsOf(`CEF:0|MT4|Segura|1|1|x|${sent}|suid=1`)['event.severity']).toBe(expected);
  });
});

describe('keys', () => {
  it.each(['dpt', 'dport', 'dposrt'])('%s is the port', (key) => {
    expect(fieldsOf(cef('16', 'Session started', `${key}=3389`))['destination.port']).toBe(3389);
  });

  it.each([
    ['as the product sends it', 'root duid=35'],
    ['escaped', 'root duid\\=35'],
  ])('splits the account and its number: %s', (_, duser) => {
    expect(fieldsOf(cef('1', 'Password Viewed', `duser=${duser}`))).toMatchObject({
      'destination.user.name': 'root',
      'destination.user.id': '35',
    });
  });

  it.each([
    ['Cs6=Action Cs7=View password'],
    ['cs6Label=Action cs6=View password'],
    ['cs7Label=Action Cs7=View password'],
    ['Cs7Label=Action Cs7=View password'],
  ])('reads the action of a request: %s', (extension) => {
    expect(fieldsOf(cef('13', 'New request', extension))['segura.request.action']).toBe('View password');
  });

  it('believes an outcome that is sent before that of the kind', () => {
    expect(fieldsOf(cef('1', 'Password Viewed', 'outcome=failure'))['event.outcome']).toBe('failure');
  });

  it('keeps CEF’s own fields beside its own', () => {
    expect(fieldsOf(cef('14', 'Request approved', 'act=x cs4Label=Approver cs4=Ada suser=ada'))).toMatchObject({
      'cef.name': 'Request approved',
      'cef.labels.approver': 'Ada',
      'segura.request.approver': 'Ada',
      'segura.act': 'x',
      'user.name': 'ada',
    });
  });
});

describe('UDP, cut at 1024 bytes', () => {
  const UDP: Origin = { transport: 'udp', address: '192.0.2.99', port: 40_000 };
  const request = linesOf('request-approved.log')[0] ?? '';
  const whole = request.replace('cs5=Jose da Silva', `cs5=Jose da Silva cs8Label=Reason cs8=${'because '.repeat(100)}`);

  it('is read as far as it goes, and says that it is cut', () => {
    const fields = fieldsOf(whole.slice(0, 1024), UDP);
    expect(fields).toMatchObject({
      'event.action': 'request_approved',
      'segura.request.approver': 'Administrator',
      tags: ['truncated', 'unproven_sender'],
    });
  });

  it('is read with its first outer pipe alone', () => {
    const piped = whole.replace('CEF:0', '|CEF:0').slice(0, 1024);
    expect(fieldsOf(piped, UDP)).toMatchObject({ 'event.action': 'request_approved', tags: ['truncated', 'unproven_sender'] });
  });

  it('never throws, wherever it is cut', () => {
    const lines = globSync('*.log', { cwd: folder }).flatMap(linesOf);
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.nat(400), (line, length) => {
        expect(typeof fieldsOf(line.slice(0, length))['event.dataset']).toBe('string');
      }),
    );
  });
});

it('takes time that grows with the message and no faster', () => {
  for (const part of [' by user ', ' lost x', 'The ', ' viewed by user', '( ', ' duid=', 'cs1=']) {
    const text = part.repeat(60_000);
    fieldsOf(cef('0', 'x', `msg=The ${text}`));
    fieldsOf(`<13>1 2026-01-02T03:04:05Z vault01 Segura 1 - Password ${text}`);
  }
});
