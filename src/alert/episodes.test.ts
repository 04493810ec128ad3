import { describe, expect, it } from 'vitest';
import { hitOf, ruleOf } from '../../test/support/detected.ts';
import type { AlertRow } from '../store/state/state.ts';
import { Episodes, keyed } from './episodes.ts';

const MINUTE = 60_000;
const router = { notifiers: [], following: [], targets: () => [] };
const hitAt = (seq: number, minutes: number) => keyed(hitOf({ seq, at: minutes * MINUTE }), ruleOf('rule-a'));

/** Alerts as other settings, or a reopening, may have left them: they overlap. */
function known(spans: Readonly<Record<string, readonly [first: number, last: number]>>): AlertRow[] {
  const episodes = new Episodes({ alerts: [], subjects: [] }, { gapMs: 0, maxMs: 0 }, router, 0);
  episodes.take(hitAt(1, 0));
  const [row] = episodes.result().alerts;
  if (row === undefined) throw new Error('no alert');
  return Object.entries(spans).map(([id, [first, last]]) => ({ ...row, id, first_at: first * MINUTE, last_at: last * MINUTE }));
}

describe('episodes that overlap', () => {
  it('are looked through in the order of their last event, also after that changed', () => {
    const episodes = new Episodes(
      { alerts: known({ long: [0, 100], short: [85, 90] }), subjects: [] },
      { gapMs: 60 * MINUTE, maxMs: 120 * MINUTE },
      router,
      0,
    );
    // Too long for `long`, so it joins `short`, which is then the latest and takes the next.
    for (const hit of [hitAt(2, 130), hitAt(3, 180)]) episodes.take(hit);
    const { alerts, opened } = episodes.result();
    expect(opened).toEqual([]);
    expect(alerts.map(({ id, count, last_at }) => [id, count, last_at / MINUTE])).toEqual([['short', 3, 180]]);
  });

  it('of one time are told apart by their id', () => {
    for (const order of [
      { a: [0, 10], b: [0, 10] },
      { b: [0, 10], a: [0, 10] },
    ] as const) {
      const episodes = new Episodes({ alerts: known(order), subjects: [] }, { gapMs: 60 * MINUTE, maxMs: 120 * MINUTE }, router, 0);
      episodes.take(hitAt(2, 10));
      expect(episodes.result().alerts.map(({ id }) => id)).toEqual(['a']);
    }
  });
});
