import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../src/decode/decode.ts';
import { loadRules } from '../../src/detect/sigma/load.ts';
import { compileRules } from '../../src/detect/stream/rule-set.ts';
import { MAPPINGS } from '../../src/integrations/index.ts';
import type { RawRecord } from '../../src/model/record.ts';
import { createNormalizer } from '../../src/normalize/normalize.ts';

const normalize = createNormalizer({ integrations: MAPPINGS });

/** Rules as people write them for Windows: its own names, in its own log sources. */
const RULES: readonly (readonly [name: string, logsource: string, selection: string, channel: string, code: string, data: object])[] = [
  [
    'a new account',
    '{ product: windows, service: security }',
    '{ EventID: 4720, TargetUserName|endswith: $ }',
    'Security',
    '4720',
    { TargetUserName: 'x$' },
  ],
  [
    'a refused logon',
    '{ product: windows, service: security }',
    '{ EventID: 4625, LogonType: 3, IpAddress|cidr: 192.0.2.0/24 }',
    'Security',
    '4625',
    { LogonType: '3', IpAddress: '192.0.2.7' },
  ],
  [
    'who did it',
    '{ product: windows, service: security }',
    '{ EventID: 4738, SubjectUserName: jane }',
    'Security',
    '4738',
    { SubjectUserName: 'Jane' },
  ],
  [
    'a service',
    '{ product: windows, service: system }',
    "{ Provider_Name: 'Service Control Manager', EventID: 7045, ImagePath|contains: Temp }",
    'System',
    '7045',
    { ImagePath: 'C:\\Temp\\u.exe' },
  ],
  [
    'a process by 4688',
    '{ product: windows, category: process_creation }',
    "{ Image|endswith: '\\whoami.exe', CommandLine|contains: ' /all' }",
    'Security',
    '4688',
    { NewProcessName: 'C:\\Windows\\System32\\whoami.exe', CommandLine: 'whoami /all' },
  ],
  [
    'a process by Sysmon',
    '{ product: windows, category: process_creation }',
    "{ ParentImage|endswith: '\\cmd.exe', User|contains: JDOE, OriginalFileName: whoami.exe }",
    'Microsoft-Windows-Sysmon/Operational',
    '1',
    { Image: 'C:\\w.exe', ParentImage: 'C:\\cmd.exe', User: 'EXAMPLE\\jdoe', OriginalFileName: 'whoami.exe' },
  ],
  [
    'a registry value',
    '{ product: windows, category: registry_set }',
    "{ TargetObject|contains: '\\Run', Details|endswith: .exe }",
    'Microsoft-Windows-Sysmon/Operational',
    '13',
    { TargetObject: 'HKLM\\Run', Details: 'u.exe' },
  ],
  [
    'a script',
    '{ product: windows, category: ps_script }',
    '{ ScriptBlockText|contains: Get-Date }',
    'Microsoft-Windows-PowerShell/Operational',
    '4104',
    { ScriptBlockText: 'Get-Date' },
  ],
  [
    'a DNS query',
    '{ product: windows, category: dns_query }',
    '{ QueryName|endswith: .example.com }',
    'Microsoft-Windows-Sysmon/Operational',
    '22',
    { QueryName: 'a.example.com' },
  ],
  [
    'a channel of its own',
    '{ product: windows, service: taskscheduler }',
    '{ EventID: 106 }',
    'Microsoft-Windows-TaskScheduler/Operational',
    '106',
    {},
  ],
];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windows-sigma-'));
  RULES.forEach(([title, logsource, selection], i) => {
    const id = `5e5f1a00-0000-4000-8000-00000000000${i}`;
    const text = `title: ${title}\nid: ${id}\nlogsource: ${logsource}\ndetection:\n  selection: ${selection}\n  condition: selection\n`;
    writeFileSync(join(folder, `r${i}.yml`), text);
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

function hitsOf(channel: string, code: string, data: object): string[] {
  const provider = channel === 'System' ? 'Service Control Manager' : 'Microsoft-Windows-Example';
  const bytes = Buffer.from(JSON.stringify({ winlog: { channel, event_id: code, provider_name: provider, event_data: data } }));
  const record: RawRecord = {
    seq: 1,
    receivedAt: Date.UTC(2026, 10, 20),
    source: 'http',
    origin: { transport: 'http', address: '192.0.2.1' },
    bytes,
  };
  const decoded = decode(record);
  const { fields, timestamp } = normalize(record, decoded);
  const { rules } = loadRules(folder);
  return compileRules(rules)
    .match({ fields, timestamp, text: decoded.text, source: 'http' })
    .map(({ title }) => title);
}

describe('rules in the names of Windows', () => {
  it('are taken, and can fire', () => {
    const { rules, rejected, silent } = loadRules(folder);
    expect(rejected).toEqual([]);
    expect(silent).toEqual([]);
    expect(rules).toHaveLength(RULES.length);
  });

  it.each(RULES)('fires on %s, and on it alone', (title, _logsource, _selection, channel, code, data) => {
    expect(hitsOf(channel, code, data)).toEqual([title]);
    expect(hitsOf('Application', code, data)).toEqual([]);
  });
});
