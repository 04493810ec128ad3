import { describe, expect, it } from 'vitest';
import { loadRules, readRules } from '../../detect/sigma/load.ts';
import { logSourcesOf } from '../../log-source-settings.ts';
import { settingsSchema } from '../../settings.ts';
import { SHIPPED_RULES } from '../../stages.ts';
import { fieldCatalogue } from './field-catalogue.ts';

const HEAD = 'title: A\nid: 5f1c0a52-7d0e-4b3e-9a57-0c8a1f5b2e11\n';

/** Why a rule with this detection can never fire under the settings. */
function silence(detection: string, { logsource = '{ product: linux }', rules = {}, enrich = {} } = {}): string | undefined {
  const settings = settingsSchema.parse({ rules, enrich });
  const text = `${HEAD}logsource: ${logsource}\ndetection: ${detection}`;
  const options = { logSources: logSourcesOf(settings), catalogue: fieldCatalogue(settings) };
  const { silent, rejected } = readRules('a.yml', text, options);
  expect(rejected).toEqual([]);
  return silent[0]?.reason;
}

const needs = (field: string) => `can never fire here: it needs the field \`${field}\`, which nothing writes`;
const needsHours = `${needs('earshot.time.hour')}: set \`enrich.time_zone\`, so that events have local hours`;

describe('a rule that can never fire', () => {
  it('needs a field that nothing writes', () => {
    expect(silence('{ s: { Nosuch: x, user.name: y }, condition: s }')).toBe(needs('Nosuch'));
    expect(silence('{ s: { user.name: y }, t: { Nosuch|contains: x }, condition: s and t }')).toBe(needs('Nosuch'));
    expect(silence('{ s: [{ Nosuch: x }, { Other: x }], condition: s }')).toBe(needs('Nosuch'));
    expect(silence('{ s: { user.name|fieldref: Nosuch }, condition: s }')).toBe(needs('Nosuch'));
  });

  it('is none where the field is not needed', () => {
    expect(silence('{ s: { user.name: y }, t: { Nosuch: x }, condition: s or t }')).toBeUndefined();
    expect(silence('{ s: { user.name: y }, t: { Nosuch: x }, condition: s and not t }')).toBeUndefined();
    expect(silence('{ s: { Nosuch: null, Other|exists: false, user.name: y }, condition: s }')).toBeUndefined();
    expect(silence('{ s: [x, y], condition: s }')).toBeUndefined();
  });

  it('is none where a field is written, or may be sent', () => {
    for (const field of [
      'linux.ssh.method',
      'dll.name',
      'json.anything',
      'cef.extensions.x',
      'earshot.person.id',
      'process.args[0]',
      'user',
    ])
      expect(silence(`{ s: { "${field}|exists": true }, condition: s }`), field).toBeUndefined();
    const windows = { logsource: '{ product: windows, service: security }' };
    expect(silence('{ s: { SubjectUserName: x }, condition: s }', windows)).toBeUndefined();
    const okta = { logsource: '{ product: okta, service: okta }' };
    expect(silence('{ s: { somethingNew: x }, condition: s }', okta)).toBeUndefined();
  });

  it('may be one by the settings', () => {
    const hours = '{ s: { earshot.time.hour|gte: 22 }, condition: s }';
    expect(silence(hours)).toBe(needsHours);
    expect(silence(hours, { enrich: { time_zone: 'Europe/Berlin' } })).toBeUndefined();
    const django = { logsource: '{ product: django, category: application }' };
    expect(silence('{ s: { Nosuch: x }, condition: s }', django)).toContain('no event of Earshot is of product: django');
    const rules = { log_sources: [{ product: 'Django', category: 'application', when: { 'process.name': ['shop'] } }] };
    expect(silence('{ s: { Nosuch: x }, condition: s }', { ...django, rules })).toBeUndefined();
  });

  it('is among the shipped ones only where hours are asked for and no time zone is set', () => {
    const silent = (enrich: object) => {
      const settings = settingsSchema.parse({ enrich });
      return loadRules(SHIPPED_RULES, { catalogue: fieldCatalogue(settings) }).silent.map(({ reason }) => reason);
    };
    expect(new Set(silent({}))).toEqual(new Set([needsHours]));
    expect(silent({ time_zone: 'UTC' })).toEqual([]);
  });
});
