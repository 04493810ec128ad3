import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOf, hitOf, NOON, ruleOf } from '../../test/support/detected.ts';
import { testState } from '../../test/support/state.ts';
import type { DetectedBlock, DetectedHit } from '../model/detected.ts';
import type { State } from '../store/state/state.ts';
import { silent } from '../telemetry/telemetry.ts';
import { createAlerting } from './alerting.ts';
import { createAlerts } from './alerts.ts';
import { alertSettings } from './settings.ts';

const MINUTE = 60_000;
const now = () => NOON;

const hits = fc
  .array(
    fc.record({
      step: fc.integer({ min: 1, max: 3 }),
      minutes: fc.integer({ min: -20, max: 20 }).map((tens) => tens * 10),
      rule: fc.constantFrom('r1', 'r2'),
      user: fc.constantFrom('alice', 'bob', ''),
      late: fc.boolean(),
      same: fc.constantFrom(1, 1, 1, 2, 12),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((sketches) => {
    let seq = 0;
    return sketches.flatMap(({ step, minutes, same, ...sketch }) =>
      Array.from({ length: same }, () => {
        seq += step;
        return hitOf({ ...sketch, seq, at: NOON + minutes * MINUTE });
      }),
    );
  });

/** Where blocks end, as parts of the whole; and what goes wrong at each block. */
const cuts = fc.oneof(
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
  fc.constant(Array.from({ length: 50 }, (_, i) => i / 50)),
);
const troubles = fc.array(fc.constantFrom('none', 'crash before the commit', 'crash after the commit', 'replay two blocks'), {
  maxLength: 9,
});

function blocksOf(all: readonly DetectedHit[], parts: readonly number[]): DetectedBlock[] {
  const last = (all.at(-1)?.seq ?? 0) + 1;
  const ends = [...new Set([...parts.map((part) => Math.max(1, Math.floor(part * last))), last])].sort((a, b) => a - b);
  return ends.map((end, i) => {
    const first = (ends[i - 1] ?? 0) + 1;
    return blockOf(
      first,
      end,
      all.filter(({ seq }) => seq >= first && seq <= end),
    );
  });
}

const alerting = (state: State, crash = false) =>
  createAlerting({
    state: crash ? { ...state, transaction: (work) => state.transaction(async (tx) => Promise.reject(await work(tx))) } : state,
    settings: alertSettings.parse(undefined),
    ruleInfo: ruleOf,
    isQuiet: () => false,
    router: () => ({ notifiers: ['slack', 'mail'], following: [], targets: ({ hit }) => (hit.id === 'r1' ? ['slack', 'mail'] : ['mail']) }),
    telemetry: silent,
    now,
  });

async function everything(state: State) {
  const page = await createAlerts(state, now).list({ limit: 500 });
  const outbox = await state.read((db) => db.selectFrom('outbox').selectAll().orderBy('key').execute());
  const changes = await state.read((db) => db.selectFrom('alert_changes').selectAll().orderBy('alert_id').orderBy('position').execute());
  return { alerts: page.ok ? page.value.alerts : [], outbox, changes, watermark: await state.positions.watermark(1) };
}

describe('alerting, whatever the cuts and crashes', () => {
  it('ends with the alerts of one uninterrupted run', async () => {
    await fc.assert(
      fc.asyncProperty(hits, cuts, troubles, async (all, parts, wrong) => {
        const straight = await testState(now);
        const crooked = await testState(now);
        try {
          for (const block of blocksOf(all, [])) await alerting(straight.state).commitBlock(block);
          const blocks = blocksOf(all, parts);
          for (const [i, block] of blocks.entries()) {
            const trouble = wrong[i] ?? 'none';
            if (trouble === 'crash before the commit')
              await alerting(crooked.state, true)
                .commitBlock(block)
                .catch(() => {});
            await alerting(crooked.state).commitBlock(block);
            if (trouble.startsWith('crash')) await crooked.reopen();
            if (trouble === 'crash after the commit') await alerting(crooked.state).commitBlock(block);
            if (trouble === 'replay two blocks')
              for (const again of blocks.slice(Math.max(0, i - 1), i + 1)) await alerting(crooked.state).commitBlock(again);
          }
          const expected = await everything(straight.state);
          expect(await everything(crooked.state)).toEqual(expected);
          expect(expected.alerts.reduce((sum, alert) => sum + alert.count, 0)).toBe(all.length);
        } finally {
          await straight.remove();
          await crooked.remove();
        }
      }),
      { numRuns: 30 },
    );
  }, 120_000);
});
