import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ruleText } from '../../../test/support/sigma-rule.ts';
import { type LoadedRules, loadFolders } from '../../detect/sigma/load.ts';
import type { Placeholders } from '../../detect/sigma/text-values.ts';
import { compileRules } from '../../detect/stream/rule-set.ts';
import { FieldSet } from '../../model/field-set.ts';
import { RuleCache } from './rule-cache.ts';

const dir = mkdtempSync(join(tmpdir(), 'earshot-rule-cache-'));
const rulesDir = join(dir, 'rules');
const cacheDir = join(dir, 'cache');
const faults: unknown[] = [];
afterAll(() => rmSync(dir, { recursive: true }));

beforeEach(() => {
  rmSync(rulesDir, { recursive: true, force: true });
  rmSync(cacheDir, { recursive: true, force: true });
  mkdirSync(rulesDir);
  write('f|contains: abc\n  g|cidr: 192.0.2.0/24\n  h|re: "a+b"');
});

const write = (item: string): void => writeFileSync(join(rulesDir, 'a.yml'), ruleText(`s:\n  ${item}\ncondition: s`));

/** The rules, and whether they came from the files. */
function load(placeholders: Placeholders = new Map(), lists?: 'asked'): { loaded: LoadedRules; read: boolean } {
  let read = false;
  const loaded = new RuleCache(cacheDir, (error) => faults.push(error)).rules({ folders: [rulesDir], placeholders, lists }, (texts) => {
    read = true;
    return loadFolders([rulesDir], { placeholders: texts, lists });
  });
  return { loaded, read };
}

const cacheFile = (): string => join(cacheDir, readdirSync(cacheDir)[0] ?? '');

describe('the cache of rules', () => {
  it('gives the same rules without reading the files again', () => {
    const first = load();
    const second = load();
    expect([first.read, second.read]).toEqual([true, false]);
    expect(second.loaded).toEqual(first.loaded);
    const event = { fields: FieldSet.of({ f: 'xABCx', g: '192.0.2.7', h: 'aab' }), text: '', timestamp: 0, source: '' };
    const hits = compileRules(second.loaded.rules, { routing: false }).match(event);
    expect(hits).toHaveLength(1);
    expect(hits).toEqual(compileRules(first.loaded.rules, { routing: false }).match(event));
  });

  it('reads the files when one was changed, added or removed', () => {
    load();
    write('f: other');
    expect(load()).toMatchObject({ read: true, loaded: { rules: [{ tree: { fields: ['f'] } }] } });
    writeFileSync(join(rulesDir, 'b.yml'), 'title: no rule');
    expect(load()).toMatchObject({
      read: true,
      loaded: { rejected: expect.arrayContaining([expect.objectContaining({ file: join(rulesDir, 'b.yml') })]) },
    });
    rmSync(join(rulesDir, 'b.yml'));
    expect(load().read).toBe(true);
    expect(load().read).toBe(false);
    expect(readdirSync(cacheDir)).toHaveLength(1);
  });

  it('reads the files when a list that rules name has changed', () => {
    write('f|expand: "%people%"');
    expect(load(new Map([['people', ['alice']]])).read).toBe(true);
    expect(load(new Map([['people', ['alice']]])).read).toBe(false);
    expect(load(new Map([['people', ['alice', 'bob']]]))).toMatchObject({ read: true, loaded: { rules: [{}] } });
  });

  it('does not where rules only ask about it, unless it is not there any more', () => {
    write('f|expand: "%people%"');
    expect(load(new Map([['people', ['alice']]]), 'asked').read).toBe(true);
    expect(load(new Map([['people', ['bob']]]), 'asked')).toMatchObject({ read: false, loaded: { rules: [{}] } });
    expect(load(new Map(), 'asked')).toMatchObject({ read: true, loaded: { rules: [] } });
  });

  it.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['empty', () => Buffer.alloc(0)],
    ['changed in one place', (bytes: Buffer) => bytes.fill(0x41, bytes.length - 20, bytes.length - 19)],
  ])('reads the files when it is %s', (_, damage) => {
    const { loaded } = load();
    writeFileSync(cacheFile(), damage(readFileSync(cacheFile())));
    expect(load()).toEqual({ loaded, read: true });
    expect(load().read).toBe(false);
  });

  it('does without where it cannot be written', () => {
    writeFileSync(cacheDir, 'a file in its place');
    expect(load().loaded.rules).toHaveLength(1);
    expect(faults).toHaveLength(1);
  });
});
