import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/decode/decode.ts';
import { createEnrich } from '../../src/enrich/enrich.ts';
import { quietedBy } from '../../src/hub/rules/running-rules.ts';
import { MAPPINGS } from '../../src/integrations/index.ts';
import { parseListFile } from '../../src/lists/list-file.ts';
import { toDocument } from '../../src/model/document.ts';
import { NO_TABLES } from '../../src/model/enrichment.ts';
import type { RawRecord } from '../../src/model/record.ts';
import { createNormalizer } from '../../src/normalize/normalize.ts';
import { mergePeople } from '../../src/people/person-draft.ts';
import { parsePeople } from '../../src/people/person-file.ts';
import { evaluate } from '../../src/pipeline/evaluator.ts';
import { settingsSchema } from '../../src/settings.ts';
import { buildStages, readRuleFolders } from '../../src/stages.ts';
import { brokenLines } from '../simulators/acme/broken.ts';
import { DAY, HOUR, midnight } from '../simulators/acme/chance.ts';
import { directoryYaml, listsYaml } from '../simulators/acme/directory.ts';
import { liveIncident, plantedLines } from '../simulators/acme/incidents.ts';
import { DOORS, type Door, type Line } from '../simulators/acme/line.ts';
import { PEOPLE, personOf } from '../simulators/acme/people.ts';
import { linesOf } from '../simulators/acme/week.ts';

/** A Friday, so that the days before it are days of work. */
const NOW = Date.UTC(2026, 0, 30, 12);
const STORY = { seed: 1, density: 1, toldAt: NOW };
const normalize = createNormalizer({ integrations: MAPPINGS });
const week = linesOf({ from: NOW - 7 * DAY, to: NOW }, STORY);
const broken = new Set([NOW - DAY, NOW].flatMap((at) => brokenLines(midnight(at), STORY).map(({ text }) => text)));
const isWhole = ({ text }: Line): boolean => !broken.has(text);

/** A day of all that is everyday, and all that is not. */
const sample = [...week.filter(({ at, door }) => at >= NOW - DAY || door === 'doors'), ...plantedLines(NOW, 1), ...liveIncident(NOW)];

function recordOf({ at, door, text }: Line): RawRecord {
  const origin = { transport: 'tls', address: '127.0.0.1', port: 40_000, certificate: 'sender' } as const;
  return { seq: 1, receivedAt: at + 500, source: door, origin, bytes: Buffer.from(text) };
}

function eventOf(line: Line) {
  const record = recordOf(line);
  const { timestamp, fields } = normalize(record, decode(record));
  return { record, timestamp, fields: fields.toFields() };
}

function documentOf(line: Line) {
  const { record, timestamp, fields } = eventOf(line);
  const { receivedAt, source, bytes: raw } = record;
  return toDocument({ node: 1, seq: 1, receivedAt, timestamp, source, fields, raw, hits: [] });
}

/** What a line is an example of. */
function kindOf(line: Line): string {
  const { fields } = eventOf(line);
  const words = ['process.name', 'event.code', 'cef.name', 'event.action', 'event.outcome', 'linux.auditd.type'];
  return words.flatMap((word) => fields[word] ?? []).join(' ');
}

describe('the simulators', { timeout: 30_000 }, () => {
  it('say the same for the same seed, and something else for another', () => {
    const span = { from: NOW - DAY, to: NOW };
    expect(linesOf(span, STORY)).toEqual(linesOf(span, STORY));
    expect(linesOf(span, { ...STORY, seed: 2 })).not.toEqual(linesOf(span, STORY));
  });

  it('say the same in one go and bit by bit, in order of time', () => {
    const parts = [0, 1, 5, 11, 24].map((hours) => NOW - DAY + hours * HOUR);
    const bits = parts.slice(1).flatMap((to, i) => linesOf({ from: parts[i] ?? to, to }, STORY));
    const whole = linesOf({ from: NOW - DAY, to: NOW }, STORY);
    expect(bits.map(({ text }) => text).sort()).toEqual(whole.map(({ text }) => text).sort());
    expect(whole.every(({ at }, i) => i === 0 || at >= (whole[i - 1]?.at ?? 0))).toBe(true);
  });

  it('write lines that are decoded without a fault, with the time at which it happened', () => {
    const odd = sample.filter(isWhole).filter((line) => {
      const { timestamp, fields } = eventOf(line);
      return fields.tags !== undefined || Math.abs(timestamp - line.at) > 1_000;
    });
    expect(odd.map(({ text }) => text).slice(0, 5)).toEqual([]);
  });

  it('make lines of Linux that all have a meaning', () => {
    const blank = sample.filter((line) => line.door === 'linux' && eventOf(line).fields['event.action'] === undefined);
    expect(blank.map(({ text }) => text).slice(0, 5)).toEqual([]);
  });

  it.each(DOORS)('map to ECS, one example of each kind: %s', async (door: Door) => {
    const examples = new Map<string, Line>();
    for (const line of sample.filter((each) => each.door === door)) {
      const kind = kindOf(line);
      if (!examples.has(kind)) examples.set(kind, line);
    }
    const kinds = [...examples].sort(([one], [other]) => (one < other ? -1 : 1));
    const shown = Object.fromEntries(kinds.map(([kind, line]) => [kind, documentOf(line)]));
    await expect(`${JSON.stringify(shown, null, 2)}\n`).toMatchFileSnapshot(
      fileURLToPath(new URL(`../simulators/golden/${door}.json`, import.meta.url)),
    );
  });
});

it('are programs to the product, which imports nothing of the tests', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url));
  const guilty = globSync('**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] }).filter((file) =>
    /from '(\.\.\/)+test\//.test(readFileSync(`${root}${file}`, 'utf8')),
  );
  expect(guilty).toEqual([]);
});

describe('the week at Acme', { timeout: 30_000 }, () => {
  it('is as busy as a company of sixty, mostly on days of work, and through every door', () => {
    const byDoor = Object.fromEntries(DOORS.map((door) => [door, week.filter((line) => line.door === door).length]));
    for (const door of DOORS) expect(byDoor[door], door).toBeGreaterThan(door === 'doors' ? 300 : 1_000);
    expect(week.length).toBeGreaterThan(90_000);
    expect(week.length).toBeLessThan(200_000);
    const vaultOn = (day: number) => week.filter(({ at, door }) => door === 'segura' && new Date(at).getUTCDay() === day).length;
    expect(vaultOn(3)).toBeGreaterThan(1.5 * vaultOn(0));
  });

  it('has one source and one machine that fell silent', () => {
    const lastOf = (fits: (line: Line) => boolean) => week.findLast(fits)?.at ?? 0;
    expect(lastOf(({ door }) => door === 'doors')).toBeLessThan(NOW - 40 * HOUR);
    expect(lastOf(({ door, text }) => door === 'linux' && text.includes(' backup01 '))).toBeLessThan(NOW - 48 * HOUR);
    expect(lastOf(({ text }) => text.includes(' log01 '))).toBeGreaterThan(NOW - 2 * HOUR);
  });

  it('makes the shipped rules hit some tens of times, and not by what is everyday', () => {
    const settings = settingsSchema.parse({});
    const loaded = readRuleFolders(settings);
    const { stages } = buildStages(settings, loaded.rules);
    const quiet = quietedBy(loaded, () => false);
    const hitsOf = (lines: readonly Line[]) =>
      lines.flatMap((line) => evaluate(stages, 1, recordOf(line)).event.hits.flatMap(({ id, level }) => (quiet.has(id) ? [] : [level])));
    const planted = hitsOf(plantedLines(NOW, 1));
    expect(new Set(planted)).toEqual(new Set(['low', 'medium', 'high', 'critical']));
    expect(planted.length).toBeGreaterThan(40);
    expect(planted.length).toBeLessThan(150);
    expect(hitsOf(week.filter(({ door }) => door !== 'linux')).length).toBeLessThan(80);
    expect(hitsOf(liveIncident(NOW)).length).toBeGreaterThan(5);
  });

  it('has rules of its own, which the directory and the lists of Acme make possible', () => {
    const read = parsePeople('people.yaml', directoryYaml(NOW));
    const lists = Object.entries(listsYaml()).map(([name, yaml]) => parseListFile(`${name}.yml`, yaml, NOW));
    if (!read.ok || !lists.every((list) => list.ok)) throw new Error('a file of Acme cannot be read');
    const enrich = createEnrich({
      ...NO_TABLES,
      people: mergePeople(read.value),
      domains: ['example.com', 'EXAMPLE'],
      lists: lists.map(({ value }) => value),
    });
    const folders = [fileURLToPath(new URL('../simulators/acme/rules', import.meta.url))];
    const { rules, rejected } = readRuleFolders(settingsSchema.parse({ rules: { shipped: false, folders } }));
    expect(rejected).toEqual([]);
    const { stages } = buildStages(settingsSchema.parse({}), rules, undefined, enrich);
    const hits = (lines: readonly Line[]) =>
      lines.flatMap((line) => evaluate(stages, 1, recordOf(line)).event.hits.map(({ title }) => title));
    expect(new Set(hits(plantedLines(NOW, 1)))).toEqual(new Set(rules.map(({ title }) => title)));
    const planted = new Set(plantedLines(NOW, 1).map(({ text }) => text));
    expect(hits(week.filter(({ door, text }) => door !== 'linux' && !planted.has(text)))).toEqual([]);
  });

  it('says what cannot be read as it was meant, a few times a day', () => {
    const faulty = sample.filter((line) => eventOf(line).fields.tags !== undefined);
    expect(faulty.length).toBeGreaterThan(1);
    expect(faulty.every(({ text }) => broken.has(text))).toBe(true);
  });

  it('has people of one name each, with a manager who exists', () => {
    expect(new Set(PEOPLE.map(({ login }) => login)).size).toBe(PEOPLE.length);
    for (const { manager } of PEOPLE) if (manager !== undefined) expect(personOf(manager).left).toBeUndefined();
  });
});
