import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestState, testState } from '../../../test/support/state.ts';
import { HeldLease } from './held-lease.ts';

let clock = 1_000;
const now = () => clock;
let test: TestState;
beforeEach(async () => {
  clock = 1_000;
  test = await testState(now);
});
afterEach(() => test.remove());

const heldBy = (holder: string) => new HeldLease(test.state.leases, { name: 'work', holder, ttlMs: 1_000, now });

it('is one holder at a time, until that one gives it up or its time is over', async () => {
  const [ours, theirs] = [heldBy('hub-1'), heldBy('hub-2')];
  expect(await ours.hold()).toMatchObject({ holder: 'hub-1', expiresAt: 2_000 });
  expect(await theirs.hold()).toBeUndefined();
  await ours.release();
  const taken = await theirs.hold();
  expect(taken).toMatchObject({ holder: 'hub-2' });
  clock = 2_001;
  expect(await ours.hold()).toMatchObject({ holder: 'hub-1', expiresAt: 3_001 });
  expect(await theirs.hold()).toBeUndefined();
});

it('is made longer only when half of its time is over', async () => {
  const ours = heldBy('hub-1');
  const first = await ours.hold();
  clock = 1_499;
  expect(await ours.hold()).toBe(first);
  clock = 1_500;
  expect(await ours.hold()).toMatchObject({ token: first?.token, expiresAt: 2_500 });
});

it('that was lost is asked for anew, under another token', async () => {
  const ours = heldBy('hub-1');
  const first = await ours.hold();
  ours.lost();
  expect((await ours.hold())?.token).toBeGreaterThan(first?.token ?? 0);
});
