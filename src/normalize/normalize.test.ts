import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../decode/decode.ts';
import { MAPPINGS } from '../integrations/index.ts';
import type { Origin, RawRecord } from '../model/record.ts';
import type { Mapping } from './mapping.ts';
import { createNormalizer } from './normalize.ts';

const RECEIVED_AT = Date.UTC(2026, 0, 2, 3, 4, 6);
const TCP: Origin = { transport: 'tcp', address: '192.0.2.99', port: 40_000 };

const record = (text: string | Buffer, origin: Origin = TCP, source = 'syslog'): RawRecord => ({
  seq: 1,
  receivedAt: RECEIVED_AT,
  source,
  origin,
  bytes: Buffer.isBuffer(text) ? text : Buffer.from(text),
});

const normalize = createNormalizer({ integrations: MAPPINGS });

function normalized(text: string, origin?: Origin, source?: string) {
  const made = record(text, origin, source);
  const { fields, ...rest } = normalize(made, decode(made));
  return { ...rest, fields: fields.toFields() };
}

const SSHD = '<86>Jan  2 03:04:05 web01 sshd[1]: Accepted password for root from 198.51.100.4 port 33890 ssh2';

describe('createNormalizer', () => {
  it.each<[string, Origin, string | undefined]>([
    ['IPv4', TCP, '192.0.2.99:40000'],
    ['IPv6', { transport: 'tls', address: '2001:db8::1', port: 1 }, '[2001:db8::1]:1'],
    ['an address without a port', { transport: 'http', address: '192.0.2.1' }, '192.0.2.1'],
    ['a file', { transport: 'file', path: '/var/log/auth.log' }, undefined],
  ])('names the peer: %s', (_, origin, address) => {
    const { fields } = normalized('hello', origin);
    expect(fields['log.source.address']).toBe(address);
    expect(fields['source.ip']).toBeUndefined();
    expect(fields['log.file.path']).toBe(origin.path);
  });

  it('gives what nothing else names the type of its source, or the dataset that its source is for', () => {
    const sources = new Map([
      ['web', { type: 'http' }],
      ['door', { type: 'http', dataset: 'door.access' }],
    ]);
    const own = createNormalizer({ integrations: [], sources });
    const dataset = (source: string) => {
      const made = record('{"a":1}', TCP, source);
      return own(made, decode(made)).fields.get('event.dataset');
    };
    expect([dataset('web'), dataset('door'), dataset('other')]).toEqual(['http', 'door.access', 'other']);
  });

  it('refuses faulty mappings', () => {
    const faulty: Mapping = { product: 'acme', dataset: 'acme.x', appliesTo: { programs: ['acme'] }, fields: { a: 'user.nickname' } };
    expect(() => createNormalizer({ integrations: [faulty] })).toThrow('acme.x: fields.a: user.nickname is not a field of ECS');
  });
});

describe('whom a sender may speak for', () => {
  it('believes a peer that is bound to the dataset', () => {
    expect(normalized(SSHD, { ...TCP, datasets: ['linux.auth'] })).toMatchObject({
      fields: { 'event.dataset': 'linux.auth', 'event.action': 'ssh_login' },
    });
  });

  it('makes no login of a line from a peer that is bound elsewhere', () => {
    const { fields, mismatch } = normalized(SSHD, { ...TCP, datasets: ['fw.traffic', 'syslog'] });
    expect(mismatch).toEqual({ claimed: 'linux.auth', dataset: 'syslog' });
    expect(fields).toMatchObject({ 'event.dataset': 'syslog', tags: ['dataset_mismatch'], 'earshot.claimed_dataset': 'linux.auth' });
    expect(fields['event.action']).toBeUndefined();
    expect(fields['user.name']).toBeUndefined();
    expect(fields.message).toContain('Accepted password for root');
  });

  it('does not say of a bound sender’s line that claims nothing that it spoke for another, and believes it no more than before', () => {
    const vault = { ...TCP, datasets: ['segura.pam'] };
    for (const cut of ['<13>Jan  2 03:04:05 vault01 CEF:0|MT4|senha', '<13>Jan  2 03:04:05 vault01 appliance[7]: hello']) {
      const { fields, mismatch } = normalized(cut, vault);
      expect([fields['event.dataset'], mismatch, [fields.tags ?? []].flat().includes('dataset_mismatch')]).toEqual([
        'syslog',
        undefined,
        false,
      ]);
    }
    const forged = normalized('<13>Jan  2 03:04:05 vault01 x: {"event":{"action":"user_login"},"user":{"name":"ana"}}', vault);
    expect(forged.fields).toMatchObject({ 'event.dataset': 'syslog', 'json.event.action': 'user_login', 'json.user.name': 'ana' });
    expect(forged.fields['event.action']).toBeUndefined();
  });

  it('believes nothing of an ECS event with a dataset that is not its sender’s', () => {
    const text = '{"event":{"action":"login","dataset":"slack.audit"},"user":{"name":"forger"}}';
    const { fields, mismatch } = normalized(text, { ...TCP, datasets: ['door.access'] });
    expect(mismatch?.claimed).toBe('slack.audit');
    expect(fields).toMatchObject({ 'json.event.action': 'login', 'json.user.name': 'forger' });
    expect(fields['event.action']).toBeUndefined();
  });

  it.each([
    ['a certificate', { transport: 'tls', certificate: 'vault01' }, false],
    ['an address over TCP that is bound', { ...TCP, datasets: ['segura.pam'] }, false],
    ['a token', { transport: 'http', address: '192.0.2.9' }, false],
    ['any address over TCP', TCP, true],
    ['an address over UDP, though it is bound', { ...TCP, transport: 'udp', datasets: ['segura.pam'] }, true],
  ] as const)('marks an approval of which nothing shows who sent it: %s', (_, origin, marked) => {
    const approval = '<13>Nov 20 10:00:00 vault01 CEF:0|MT4|senhasegura|3.32.0|14|Request approved|5|suser=msilva duser=root';
    const { fields } = normalized(approval, origin);
    expect(fields['event.action']).toBe('request_approved');
    expect([fields.tags ?? []].flat().includes('unproven_sender')).toBe(marked);
    expect(normalized(approval.replace('14|Request approved', '16|Session started'), origin).fields.tags ?? []).not.toContain(
      'unproven_sender',
    );
  });

  it.each([
    ['what it says of itself', { dataset: 'segura.pam', action: 'request_approved' }],
    ['a dataset of the product that no mapping writes', { dataset: 'segura.other', action: 'request_approved' }],
    ['another case of letters', { dataset: 'Segura.pam', action: 'Request_Approved' }],
    ['several actions', { dataset: 'segura.pam', action: ['x', 'request_approved'] }],
  ])('marks an approval that is one by no mapping: by %s', (_, event) => {
    const text = JSON.stringify({ event, user: { name: 'forger' } });
    for (const body of [text, `<13>Nov 20 10:00:00 vault01 forger: ${text}`])
      expect([normalized(body).fields.tags].flat()).toContain('unproven_sender');
    const other = JSON.stringify({ event: { ...event, dataset: 'door.access' } });
    expect(normalized(other).fields.tags).toBeUndefined();
  });

  it('lets nobody but Earshot write Earshot’s own trail', () => {
    const text = '{"event":{"action":"login","dataset":"earshot.audit"}}';
    expect(normalized(text, { ...TCP, datasets: ['earshot.audit'] }).mismatch?.claimed).toBe('earshot.audit');
    expect(normalized(text, { transport: 'internal' })).toMatchObject({
      fields: { 'event.dataset': 'earshot.audit', 'event.action': 'login' },
    });
  });
});

describe('times', () => {
  it.each<[string, string, number, string | undefined]>([
    ['the payload’s before the header’s', '<13>Jan  2 03:00:00 h CEF:0|a|b|1|c|n|1|rt=1767323040000', 1_767_323_040_000, undefined],
    ['the header’s', '<13>1 2026-01-02T03:00:00Z h a - - - x', Date.UTC(2026, 0, 2, 3), undefined],
    ['the receive time where there is none', 'x', RECEIVED_AT, undefined],
    ['the receive time for 1970', '<13>1 1970-01-01T00:00:00Z h a - - - x', RECEIVED_AT, '1970-01-01T00:00:00Z'],
    ['the receive time for next year', '<13>1 2027-01-02T03:04:05Z h a - - - x', RECEIVED_AT, '2027-01-02T03:04:05Z'],
    ['the receive time for what is no time', '<13>1 2026-99-02T03:04:05Z h a - - - x', RECEIVED_AT, '2026-99-02T03:04:05Z'],
    ['an old time as it is', '<13>1 2019-01-02T03:04:05Z h a - - - x', Date.UTC(2019, 0, 2, 3, 4, 5), undefined],
    ['JSON’s', '{"ts":1767323040.5}', 1_767_323_040_500, undefined],
    ['no clock time and no duration of JSON', '{"time":"03:04:05","ts":5,"date":"2026-01-02"}', RECEIVED_AT, undefined],
    ['the receive time for an `@timestamp` that is none', '{"@timestamp":"soon"}', RECEIVED_AT, 'soon'],
    ['CEF’s zone', 'CEF:0|a|b|1|c|n|1|dtz=Europe/Berlin rt=Jan 02 2026 04:00:00', Date.UTC(2026, 0, 2, 3), undefined],
  ])('takes %s', (_, text, timestamp, unread) => {
    const found = normalized(text);
    expect(found.timestamp).toBe(timestamp);
    expect(found.fields['earshot.unread_timestamp']).toBe(unread);
    expect(found.fields.tags).toEqual(unread === undefined ? undefined : ['bad_timestamp']);
  });
});

describe('bounds', () => {
  it('keeps 1,000 fields and says so', () => {
    const json = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]));
    const { fields } = normalized(JSON.stringify(json));
    expect(Object.keys(fields).length).toBeLessThanOrEqual(1_005);
    expect(fields).toMatchObject({ 'json.k0': 0, tags: ['truncated_fields'] });
  });

  it('keeps what lies too deep as text', () => {
    const deep = `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`;
    const { fields } = normalized(deep);
    const path = `json.${Array(20).fill('a').join('.')}`;
    expect(fields[path]).toBe(`${'{"a":'.repeat(10)}1${'}'.repeat(10)}`);
    expect(fields.tags).toEqual(['truncated_fields']);
  });

  it('collects at most 100 related values', () => {
    const ips = Array.from({ length: 300 }, (_, i) => `192.0.2.${i % 256}`);
    const { fields } = normalized(JSON.stringify({ '@timestamp': '2026-01-02T03:04:05Z', host: { ip: ips } }));
    expect(fields['related.ip']).toHaveLength(100);
  });
});

describe('hostile messages', () => {
  it('sets no prototype', () => {
    for (const text of [
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      'CEF:0|a|b|1|c|n|1|__proto__=x constructor=y',
    ]) {
      expect(Object.getPrototypeOf(normalized(text).fields)).toBe(Object.prototype);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('never throws, whatever the bytes', () => {
    const start = fc.constantFrom(
      '',
      '<86>Jan  2 03:04:05 web01 sshd[1]: ',
      '<86>Jan  2 03:04:05 web01 sudo: ',
      '<86>Jan  2 03:04:05 web01 useradd[1]: ',
      'pam_unix(sshd:session): ',
      'PAM 2 more authentication failures; ',
      'type=USER_LOGIN msg=audit(1767323045.123:401): ',
      'type=EXECVE msg=audit(1767323045.123:401): a0=',
      'CEF:0|Example|Vault|1|2|3|4|',
      'LEEF:1.0|Example|Vault|1|2|',
      '{"@timestamp":"',
    );
    const bytes = fc.oneof(
      fc.string({ unit: 'binary' }).map((s) => Buffer.from(s)),
      fc.uint8Array().map((a) => Buffer.from(a)),
    );
    fc.assert(
      fc.property(start, bytes, (head, tail) => {
        const made = record(Buffer.concat([Buffer.from(head), tail]));
        const { fields, timestamp } = normalize(made, decode(made));
        expect(Number.isSafeInteger(timestamp)).toBe(true);
        expect(typeof fields.get('event.dataset')).toBe('string');
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws for JSON of any shape', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('event', 'user', 'user.name', '@timestamp', 'host')), fc.jsonValue()),
        (json) => {
          normalized(JSON.stringify(json));
          normalized(JSON.stringify({ ...json, 'ecs.version': '9' }));
        },
      ),
    );
  });

  it.each([
    ['blanks', 'sshd[1]: Failed password for invalid user ', ' from'],
    ['peers', 'sshd[1]: Failed password for invalid user ', ' from 192.0.2.1 port 1 ssh2'],
    ['facts', 'sudo: alice : ', 'TTY=x ; '],
    ['words', 'audispd: type=USER_LOGIN msg=audit(1767323045.123:401): op=a ', 'xxxxxxxxxx '],
    ['pairs', 'audispd: type=USER_LOGIN msg=audit(1767323045.123:401): ', 'msg=\'a=" '],
    ['tallies', 'sshd[1]: pam_tally2(sshd:auth): user ', ' (1'],
    ['persons', 'sshd[1]: pam_unix(sshd:auth): authentication failure; ', 'rhost= '],
  ])('takes time that grows with the message and no faster: %s', (_, head, part) => {
    // What reads everything again for each part takes minutes here, and the runner ends it.
    const { fields } = normalized(`<86>Jan  2 03:04:05 web01 ${head}${part.repeat(100_000)}`);
    expect(fields['event.module']).toBe('linux');
  });
});
