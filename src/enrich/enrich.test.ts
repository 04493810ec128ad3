import { describe, expect, it } from 'vitest';
import { mmdb } from '../../test/support/mmdb.ts';
import { type EnrichmentTables, NO_TABLES } from '../model/enrichment.ts';
import type { Fields } from '../model/event.ts';
import { FieldSet } from '../model/field-set.ts';
import type { NamedList } from '../model/named-list.ts';
import type { Person } from '../model/person.ts';
import { createEnrich } from './enrich.ts';
import { type NetworkReaders, openNetworks } from './network-enricher.ts';

const NOW = Date.UTC(2026, 10, 21);

const ALICE: Person = {
  id: 'asmith',
  displayName: 'Alice Smith',
  names: ['asmith', 'W012J3F'],
  emails: ['alice.smith@example.com'],
  department: 'Finance',
  title: 'Controller',
  groups: ['staff'],
  active: true,
  privileged: false,
  sources: ['people.yaml'],
};
const BOB: Person = {
  id: 'bjones',
  displayName: 'Bob Jones',
  names: [],
  emails: [],
  manager: 'asmith',
  groups: [],
  active: false,
  leavingDate: '2026-11-30',
  privileged: true,
  sources: ['people.yaml'],
};

const list = (name: string, kind: NamedList['kind'], values: readonly string[], more: Partial<NamedList> = {}): NamedList => ({
  name,
  kind,
  reason: 'test',
  author: 'test',
  createdAt: 0,
  fields: [],
  entries: values.map((value) => ({ value, reason: 'test', author: 'test', createdAt: 0 })),
  ...more,
});

/** What the enrichers add to an event with these fields. */
function added(
  tables: Partial<EnrichmentTables>,
  fields: Fields,
  { readers = {}, at = NOW }: { readers?: NetworkReaders; at?: number } = {},
) {
  const enrich = createEnrich({ ...NO_TABLES, ...tables }, readers);
  const enriched = FieldSet.of(fields);
  enrich({ fields: enriched, receivedAt: at, timestamp: at });
  for (const [path, value] of Object.entries(fields)) expect(enriched.get(path)).toEqual(value);
  return Object.fromEntries([...enriched].filter(([path]) => !Object.hasOwn(fields, path)));
}

describe('enrichment', () => {
  it('adds nothing where nothing is configured, and nothing to an event that nothing is known of', () => {
    expect(added({}, { 'related.user': ['asmith'], 'source.ip': '192.0.2.1' })).toEqual({});
    expect(added({ people: [ALICE], lists: [list('l', 'cidr', ['192.0.2.0/24'])] }, { message: 'hello' })).toEqual({});
  });

  it('never changes what is there', () => {
    const sent = { 'related.user': ['asmith'], 'user.name': 'asmith', 'user.full_name': 'A. Smith' };
    expect(added({ people: [ALICE] }, sent)).not.toHaveProperty(['user.full_name']);
  });
});

describe('people', () => {
  it('are found by any name in any case, and the acting one is described', () => {
    expect(added({ people: [ALICE, BOB] }, { 'user.id': 'w012j3f', 'related.user': ['w012j3f', 'nobody'] })).toEqual({
      'earshot.person.id': ['asmith'],
      'earshot.person.name': ['Alice Smith'],
      'user.full_name': 'Alice Smith',
      'earshot.person.department': 'Finance',
      'earshot.person.title': 'Controller',
    });
  });

  it('says who leaves and who is privileged, of who acts and not of whom it is done to', () => {
    const both = ['alice.smith@example.com', 'bjones', 'asmith'];
    expect(added({ people: [ALICE, BOB] }, { 'user.name': 'bjones', 'related.user': both })).toEqual({
      'earshot.person.id': ['asmith', 'bjones'],
      'earshot.person.name': ['Alice Smith', 'Bob Jones'],
      'user.full_name': 'Bob Jones',
      'earshot.person.manager': 'asmith',
      'earshot.person.leaving': true,
      'earshot.person.leaving_date': '2026-11-30',
      'earshot.person.active': false,
      'earshot.person.privileged': true,
    });
    const onBob = added({ people: [ALICE, BOB] }, { 'user.name': 'asmith', 'user.target.name': 'bjones', 'related.user': both });
    expect(onBob).not.toHaveProperty(['earshot.person.leaving']);
    expect(onBob).toMatchObject({ 'user.full_name': 'Alice Smith' });
  });

  it.each([{ 'user.id': 'W012J3F' }, { 'user.email': 'alice.smith@example.com' }])(
    'are not taken for somebody whose name they have chosen to show: %j',
    (own) => {
      const leaver = { ...ALICE, leavingDate: '2026-12-31' };
      const named = added({ people: [leaver, BOB] }, { 'user.name': 'bjones', ...own, 'related.user': ['bjones', ...Object.values(own)] });
      expect(named).toMatchObject({ 'user.full_name': 'Alice Smith', 'earshot.person.leaving': true });
      expect(named).not.toHaveProperty(['earshot.person.privileged']);
    },
  );

  it('are found with and without the domains of the house', () => {
    const id = (name: string) =>
      added({ people: [ALICE], domains: ['EXAMPLE', 'example.com'] }, { 'related.user': [name] })['earshot.person.id'];
    expect(id('EXAMPLE\\asmith')).toEqual(['asmith']);
    expect(id('asmith@EXAMPLE.com')).toEqual(['asmith']);
    expect(id('alice.smith')).toEqual(['asmith']);
    expect(id('asmith@example.org')).toBeUndefined();
  });
});

describe('lists', () => {
  it('of networks hold for addresses of source and destination, and say which it was', () => {
    const lists = [list('vpn_ranges', 'cidr', ['192.0.2.0/25', '2001:db8::/32']), list('lab', 'cidr', ['192.0.2.7', '198.51.100.0/24'])];
    expect(added({ lists }, { 'source.ip': '192.0.2.7', 'destination.ip': '198.51.100.3' })).toEqual({
      'earshot.lists': ['vpn_ranges', 'lab'],
      'earshot.source.lists': ['vpn_ranges', 'lab'],
    });
    expect(added({ lists }, { 'source.ip': '192.0.2.128', 'destination.ip': '2001:db8:1::1' })).toEqual({
      'earshot.lists': ['vpn_ranges'],
    });
    expect(added({ lists }, { 'source.ip': '::ffff:192.0.2.9' })).toMatchObject({ 'earshot.lists': ['vpn_ranges'] });
    expect(added({ lists }, { 'host.ip': ['192.0.2.7'], 'source.ip': 'not an address' })).toEqual({});
  });

  it('of accounts, programs and texts compare without regard to case', () => {
    const lists = [
      list('default_accounts', 'account', ['root', 'Administrator']),
      list('scanners', 'user_agent', ['*nmap*', 'curl/?.*']),
      list('crown_jewels', 'text', ['db01.example.com'], { fields: ['host.name'] }),
    ];
    expect(added({ lists }, { 'user.name': 'ROOT', 'related.user': ['ROOT'] })).toEqual({
      'earshot.lists': ['default_accounts'],
      'earshot.user.lists': ['default_accounts'],
    });
    expect(added({ lists }, { 'user.name': 'alice', 'related.user': ['alice', 'administrator'] })).toEqual({
      'earshot.lists': ['default_accounts'],
    });
    expect(added({ lists }, { 'user_agent.original': 'Mozilla/5.0 (Nmap Scripting Engine)' })).toMatchObject({
      'earshot.lists': ['scanners'],
    });
    expect(added({ lists }, { 'user_agent.original': 'curl/88.1' })).toEqual({});
    expect(added({ lists }, { 'host.name': 'DB01.example.com', message: 'db01.example.com' })).toEqual({
      'earshot.lists': ['crown_jewels'],
    });
  });

  it('let go of an entry from the moment that it expires', () => {
    const [entry] = list('l', 'cidr', ['192.0.2.1']).entries;
    const lists = [
      list('guests', 'cidr', [], { entries: [{ ...entry, value: '192.0.2.1', reason: '', author: '', createdAt: 0, expiresAt: NOW }] }),
    ];
    const enrich = createEnrich({ ...NO_TABLES, lists });
    const at = (receivedAt: number) => {
      const fields = FieldSet.of({ 'source.ip': '192.0.2.1' });
      enrich({ fields, receivedAt, timestamp: receivedAt });
      return fields.get('earshot.lists');
    };
    expect([NOW - 2, NOW - 1, NOW, NOW + 1].map(at)).toEqual([['guests'], ['guests'], undefined, undefined]);
  });
});

describe('networks', () => {
  const asn = openNetworks(
    mmdb([
      { address: '192.0.2.0', bits: 24, data: { autonomous_system_number: 64_496, autonomous_system_organization: 'Example Net' } },
      { address: '10.0.0.0', bits: 8, data: { autonomous_system_number: 64_497 } },
      { address: '2001:db8::', bits: 32, data: { asn: 'AS64498', as_name: 'Example Six', country_code: 'PT' } },
    ]),
  );
  const country = openNetworks(
    mmdb([
      { address: '192.0.2.0', bits: 25, data: { country: { iso_code: 'NL' } } },
      { address: '2001:db8::', bits: 32, data: { asn: 'AS64498', as_name: 'Example Six', country_code: 'PT' } },
    ]),
  );
  const readers = { asn, country };

  it('give public addresses their system and country, in the forms of all three databases', () => {
    expect(added({}, { 'source.ip': '192.0.2.1', 'destination.ip': '2001:db8::1' }, { readers })).toEqual({
      'source.as.number': 64_496,
      'source.as.organization.name': 'Example Net',
      'source.geo.country_iso_code': 'NL',
      'destination.as.number': 64_498,
      'destination.as.organization.name': 'Example Six',
      'destination.geo.country_iso_code': 'PT',
    });
    expect(added({}, { 'source.ip': '192.0.2.200' }, { readers })).not.toHaveProperty(['source.geo.country_iso_code']);
  });

  it('leave private addresses, unknown ones, and what a sender knows better', () => {
    expect(added({}, { 'source.ip': '10.1.2.3', 'destination.ip': '203.0.113.1' }, { readers })).toEqual({});
    expect(added({}, { 'source.ip': '192.0.2.1', 'source.as.number': 1, 'source.geo.country_iso_code': 'BR' }, { readers })).toEqual({});
  });

  it('are what lists of systems are compared with', () => {
    const lists = [list('hosters', 'asn', ['64496'])];
    expect(added({ lists }, { 'source.ip': '192.0.2.1' }, { readers })).toMatchObject({ 'earshot.source.lists': ['hosters'] });
  });

  it('refuse a file that is none', () => {
    expect(() => openNetworks(Buffer.from('not a database'))).toThrow();
  });
});

describe('hours', () => {
  const berlin = (time: string, fields: Fields = { 'user.name': 'alice' }) =>
    added({ timeZone: 'Europe/Berlin' }, fields, { at: Date.parse(time) });

  it('are those of the clocks where people work, in summer and in winter', () => {
    expect(berlin('2026-07-31T21:59:59.999Z')).toEqual({ 'earshot.time.hour': 23, 'earshot.time.weekday': 5 });
    expect(berlin('2026-07-31T22:00:00Z')).toEqual({ 'earshot.time.hour': 0, 'earshot.time.weekday': 6 });
    expect(berlin('2026-11-22T22:59:59Z')).toEqual({ 'earshot.time.hour': 23, 'earshot.time.weekday': 7 });
    expect(berlin('2026-11-22T23:00:00Z')).toEqual({ 'earshot.time.hour': 0, 'earshot.time.weekday': 1 });
  });

  it('are right before 1970 too', () => {
    expect(added({ timeZone: 'UTC' }, { 'user.name': 'alice' }, { at: -1 })).toEqual({
      'earshot.time.hour': 23,
      'earshot.time.weekday': 3,
    });
  });

  it('are of when it happened, not of when it came in', () => {
    const fields = FieldSet.of({ 'user.name': 'alice' });
    createEnrich({ ...NO_TABLES, timeZone: 'UTC' })({ fields, receivedAt: NOW, timestamp: NOW - 3 * 3_600_000 });
    expect(fields.get('earshot.time.hour')).toBe(21);
  });

  it('are added where somebody acts, and a zone is set', () => {
    expect(berlin('2026-11-21T10:00:00Z', { 'host.name': 'web01' })).toEqual({});
    expect(added({}, { 'user.name': 'alice' })).toEqual({});
  });
});
