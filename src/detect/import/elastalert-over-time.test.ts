import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judged } from '../../../test/support/sigma-rule.ts';
import type { Evaluate } from '../rule-test.ts';
import { failuresOf, testRules } from '../test-report.ts';
import { importElastalert } from './elastalert.ts';
import { yamlOf } from './rule-document.ts';

/** `name=value name=value`: the fields of an event. */
const evaluate: Evaluate = (raw) => judged(Object.fromEntries(raw.split(' ').map((each) => each.split('='))), { text: raw });

/** What comes at which minute, as a case of a rule test. */
interface Timeline {
  readonly steps: readonly { readonly at: string; readonly raw: string; readonly times?: number; readonly every?: string }[];
  readonly ends?: string;
  readonly expect: 'alert' | 'no_alert';
}

describe('a rule of ElastAlert that was carried fires as it did there', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'carried-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** What the timelines say against what was written: nothing, where it does what they expect. */
  const play = (rule: object, timelines: readonly Timeline[], suffix = '') => {
    const text = JSON.stringify({ name: 'x', index: 'a-*', ...rule });
    const { written } = importElastalert([{ file: 'x.yaml', text }], {});
    for (const { name, documents } of written) writeFileSync(join(dir, `${name}.yml`), yamlOf(documents));
    const tests = timelines.map(({ steps, ...each }, i) => ({ name: `timeline ${i + 1}`, timeline: steps, ...each }));
    writeFileSync(join(dir, 'elastalert_x.test.yml'), JSON.stringify({ rule: `elastalert_x${suffix}`, tests }));
    const report = testRules([dir], evaluate);
    expect([...report.rejected, ...report.strays]).toEqual([]);
    expect(report.results.flatMap(({ cases }) => cases)).toHaveLength(timelines.length);
    return failuresOf(report);
  };

  it('new_term: a country that nobody came from within the window, and not who came again', () => {
    const from = (at: string, country: string) => ({ at, raw: `source.geo.country_iso_code=${country} user.name=ann{n}` });
    const known = { ...from('0s', 'FI'), times: 5, every: '1d' };
    const rule = { type: 'new_term', fields: ['source.geo.country_iso_code'], terms_window_size: { days: 10 } };
    expect(
      play(rule, [
        { steps: [known, from('5d', 'BR')], expect: 'alert' },
        { steps: [known, from('5d', 'FI')], expect: 'no_alert' },
        { steps: [known, from('12h', 'BR'), from('5d', 'BR')], expect: 'no_alert' },
        { steps: [{ ...known, times: 14 }, from('12h', 'BR'), from('13d', 'BR')], expect: 'alert' },
      ]),
    ).toEqual([]);
  });

  it('flatline: fewer events than the threshold within the time frame, for each key', () => {
    const beat = { at: '0s', raw: 'host.name=a', times: 60, every: '4m' };
    const rule = { type: 'flatline', threshold: 10, timeframe: { hours: 1 }, query_key: 'host.name' };
    const others = { ...beat, raw: 'host.name=b', times: 120 };
    expect(
      play(rule, [
        // The last comes at 236 minutes, the tenth from the end at 200.
        { steps: [beat], ends: '260m', expect: 'no_alert' },
        { steps: [beat], ends: '261m', expect: 'alert' },
        { steps: [beat, others], ends: '300m', expect: 'alert' },
        // Ten in an hour, then nine.
        { steps: [{ ...beat, every: '6m' }], ends: '354m', expect: 'no_alert' },
        { steps: [beat, { at: '240m', raw: 'host.name=a', times: 30, every: '7m' }], ends: '440m', expect: 'alert' },
      ]),
    ).toEqual([]);
  });

  it('flatline: nothing at all any more, of anything, where there is no key', () => {
    const beat = { at: '0s', raw: 'host.name=a{n}', times: 60, every: '1m' };
    const rule = { type: 'flatline', threshold: 1, timeframe: { minutes: 10 } };
    expect(
      play(rule, [
        { steps: [beat], ends: '65m', expect: 'no_alert' },
        { steps: [beat], ends: '71m', expect: 'alert' },
      ]),
    ).toEqual([]);
  });

  it('spike: so many times the events of the time before, by key, with both thresholds', () => {
    const hour = (at: number, times: number, host = 'a') => ({ at: `${at}h`, raw: `host.name=${host}`, times, every: '10s' });
    const steps = (...counts: readonly number[]) => counts.flatMap((times, i) => (times === 0 ? [] : [hour(i, times)]));
    const rule = { type: 'spike', spike_height: 3, spike_type: 'up', threshold_cur: 15, threshold_ref: 5, timeframe: { hours: 1 } };
    expect(
      play({ ...rule, query_key: 'host.name' }, [
        { steps: steps(6, 6, 18), expect: 'alert' },
        { steps: steps(6, 6, 17), expect: 'no_alert' },
        { steps: steps(4, 4, 18), expect: 'no_alert' },
        { steps: steps(5, 5, 15), expect: 'alert' },
        { steps: steps(9, 0, 40), expect: 'no_alert' },
        // Too short a past, and the events of somebody else.
        { steps: steps(6, 40), expect: 'no_alert' },
        { steps: [...steps(6, 6, 6), hour(2, 12, 'b')], expect: 'no_alert' },
        // Own history of long ago, but not the most: the time right before is what counts.
        { steps: steps(60, 60, 6, 18), expect: 'alert' },
      ]),
    ).toEqual([]);
  });

  it('spike: a fall to nothing', () => {
    const beat = { at: '0s', raw: 'host.name=a', times: 60, every: '1m' };
    const rule = { type: 'spike', spike_height: 3, spike_type: 'both', timeframe: { minutes: 10 } };
    expect(
      play(
        rule,
        [
          { steps: [beat], ends: '65m', expect: 'no_alert' },
          { steps: [beat], ends: '71m', expect: 'alert' },
        ],
        '_fall',
      ),
    ).toEqual([]);
  });

  it('new_term: a pair of fields, each of which was there before', () => {
    const pair = (at: string, user: string, host: string) => ({ at, raw: `user.name=${user} host.name=${host}` });
    const known = [pair('0s', 'ann', 'a'), pair('1h', 'bob', 'b')];
    expect(
      play({ type: 'new_term', fields: [['user.name', 'host.name']] }, [
        { steps: [...known, pair('3d', 'ann', 'b')], expect: 'alert' },
        { steps: [...known, pair('3d', 'ann', 'a')], expect: 'no_alert' },
      ]),
    ).toEqual([]);
  });
});
