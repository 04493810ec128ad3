import type { Logsource } from '../../src/detect/sigma/logsource.ts';
import type { Rule } from '../../src/detect/sigma/rule.ts';
import { leaves } from '../../src/detect/sigma/tree.ts';
import { type Random, seeded } from '../../test/support/events-for-rules.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Document = { [key: string]: Json };

/** A kind of event: of which log source, and how often among the lane's. */
interface Kind {
  readonly logsource: Logsource;
  readonly share: number;
  readonly make: (random: Random) => Document;
}

/** One event in so many has values that a rule of its log source asks for. */
const NEAR_A_RULE = 30;

const pick = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T;
const hex = (random: Random, length: number): string => Array.from({ length }, () => random(16).toString(16)).join('');
const person = (random: Random): string => `${pick(random, ['alice', 'bob', 'carol', 'dan', 'erin', 'frank'])}${random(900)}@example.com`;
const address = (random: Random): string => `198.51.100.${random(250)}`;
const AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';

const okta = (random: Random): Document => ({
  eventType: pick(random, ['user.session.start', 'user.authentication.sso', 'policy.evaluate_sign_on', 'user.authentication.auth_via_mfa']),
  displayMessage: 'User single sign on to app',
  severity: 'INFO',
  outcome: { result: pick(random, ['SUCCESS', 'SUCCESS', 'FAILURE']) },
  actor: { id: hex(random, 20), type: 'User', alternateId: person(random) },
  client: {
    ipAddress: address(random),
    userAgent: { rawUserAgent: AGENT, browser: 'CHROME' },
    geographicalContext: { country: 'Portugal' },
  },
  transaction: { id: hex(random, 24), type: 'WEB' },
});

const cloudtrail = (random: Random): Document => ({
  eventSource: pick(random, ['s3.amazonaws.com', 'ec2.amazonaws.com', 'sts.amazonaws.com', 'iam.amazonaws.com']),
  eventName: pick(random, ['GetObject', 'DescribeInstances', 'AssumeRole', 'ListUsers', 'PutObject']),
  awsRegion: 'eu-west-1',
  sourceIPAddress: address(random),
  userAgent: 'aws-sdk-java/2.20.1 Linux/5.10 OpenJDK_64-Bit_Server_VM/17',
  userIdentity: { type: 'AssumedRole', principalId: hex(random, 20), arn: `arn:aws:sts::123456789012:assumed-role/app/${hex(random, 8)}` },
  requestParameters: { bucketName: `bucket-${random(90)}`, key: `logs/${hex(random, 16)}` },
  requestID: hex(random, 32),
});

const signin = (random: Random): Document => ({
  properties: {
    resultType: random(20) === 0 ? '50126' : '0',
    userPrincipalName: person(random),
    appDisplayName: 'Office',
    riskState: 'none',
  },
  ResultType: 0,
  ClientApp: 'Browser',
  IPAddress: address(random),
  Location: 'PT',
  DeviceDetail: { deviceId: hex(random, 32), operatingsystem: 'Windows 11', trusttype: 'Azure AD joined' },
  CorrelationId: hex(random, 32),
  UserAgent: AGENT,
  ConditionalAccessStatus: 'success',
});

const github = (random: Random): Document => ({
  action: pick(random, ['git.clone', 'git.fetch', 'pull_request.merge', 'repo.access', 'workflows.completed_workflow_run']),
  actor: person(random),
  org: 'example-org',
  repo: `example-org/service-${random(200)}`,
  user_agent: AGENT,
  actor_location: { country_code: 'PT' },
  external_identity_nameid: person(random),
  _document_id: hex(random, 22),
  request_id: hex(random, 40),
  data: { head: `refs/heads/change-${random(1_000)}`, visibility: 'private', transport_protocol_name: 'ssh' },
});

const WORDS =
  'the process was granted access to an object of the local system by a handle that a service had asked for before it ended '.repeat(20);

const windows =
  (id: number, more: (random: Random) => Document) =>
  (random: Random): Document => ({
    EventID: id,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Provider_Name: 'Microsoft-Windows-Sysmon',
    Computer: `pc-${random(500)}.example.com`,
    RecordNumber: random(1_000_000),
    User: `EXAMPLE\\${person(random)}`,
    ProcessGuid: `{${hex(random, 32)}}`,
    Image: pick(random, ['C:\\Windows\\System32\\svchost.exe', 'C:\\Windows\\explorer.exe', 'C:\\Program Files\\App\\app.exe']),
    Hashes: `SHA256=${hex(random, 64)}`,
    ...more(random),
    Message: WORDS.slice(random(200), 1_900),
  });

export type LaneName = 'identity-cloud' | 'windows-mixed';

/** What runs through an organization: people signing in and administering; and PCs that report mostly what nobody asks for. */
const LANES: Readonly<Record<LaneName, readonly Kind[]>> = {
  'identity-cloud': [
    { logsource: { product: 'okta', service: 'okta' }, share: 300, make: okta },
    { logsource: { product: 'aws', service: 'cloudtrail' }, share: 300, make: cloudtrail },
    { logsource: { product: 'azure', service: 'signinlogs' }, share: 250, make: signin },
    { logsource: { product: 'github', service: 'audit' }, share: 150, make: github },
  ],
  'windows-mixed': [
    {
      logsource: { product: 'windows', category: 'process_creation' },
      share: 2,
      make: windows(1, (random) => ({
        CommandLine: `"C:\\Program Files\\App\\app.exe" --profile ${random(99)} --type=renderer --id ${hex(random, 12)}`,
        ParentImage: 'C:\\Windows\\explorer.exe',
        ParentCommandLine: 'C:\\Windows\\explorer.exe /n',
      })),
    },
    {
      logsource: { product: 'windows', category: 'file_event' },
      share: 150,
      make: windows(11, (random) => ({ TargetFilename: `C:\\Users\\user${random(90)}\\AppData\\Local\\Temp\\${hex(random, 12)}.tmp` })),
    },
    {
      logsource: { product: 'windows', category: 'network_connection' },
      share: 150,
      make: windows(3, (random) => ({
        DestinationIp: address(random),
        DestinationPort: 443,
        Initiated: 'true',
        DestinationHostname: 'www.example.com',
      })),
    },
    {
      logsource: { product: 'windows', category: 'registry_set' },
      share: 698,
      make: windows(13, (random) => ({
        TargetObject: `HKLM\\System\\CurrentControlSet\\Services\\bam\\${hex(random, 20)}`,
        Details: 'Binary Data',
      })),
    },
  ],
};

/** A lane's events as JSON lines, about 600 bytes each or 2,600; the same for the same rules. */
export function laneLines(lane: LaneName, count: number, rules: readonly Rule[]): string[] {
  const random = seeded(20_261_121);
  const kinds = LANES[lane].flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  const near = new Map(LANES[lane].map(({ logsource }) => [logsource, rules.filter((rule) => isOf(rule.logsource, logsource))]));
  return Array.from({ length: count }, (_, n) => {
    const { logsource, make } = pick(random, kinds);
    const { product = 'none', service = 'none', category = 'none' } = logsource;
    const document: Document = { n, ls_product: product, ls_service: service, ls_category: category, ...make(random) };
    const of = near.get(logsource) ?? [];
    if (of.length > 0 && random(NEAR_A_RULE) === 0) fill(document, pick(random, of), random);
    return JSON.stringify(document);
  });
}

const isOf = (rule: Logsource, event: Logsource): boolean =>
  (['product', 'service', 'category'] as const).every((part) => rule[part] === undefined || rule[part] === event[part]);

/** Puts in what a rule asks for: some rules then fire, others nearly. */
function fill(document: Document, rule: Rule, random: Random): void {
  for (const { fields, test } of leaves(rule.tree)) {
    const path = fields?.[0];
    if (path === undefined || test.kind !== 'text' || random(5) === 0) continue;
    const text = test.pattern.map((part) => (typeof part === 'string' ? part : part.special === 'any' ? '' : '/')).join('');
    put(document, path.split('.'), text);
  }
}

function put(at: Document, [key = '', ...rest]: readonly string[], value: string): void {
  if (rest.length === 0) {
    if (typeof at[key] !== 'object') at[key] = value;
    return;
  }
  const child = at[key];
  const map: Document = typeof child === 'object' && child !== null && !Array.isArray(child) ? child : {};
  at[key] = map;
  put(map, rest, value);
}
