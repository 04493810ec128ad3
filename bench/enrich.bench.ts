// Enrichment alone: CPU microseconds an event, of one thread. Run: node bench/enrich.bench.ts [rounds]
import { createEnrich, type Enrich } from '../src/enrich/enrich.ts';
import { openNetworks } from '../src/enrich/network-enricher.ts';
import { type EnrichmentTables, NO_TABLES } from '../src/model/enrichment.ts';
import type { NamedList } from '../src/model/named-list.ts';
import type { Person } from '../src/model/person.ts';
import type { RawRecord } from '../src/model/record.ts';
import { settingsSchema } from '../src/settings.ts';
import { buildStages } from '../src/stages.ts';
import { mmdb } from '../test/support/mmdb.ts';
import { makeLines } from './whole-way/lines.ts';

const EVENTS = 20_000;
const ORIGIN = { transport: 'tcp', address: '192.0.2.1' } as const;
const rounds = Number(process.argv[2] ?? 30);
const { stages } = buildStages(settingsSchema.parse({}), []);
const { bytes, starts } = makeLines(EVENTS);
const receivedAt = Date.now();
const records = Array.from({ length: EVENTS }, (_, i) => {
  const line = bytes.subarray(starts[i], (starts[i + 1] ?? 0) - 1);
  const record: RawRecord = { seq: i + 1, receivedAt, source: 'syslog', origin: ORIGIN, bytes: line };
  return { record, decoded: stages.decode(record) };
});
const users = records.flatMap(({ record, decoded }) => stages.normalize(record, decoded).fields.get('related.user') ?? []);
const names = new Set(users.map(String));

/** Everybody in the events, and 10,000 others. */
const people: Person[] = [...names, ...Array.from({ length: 10_000 }, (_, i) => `other${i}`)].map((name, i) => ({
  id: `p${i}`,
  displayName: `Person ${i}`,
  names: [name, `W${i}`],
  emails: [`${name}@example.com`],
  department: 'Finance',
  groups: [],
  active: true,
  privileged: i % 10 === 0,
  sources: ['bench'],
}));
const entry = (value: string) => ({ value, reason: 'bench', author: 'bench', createdAt: 0 });
const list = (name: string, kind: NamedList['kind'], values: readonly string[]): NamedList => ({
  name,
  kind,
  reason: 'bench',
  author: 'bench',
  createdAt: 0,
  fields: [],
  entries: values.map(entry),
});
const lists = [
  list(
    'ranges',
    'cidr',
    Array.from({ length: 500 }, (_, i) => `10.${i % 250}.${Math.floor(i / 250)}.0/24`),
  ),
  list('offices', 'cidr', ['198.51.100.0/24', '2001:db8::/32']),
  list('default_accounts', 'account', ['root', 'admin', 'oracle']),
  list('scanners', 'user_agent', ['*nmap*', '*sqlmap*']),
];
const asn = openNetworks(
  mmdb([
    { address: '203.0.113.0', bits: 24, data: { autonomous_system_number: 64_496, autonomous_system_organization: 'Example Net' } },
    { address: '198.51.100.0', bits: 24, data: { autonomous_system_number: 64_497, autonomous_system_organization: 'Example Two' } },
  ]),
);

const cases: readonly (readonly [string, Enrich])[] = [
  ['nothing configured', createEnrich(NO_TABLES)],
  ['hours', createEnrich(tables({ timeZone: 'Europe/Berlin' }))],
  ['directory', createEnrich(tables({ people }))],
  ['directory and lists', createEnrich(tables({ people, lists }))],
  ['directory, lists and networks', createEnrich(tables({ people, lists }), { asn })],
];
console.log('| tables | CPU µs/event, median |\n|---|---|');
for (const [name, enrich] of cases) {
  const all = Array.from({ length: rounds }, () => measured(enrich))
    .slice(5)
    .sort((a, b) => a - b);
  const median = all[Math.floor(all.length / 2)];
  console.log(`| ${name} | ${median?.toFixed(2)} |`);
}

function tables(some: Partial<EnrichmentTables>): EnrichmentTables {
  return { ...NO_TABLES, domains: ['example.com'], ...some };
}

/** What enrichment adds to normalization, event by event, as the judge thread goes: on cold copies of events it would be the memory's cost. */
function measured(enrich: Enrich): number {
  const work = (also: Enrich | undefined) =>
    cpuOf(() => {
      for (const { record, decoded } of records) {
        const { fields, timestamp } = stages.normalize(record, decoded);
        also?.({ fields, receivedAt, timestamp });
      }
    });
  return work(enrich) - work(undefined);
}

function cpuOf(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / EVENTS;
}
