import { describe, expect, it } from 'vitest';
import { answerLines } from '../model/answer.ts';
import { chartLines, chartWords } from '../model/chart.ts';
import type { Digest, DigestAlerts } from './digest.ts';
import { periodAt } from './period.ts';
import { digestsSettings } from './settings.ts';
import { digestChart, digestWords } from './words.ts';

const AT = Date.parse('2026-11-23T09:00:00Z');
const HOUR = 3_600_000;
const [settings] = digestsSettings.parse([{ name: 'weekly', to: 'security', time_zone: 'Europe/Lisbon' }]);
if (settings === undefined) throw new Error('no settings');
const period = periodAt(settings, AT);

const NONE = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
const NO_PACE = { opened: 0, acknowledged: 0, resolved: 0, resolutions: {} };
const nothing: DigestAlerts = {
  levels: NONE,
  levelsBefore: NONE,
  pace: NO_PACE,
  paceBefore: NO_PACE,
  kinds: [],
  others: { alerts: 0, kinds: 0 },
  bars: period.parts.map(() => ({ levels: NONE, before: 0 })),
  open: { total: 0, nobodys: 0, oldest: [] },
  silent: { total: 0, alerts: [] },
  notTold: 0,
};
const empty: Digest = {
  settings,
  period,
  at: AT,
  alerts: nothing,
  quiet: { sources: [], total: 0 },
  faults: [],
  deaf: [],
  keptSince: 0,
};
const lines = (over: Partial<Digest> = {}, alerts: Partial<DigestAlerts> = {}): string[] =>
  answerLines(digestWords({ ...empty, ...over, alerts: { ...nothing, ...alerts } }));
const text = (over: Partial<Digest> = {}, alerts: Partial<DigestAlerts> = {}): string => lines(over, alerts).join('\n');

const HEAD = '📊 weekly: Mon 16 Nov 2026 to Sun 22 Nov 2026 (Europe/Lisbon).';
const busy: Partial<DigestAlerts> = {
  levels: { ...NONE, critical: 1, high: 4, medium: 18 },
  levelsBefore: { ...NONE, medium: 11 },
  kinds: [
    { title: 'Mass download', level: 'high', count: 10, before: 1 },
    { title: 'Login at night', level: 'medium', count: 9, before: 10 },
  ],
  others: { alerts: 4, kinds: 2 },
  change: { title: 'Mass download', by: 9 },
  bars: period.parts.map((_, i) => ({ levels: { ...NONE, medium: i, high: i === 3 ? 2 : 0 }, before: i === 0 ? 4 : 0 })),
  open: {
    total: 7,
    nobodys: 3,
    oldest: [
      { id: 'a1', title: 'Mass download', level: 'high', about: ['bob'], state: 'open', openedAt: AT - 75 * HOUR },
      {
        ...{ id: 'a2', title: 'Old one', level: 'medium', about: [], state: 'snoozed', openedAt: AT - 2 * HOUR },
        ...{ assignee: 'ana', snoozedUntil: AT + 24 * HOUR },
      },
    ],
  },
  pace: { opened: 21, acknowledged: 18, resolved: 1, medianAcknowledgeSecs: 720, medianResolveSecs: 10_800, resolutions: {} },
  paceBefore: { opened: 11, acknowledged: 5, resolved: 0, medianAcknowledgeSecs: 2_400, resolutions: {} },
};

describe('an empty time', () => {
  it('is one line', () => {
    expect(lines()).toEqual([
      `${HEAD} No alert of level medium and above, as in the week before. Nothing of that level is open, no source is quiet.`,
    ]);
    expect(text({}, { levelsBefore: { ...NONE, high: 3 } })).toContain('; 3 in the week before. Nothing');
    expect(text({ settings: { ...settings, least_level: 'informational' } })).toContain(
      'No alert, as in the week before. Nothing is open, no',
    );
    expect(text({ settings: { ...settings, datasets: ['segura.*', 'linux.auth'] } })).toContain(
      '(Europe/Lisbon), of segura.*, linux.auth alone. No alert',
    );
  });

  it.each([
    ['the engine did not answer', { quiet: undefined }, 'Which sources are quiet is not known'],
    ['the intake did not answer', { faults: undefined }, 'Whether all sources work is not known'],
  ] as const)('is never called quiet where %s', (_, over, said) => {
    expect(text(over)).toContain(said);
    expect(text(over)).not.toContain('is open, no source is quiet');
    expect(text(over)).toContain('Nothing of level medium and above is open.');
    expect(text(over).includes('No source is quiet')).toBe('faults' in over);
  });

  it('says when nothing was heard, of the time and of the one before', () => {
    const [gap, short] = [
      { from: period.from + HOUR, to: period.from + 3 * HOUR + 300_000 },
      { from: period.to - 30_000, to: period.to - 10_000 },
    ];
    expect(text({ deaf: [gap, short] })).toContain('A hub heard nothing for 2 h 5 min of this week (Mon 16 Nov 2026 01:00 for 2 h 5 min)');
    expect(text({ deaf: [short] })).not.toContain('heard nothing');
    const over = { from: period.from - HOUR, to: period.from + HOUR };
    expect(text({ deaf: [over] })).toMatch(/1 h of this week .*\n.*1 h of the week before/);
  });

  it('says that it is late, and what was left out', () => {
    expect(text({ late: { dueAt: AT, missed: 0 } })).toContain('This is late: it was due on Mon 23 Nov 2026 09:00.');
    expect(text({ late: { dueAt: AT, missed: 2 } })).toContain('The 2 before it were not told.');
  });

  it('compares with no time in which there was no Earshot, and says what waits', () => {
    const young = { keptSince: period.from + HOUR };
    expect(text(young)).toContain('Earshot runs since Mon 16 Nov 2026 01:00');
    expect(text(young)).not.toContain('week before');
    expect(text(young, busy).match(/week before/g)).toHaveLength(1);
    expect(text(young, busy)).toContain('There is no whole week before to compare with.');
    expect(text({ behindSince: AT - HOUR })).toContain('Messages that came since Mon 23 Nov 2026 08:00 wait');
  });
});

describe('a week', () => {
  it('is told with trend, kinds, what is open, how quickly people worked, and who is quiet', () => {
    const said = text(
      {
        quiet: {
          sources: [{ dataset: 'linux.auth', from: 'web1.example.com', silentMs: 74 * HOUR, longestPauseMs: 4 * HOUR }],
          total: 3,
        },
        faults: [{ source: 'slack', fault: 'the token was revoked' }],
      },
      {
        ...busy,
        notTold: 2,
        silent: { total: 1, alerts: [{ id: 's', title: 'A vault is silent', about: ['vault1'], heardAt: AT - 5 * HOUR }] },
      },
    );
    expect(said.split('\n')).toEqual([
      HEAD,
      '23 alerts of level medium and above: 1 critical, 4 high, 18 medium. 12 more than the week before (11), mostly Mass download (+9).',
      '',
      'Most frequent',
      '1. HIGH Mass download: 10 (1 the week before)',
      '2. MEDIUM Login at night: 9 (10 the week before)',
      'and 4 alerts of 2 more kinds',
      '',
      "Open now: 7 of level medium and above, 3 of them nobody's. The oldest:",
      "• HIGH Mass download (bob): open for 3 d 3 h, nobody's.",
      '• MEDIUM Old one: open for 2 h, ana has it, asleep until Tue 24 Nov 2026 09:00.',
      'and 5 more.',
      'Of 21 alerts that opened, 18 were acknowledged, half of them within 12 min (40 min the week before); 1 was resolved, within 3 h.',
      '',
      'Quiet now: 4',
      '• A vault is silent (vault1): heard last on Mon 23 Nov 2026 04:00, 5 h ago.',
      '• linux.auth from web1.example.com: silent for 3 d 2 h, before never for longer than 4 h',
      'and 2 more',
      '• the source slack does not work: the token was revoked',
      '',
      'Not told: 2 messages could not be delivered since Mon 16 Nov 2026 00:00, and were given up.',
    ]);
  });

  it('is short enough for any target, whatever events say', () => {
    const long = 'x'.repeat(5_000);
    const open = { id: 'a', title: long, level: 'critical', about: [long, long], state: 'open', openedAt: 0, assignee: 'ana' } as const;
    const said = text(
      {
        quiet: { total: 9, sources: Array.from({ length: 5 }, () => ({ dataset: long, from: long, silentMs: 1, longestPauseMs: 1 })) },
        faults: [{ source: 'a', fault: long }],
      },
      {
        ...busy,
        kinds: Array.from({ length: 5 }, () => ({ title: long, level: 'high', count: 1, before: 1 })),
        change: { title: long, by: 12 },
        open: { total: 5, nobodys: 0, oldest: Array.from({ length: 5 }, () => open) },
        silent: { total: 5, alerts: Array.from({ length: 5 }, () => ({ ...open, heardAt: 0 })) },
      },
    );
    expect(said.length).toBeLessThan(6_500);
  });

  it.each([
    [{ levelsBefore: { ...NONE, high: 23 } }, 'As many as the week before.'],
    [{ levelsBefore: { ...NONE, high: 30 }, change: { title: 'T', by: -3 } }, '7 fewer than the week before (30), above all T (−3).'],
    [{ levelsBefore: NONE, change: { title: 'T', by: 12 } }, '23 more than the week before (0), mostly T (+12).'],
  ])('%o: %s', (over, said) => {
    expect(text({}, { ...busy, ...over })).toContain(said);
  });

  it('has a chart, in signs and in words, with the same numbers', () => {
    const chart = digestChart({ ...empty, alerts: { ...nothing, ...busy } });
    if (chart === undefined) throw new Error('no chart');
    const said = chartWords(chart);
    expect(said).toMatch(
      /^Alerts over time by severity, beside the week before\. Mon 16: 0, the week before 4; Tue 17: 1 \(1 medium\), the week before 0; /,
    );
    expect(said).toContain('Thu 19: 5 (2 high, 3 medium)');
    const signs = (of: typeof chart) => answerLines(chartLines(of)).map((line) => line.replaceAll('\u2007', ' '));
    expect(signs(chart)).toHaveLength(7);
    expect(signs(chart).slice(0, 2)).toEqual([
      `Mon 16 0 · the week before ${'░'.repeat(13)} 4`,
      'Tue 17 ███ 1 1 medium · the week before 0',
    ]);
    expect(signs({ ...chart, before: undefined })[1]).toBe('Tue 17 ███ 1 1 medium');
    expect(chartWords({ ...chart, before: undefined })).not.toContain('before');
    expect(digestChart(empty)).toBeUndefined();
    const young = digestChart({ ...empty, keptSince: period.from, alerts: { ...nothing, ...busy } });
    expect(young).toMatchObject({ before: undefined, bars: { 0: { before: 0 }, 3: { levels: { high: 2 } } } });
  });
});
