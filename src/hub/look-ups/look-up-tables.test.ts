import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RecordingTelemetry } from '../../../test/support/recording-telemetry.ts';
import type { EnrichmentTables } from '../../model/enrichment.ts';
import type { NamedList } from '../../model/named-list.ts';
import { type Settings, settingsSchema } from '../../settings.ts';
import { LookUpTables } from './look-up-tables.ts';

const root = mkdtempSync(join(tmpdir(), 'earshot-look-ups-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let clock = 1_700_000_000;
/** A file with a time of its own: two writes within a tick would look like one. */
function write(path: string, content: string): void {
  writeFileSync(path, content);
  clock += 1;
  utimesSync(path, clock, clock);
}

function create(document: unknown) {
  let settings: Settings = settingsSchema.parse(document);
  const published: EnrichmentTables[] = [];
  const telemetry = new RecordingTelemetry();
  const lookUps = new LookUpTables({
    settings: () => settings,
    publish: async (tables) => void published.push(tables),
    telemetry,
  });
  const use = (next: unknown) => {
    settings = settingsSchema.parse(next);
  };
  return { lookUps, published, telemetry, use };
}

describe('LookUpTables', () => {
  it('reads files again when they change, keeps what a faulty one held, and tells each fault once', async () => {
    const file = join(root, 'people.yaml');
    write(file, 'people: [{ id: alice }]');
    const { lookUps, published, telemetry } = create({ people: { files: [file] } });
    await lookUps.load();
    expect(lookUps.names.find('ALICE')?.id).toBe('alice');
    await lookUps.refresh();
    expect(published).toEqual([]);

    write(file, 'people: [{ id: alice, nmaes: [] }]');
    await lookUps.refresh();
    await lookUps.refresh();
    expect(published.at(-1)?.people).toHaveLength(1);
    expect(lookUps.faultTexts).toEqual([expect.stringContaining(`${file}:1: people[0].nmaes: unknown setting`)]);
    expect(telemetry.logs.filter(({ level }) => level === 'warn')).toHaveLength(1);

    write(file, 'people: [{ id: alice, names: [x] }, { id: bob, names: [X] }]');
    await lookUps.refresh();
    expect(published.at(-1)?.people.map(({ id }) => id)).toEqual(['alice', 'bob']);
    expect(lookUps.faultTexts).toEqual(['the name x is claimed by alice, bob, and counts for none']);

    rmSync(file);
    await lookUps.refresh();
    expect(lookUps.names.find('bob')?.id).toBe('bob');
    expect(lookUps.faultTexts[0]).toContain('it cannot be read (ENOENT)');
  });

  it('has the lists that come with Earshot where they are wanted, and lets own ones take their place', async () => {
    const folder = join(root, 'own-lists');
    mkdirSync(folder);
    const { lookUps, use } = create({});
    await lookUps.load();
    expect(lookUps.tables.lists).toEqual([]);
    use({ lists: { shipped: true, folders: [folder] } });
    await lookUps.refresh();
    expect(lookUps.faultTexts).toEqual([]);
    expect(lookUps.tables.lists.map(({ name }) => name)).toEqual(['attack_tools', 'default_accounts', 'scripted_agents']);
    const values = lookUps.tables.lists.flatMap(({ name, entries }) => entries.map(({ value }) => `${name} ${value.toLowerCase()}`));
    expect(new Set(values).size).toBe(values.length);
    for (const { entries, author } of lookUps.tables.lists) {
      expect(author).toBe('Earshot');
      expect(entries.every(({ reason }) => reason !== '')).toBe(true);
    }
    write(join(folder, 'attack_tools.yml'), 'kind: user_agent\nreason: ours\nauthor: a\nentries: []\n');
    await lookUps.refresh();
    expect(lookUps.tables.lists.map(({ reason }) => reason)[0]).toBe('ours');
  });

  it('keeps the lists of a folder that cannot be read, and says so; of one that is empty there are none', async () => {
    const folder = join(root, 'away');
    mkdirSync(folder);
    write(join(folder, 'known_bad_networks.yml'), 'kind: asn\nreason: r\nauthor: a\nentries: [{ value: 64496, reason: r }]\n');
    const { lookUps } = create({ lists: { folders: [folder] } });
    const names = () => lookUps.tables.lists.map(({ name, entries }) => `${name} ${entries.length}`);
    await lookUps.load();
    expect(names()).toEqual(['known_bad_networks 1']);
    renameSync(folder, `${folder}-for-now`);
    await lookUps.refresh();
    expect(names()).toEqual(['known_bad_networks 1']);
    expect(lookUps.faultTexts).toContain(`${folder}:1: the folder cannot be read (ENOENT)`);
    renameSync(`${folder}-for-now`, folder);
    await lookUps.refresh();
    expect([names(), lookUps.faultTexts]).toEqual([['known_bad_networks 1'], []]);
    rmSync(join(folder, 'known_bad_networks.yml'));
    await lookUps.refresh();
    expect(names()).toEqual([]);
  });

  it('makes members of the groups that are named privileged, also after a reload', async () => {
    const file = join(root, 'groups.csv');
    write(file, 'id,groups\nalice,dba;staff\nbob,staff\n');
    const { lookUps, published, use } = create({ people: { files: [file] } });
    await lookUps.load();
    use({ people: { files: [file], privileged_groups: ['DBA'] } });
    await lookUps.refresh();
    expect(published.at(-1)?.people.map(({ privileged }) => privileged)).toEqual([true, false]);
  });

  it('reads what the hub keeps only when it has changed; a list in a file hides one of the hub', async () => {
    const folder = join(root, 'lists');
    mkdirSync(folder);
    write(join(folder, 'both.yml'), 'kind: asn\nreason: file\nauthor: a\nentries: []\n');
    const { lookUps, published } = create({ lists: { folders: [folder] } });
    const list = (name: string): NamedList => ({ name, kind: 'asn', reason: 'hub', author: 'a', createdAt: 0, fields: [], entries: [] });
    let [versions, read] = [{ people: 1, lists: 1 }, 0];
    await lookUps.load({
      versions: async () => versions,
      people: async () => [{ id: 'carol', names: [], emails: [], groups: [], source: 'scim' }],
      lists: async () => {
        read++;
        return [list('both'), list('own')];
      },
    });
    expect(lookUps.tables.lists.map(({ name, reason }) => [name, reason])).toEqual([
      ['both', 'file'],
      ['own', 'hub'],
    ]);
    versions = { people: 2, lists: 1 };
    await lookUps.refresh();
    await lookUps.refresh();
    expect([read, published.length]).toEqual([1, 1]);
  });
});
