import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../settings.ts';
import { readRuleFolders, SHIPPED_RULES } from '../../stages.ts';
import { ingestDocument, keepFixed, lostRules, stagedNotes } from './reload.ts';

const versions = (document: Record<string, unknown>) => ({ document, settings: settingsSchema.parse(document) });

describe('keepFixed', () => {
  it('keeps what a running hub cannot change, in settings and document alike, and notes it', () => {
    const started = versions({ node: 3, alerts: { group_gap_secs: 60 } });
    const wanted = versions({ node: 4, raw_log: { max_bytes: 100_000_000 }, retention: { default_days: 7 } });
    const { settings, document, notes } = keepFixed(started, wanted);
    expect(settings).toEqual(settingsSchema.parse(document));
    expect(document).toEqual({ node: 3, alerts: { group_gap_secs: 60 }, retention: { default_days: 7 } });
    expect(notes.map((note) => note.split(':')[0])).toEqual(['node', 'raw_log', 'alerts']);
  });

  it('notices another secret', () => {
    const at = (password: string) =>
      versions({ state: { type: 'postgres', url: `postgres://earshot:${password}@db.example.com/earshot` } });
    expect(keepFixed(at('a'), at('a')).notes).toEqual([]);
    expect(keepFixed(at('a'), at('b')).notes).toEqual(['state: takes effect at the next start']);
  });
});

describe('ingestDocument', () => {
  it('is valid by itself and holds no secret', () => {
    const part = ingestDocument({
      node: 3,
      data_dir: '/x',
      sources: { hook: { type: 'http', time_zone: 'Europe/Lisbon', auth: { type: 'hmac', secret: 'file:/gone', header: 'x' } } },
      notifiers: { slack: { type: 'slack_webhook', url: 'file:/gone' } },
      state: { type: 'postgres', url: 'file:/gone' },
    });
    expect(JSON.stringify(part)).not.toContain('gone');
    expect(settingsSchema.parse(part)).toMatchObject({ node: 3, sources: { hook: { type: 'http', time_zone: 'Europe/Lisbon' } } });
  });

  it('leaves out what is not there, so that its default stays', () => {
    expect(ingestDocument(null)).toEqual({});
    expect(Object.keys(settingsSchema.parse(ingestDocument({})).sources)).toEqual(['syslog', 'http']);
  });
});

describe('stagedNotes', () => {
  it('tells of words that stand for no rule', () => {
    const settings = settingsSchema.parse({ rules: { staged: ['linux_*', 'segura_vault_recovery', 'segura_vault_recovry', 'sagura_*'] } });
    expect(stagedNotes(settings, readRuleFolders(settings))).toEqual([
      'rules.staged: no rule is called segura_vault_recovry',
      'rules.staged: no rule is called sagura_*',
    ]);
  });
});

describe('lostRules', () => {
  const running = readRuleFolders(settingsSchema.parse({}));
  const [first, ...others] = running.rules;
  const fault = (file: string) => ({ file, line: 3, column: 1, reason: 'is broken' });

  it('tells of a rule whose file broke, and not of one that was taken away or never ran', () => {
    if (first === undefined) throw new Error('there are no shipped rules');
    expect(lostRules(running, { ...running, rules: others, rejected: [fault(first.file)] })).toEqual([
      `${first.file}:3:1: is broken (it would end ${first.name})`,
    ]);
    expect(lostRules(running, { ...running, rules: others })).toEqual([]);
    expect(lostRules(running, { ...running, rejected: [fault('/new/rule.yml'), fault(first.file)] })).toEqual([]);
  });

  it('tells of a folder that cannot be read any more', () => {
    const folder = SHIPPED_RULES;
    const [lost] = lostRules(running, {
      rules: [],
      silent: [],
      correlations: [],
      baselines: [],
      silences: [],
      lints: [],
      rejected: [fault(folder)],
    });
    for (const { name } of running.rules) expect(lost).toContain(name);
  });
});
