import { expect, it, onTestFinished } from 'vitest';
import { testState } from '../test/support/state.ts';
import { chainLinks } from './hub-api.ts';

it('gives all links to verification, however many there are', async () => {
  const { state, remove } = await testState(Date.now);
  onTestFinished(remove);
  const hashOf = (seq: number): string => seq.toString(16).padStart(64, '0');
  const seqs = Array.from({ length: 2_000 }, (_, i) => i + 1);
  await state.transaction(async (tx) => {
    for (const seq of seqs) {
      const chain = { previous: hashOf(seq - 1), hash: hashOf(seq), count: 1 };
      await state.positions.pass(tx, { node: 1, firstSeq: seq, lastSeq: seq, keys: [], checkpoints: [], chain });
    }
  });
  const given: number[] = [];
  for await (const { lastSeq } of chainLinks({ state, settings: { node: 1 } })) given.push(lastSeq);
  expect(given).toEqual(seqs);
});
