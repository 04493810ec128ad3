import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestState, testState } from '../../test/support/state.ts';
import { unsaid } from './unsaid.ts';
import { claimWhisper, queueWhispers, settleWhisper } from './whisper-rows.ts';

let test: TestState;
beforeEach(async () => {
  test = await testState(() => 0);
});
afterEach(() => test.remove());

/** Tells each at its moment, and has the target refuse it. */
async function refused(listeners: readonly string[], why = 'channel_not_found') {
  for (const [i, listener] of listeners.entries()) {
    const whisper = { key: `${why} ${i}`, notifier: 'security', place: 'C1', listener, answer: [] };
    await test.state.transaction(async (tx) => {
      await queueWhispers(tx, [whisper], i);
      const row = await claimWhisper(tx, 'security', i);
      if (row === undefined) throw new Error('nothing is due');
      await settleWhisper(tx, row, { verdict: 'reject', why }, { now: i, maxAttempts: 1, delayMs: () => 0 });
    });
  }
}

it('is summed up by what it was and why, the newest first, and does not say who listens', async () => {
  await refused(['digest/daily', 'ana', 'mute/7', 'bob', 'digest/daily']);
  await refused(['ana'], 'is_archived');
  const about = { notifier: 'security', why: 'channel_not_found' };
  expect(await test.state.read(unsaid)).toEqual([
    { ...about, kind: 'digest', digest: 'daily', count: 2, lastAt: 4 },
    { ...about, kind: 'heard', count: 2, lastAt: 3 },
    { ...about, kind: 'mute', count: 1, lastAt: 2 },
    { ...about, kind: 'heard', why: 'is_archived', count: 1, lastAt: 0 },
  ]);
});

it('is nothing where all was told, or is on its way', async () => {
  await test.state.transaction((tx) =>
    queueWhispers(tx, [{ key: 'k', notifier: 'security', place: null, listener: 'ana', answer: [] }], 1),
  );
  expect(await test.state.read(unsaid)).toEqual([]);
});
