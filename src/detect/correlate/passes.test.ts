import { expect, it } from 'vitest';
import { correlation } from '../../../test/support/correlation-timelines.ts';
import type { EventEngine } from '../../store/store.ts';
import { beginWhole } from './passes.ts';
import { watchedOf } from './watched.ts';

const BEGAN = 1_000_000;
const counted = correlation(
  'often',
  { timespanMs: 60_000, groupNames: ['user'], rules: ['r'] },
  { type: 'event_count', bounds: [{ op: 'gte', number: 2 }] },
);

it.each([
  ['before it was loaded', BEGAN - 60_000, true],
  ['as it was loaded, by a clock of whole seconds', BEGAN - 900, false],
  ['while its past was being counted', BEGAN + 20_000, false],
  ['since it is live', BEGAN + 40_000, false],
])('what a new correlation has found %s: late?', (_, last, late) => {
  const watched = watchedOf([{ identity: 'often@1', correlation: counted, beganAt: BEGAN, liveAt: BEGAN + 30_000 }], 0);
  const [of] = [...watched.values()];
  if (of === undefined) throw new Error('nothing is watched');
  const deps = {
    engine: {} as EventEngine,
    watched,
    announced: async () => [],
    write: async () => {},
    tooMuch: () => undefined,
    waits: () => false,
  };
  const { isLate } = beginWhole(deps, of, { seqs: new Map(), watermark: 0 }, 0);
  expect(isLate({ watched: of, groupKey: '', values: [], first: last, last, value: 0, certain: true })).toBe(late);
});
