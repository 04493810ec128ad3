import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../decode/decode.ts';
import type { Origin, RawRecord } from '../../model/record.ts';
import { createNormalizer } from '../../normalize/normalize.ts';
import { SECURITY } from './kinds.ts';
import { windowsMappings } from './mappings.ts';
import { dataOf } from './message-text.ts';

const normalize = createNormalizer({ integrations: windowsMappings });

function fieldsOf(text: string, origin: Partial<Origin> = {}) {
  const record: RawRecord = {
    seq: 1,
    receivedAt: Date.UTC(2026, 0, 2, 3, 4, 6),
    source: 'syslog',
    origin: { transport: 'tcp', address: '192.0.2.99', ...origin },
    bytes: Buffer.from(text),
  };
  return normalize(record, decode(record)).fields.toFields();
}

const beat = (code: unknown, data: unknown): string =>
  JSON.stringify({ winlog: { channel: 'Security', event_id: code, event_data: data } });

describe('an event of Windows', () => {
  it('is the same, whoever sends it', () => {
    const data = {
      TargetUserName: 'mallory',
      TargetSid: 'S-1-5-21-1-2-3-1601',
      SubjectUserName: 'jane',
      SubjectUserSid: 'S-1-5-21-1-2-3-1105',
    };
    const pairs = Object.entries({ EventID: '4720', Channel: 'Security', ...data }).map(([key, value]) => `${key}="${value}"`);
    const text =
      'A user account was created.    Subject:   Security ID:  S-1-5-21-1-2-3-1105   Account Name:  jane    New Account:   ' +
      'Security ID:  S-1-5-21-1-2-3-1601   Account Name:  mallory';
    const forms = [
      beat('4720', data),
      beat(4720, data),
      JSON.stringify({ EventID: 4720, Channel: 'Security', ...data }),
      `<14>1 2026-01-02T03:04:05Z DC01 Microsoft-Windows-Security-Auditing 708 - [NXLOG@14506 ${pairs.join(' ')}] text`,
      `<14>Jan  2 03:04:05 DC01 MSWinEventLog\t1\tSecurity\t4\tFri Jan 02 03:04:05 2026\t4720\tx\tN/A\tN/A\tSuccess Audit\tDC01\tx\t\t${text}\t12`,
      `<14>Jan  2 03:04:05 DC01 MSWinEventLog\t1\tSecurity\t4\tFri Jan 02 03:04:05 2026\t4720\tx\tN/A\tN/A\tSuccess Audit\tDC01\tx\t\t${text}\t12`.replaceAll(
        '\t',
        '#011',
      ),
    ];
    for (const form of forms) {
      expect(fieldsOf(form), form).toMatchObject({
        'event.dataset': 'windows.security',
        'event.module': 'windows',
        'event.code': '4720',
        'event.action': 'user_added',
        'event.outcome': 'success',
        'user.name': 'jane',
        'user.id': 'S-1-5-21-1-2-3-1105',
        'user.target.name': 'mallory',
        'user.target.id': 'S-1-5-21-1-2-3-1601',
        'winlog.event_data.TargetUserName': 'mallory',
      });
    }
  });

  it('does not take the process of a header for its own', () => {
    const fields = fieldsOf(
      '<14>1 2026-01-02T03:04:05Z DC01 Microsoft-Windows-Security-Auditing 708 - [N@1 EventID="4720" Channel="Security"] x',
    );
    expect(fields['process.name']).toBeUndefined();
    expect(fields['process.pid']).toBeUndefined();
    expect(fields['log.syslog.appname']).toBe('Microsoft-Windows-Security-Auditing');
  });

  it('of a peer that is bound elsewhere changes no account', () => {
    const fields = fieldsOf(beat('4720', { TargetUserName: 'mallory' }), { datasets: ['fw.traffic'] });
    expect(fields).toMatchObject({ tags: ['dataset_mismatch'], 'earshot.claimed_dataset': 'windows.security' });
    expect(fields['event.action']).toBeUndefined();
    expect(fields['user.target.name']).toBeUndefined();
  });

  it.each([
    [
      'a Kerberos name with its realm',
      '4769',
      { TargetUserName: 'jdoe@EXAMPLE.COM', TargetDomainName: 'EXAMPLE.COM' },
      'user.name',
      'jdoe',
    ],
    ['another realm', '4769', { TargetUserName: 'jdoe@OTHER.COM', TargetDomainName: 'EXAMPLE.COM' }, 'user.name', 'jdoe@OTHER.COM'],
    ['IPv4 in IPv6', '4768', { IpAddress: '::ffff:192.0.2.1' }, 'source.ip', '192.0.2.1'],
    ['real IPv6', '4768', { IpAddress: '2001:db8::1' }, 'source.ip', '2001:db8::1'],
    ['no address', '4624', { IpAddress: '-' }, 'source.address', undefined],
    ['no port', '4624', { IpPort: '0' }, 'source.port', undefined],
    ['nobody', '4625', { TargetUserSid: 'S-1-0-0' }, 'user.id', undefined],
    ['a name with a comma', '4728', { MemberName: 'CN=Doe\\, Jane,OU=x' }, 'user.target.name', 'Doe, Jane'],
    ['a process id in hexadecimal', '4688', { NewProcessId: '0x1a2c' }, 'process.pid', 6700],
    [
      'a sub-status before the status',
      '4625',
      { Status: '0xC000006D', SubStatus: '0xC0000064' },
      'event.reason',
      'the user does not exist',
    ],
    ['a status without a sub-status', '4625', { Status: '0xC0000234', SubStatus: '0x0' }, 'event.reason', 'the account is locked out'],
    ['a Kerberos status', '4771', { Status: '0x18' }, 'event.reason', 'wrong password'],
    ['a status of success', '4776', { Status: '0x0' }, 'event.outcome', 'success'],
    ['a status of failure', '4776', { Status: '0xc000006a' }, 'event.outcome', 'failure'],
    ['a logon type', '4624', { LogonType: 10 }, 'winlog.logon.type', 'RemoteInteractive'],
  ])('has %s as people mean it', (_, code, data, field, expected) => {
    expect(fieldsOf(beat(code, data))[field]).toEqual(expected);
  });
});

describe('the text of an event', () => {
  const failed = (name: string) =>
    'An account failed to log on.    Subject:   Security ID:  S-1-5-18   Account Name:  DC01$    Logon Type:   3    ' +
    `Account For Which Logon Failed:   Security ID:  S-1-0-0   Account Name:  ${name}    Failure Information:   Status:   0xC000006D   ` +
    'Sub Status:  0xC000006A    Network Information:   Workstation Name: WS17   Source Network Address: 192.0.2.44   Source Port:  50211';

  it('says nothing that a name made up', () => {
    const forged =
      'x    Subject:   Account Name:  admin    Logon Type:  10    Failure Information:   Sub Status:  0xC0000072    ' +
      'Network Information:   Source Network Address: 203.0.113.9   Workstation Name: EVIL';
    const found = dataOf(failed(forged), '4625');
    const honest = dataOf(failed('x'), '4625');
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(honest));
  });

  it('leaves empty values out, and keeps those of several lines', () => {
    const found = dataOf('Privileges:  SeSecurityPrivilege     SeDebugPrivilege', '4672');
    expect(found.get('PrivilegeList')).toBe('SeSecurityPrivilege SeDebugPrivilege');
    expect(dataOf('Subject:   Account Name:     Account Domain:  EXAMPLE', '4720')).toEqual(new Map([['SubjectDomainName', 'EXAMPLE']]));
  });

  it('takes time that grows with its length and no faster', () => {
    const time = (size: number) => {
      const text = 'Subject:   Account Name:  a    '.repeat(size);
      const runs = Array.from({ length: 5 }, () => {
        const from = performance.now();
        dataOf(text, '4720');
        return performance.now() - from;
      });
      return Math.min(...runs);
    };
    time(2_000);
    expect(time(32_000)).toBeLessThan(8 * 6 * Math.max(1, time(4_000)));
  });
});

describe('hostile events of Windows', () => {
  const anything = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string()), fc.dictionary(fc.string(), fc.string()));
  const names = fc.constantFrom(
    'TargetUserName',
    'MemberName',
    'SubjectUserSid',
    'IpAddress',
    'IpPort',
    'Status',
    'NewProcessName',
    'ProcessId',
  );
  const codes = fc.constantFrom(...SECURITY.keys());

  it('never throw', () => {
    fc.assert(
      fc.property(codes, fc.dictionary(names, anything), (code, data) => {
        fieldsOf(beat(code, data));
        fieldsOf(JSON.stringify({ EventID: code, Channel: 'Security', ...data }));
      }),
    );
    fc.assert(
      fc.property(
        codes,
        fc.array(fc.oneof(fc.string(), fc.constantFrom('Subject:', 'Account Name:', '\t', '    ')), { maxLength: 40 }),
        (code, parts) => {
          fieldsOf(`<14>Jan  2 03:04:05 h MSWinEventLog\t1\tSecurity\t1\tx\t${code}\tx\tx\tx\tx\tx\tx\tx\t${parts.join('  ')}`);
        },
      ),
    );
  });
});

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');

/** Rules are written from the README: an action that is not in it would never be asked for. */
describe('README.md', () => {
  const actions = windowsMappings.flatMap(({ records }) => records?.events.map(({ action }) => action) ?? []);

  it.each([...new Set(actions)].sort())('names the action %s', (action) => {
    expect(readme).toContain(`\`${action}\``);
  });

  it('names every dataset', () => {
    for (const { dataset } of windowsMappings) expect(readme).toContain(`\`${dataset}\``);
  });
});
