import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState } from '../../src/store/state/open.ts';
import { MOST_EXCEPTIONS } from '../../src/store/state/rule-care.ts';
import type { State } from '../../src/store/state/state.ts';
import type { StatePlace } from './state.contract.ts';

const content = { rules: ['r1', 'r2'], selection: 's: { f: x }\ncondition: not s', reason: 'known', author: 'ana' };

/** What people say of rules, over each state database. */
export function ruleCareContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`what is said of rules over ${name}`, () => {
    let state: State;
    let now = 5;
    beforeEach(async () => {
      const { settings, folder } = await newPlace();
      now = 5;
      state = await openState(settings, { folder, now: () => now });
    });
    afterEach(() => state.close());

    it('keeps exceptions as they were written, the oldest first', async () => {
      const first = await state.ruleCare.addException(content);
      now = 6;
      const second = await state.ruleCare.addException({ ...content, rules: 'any', expiresAt: 9 });
      const { exceptions } = await state.ruleCare.all();
      expect(exceptions).toEqual([first, second]);
      expect(exceptions).toMatchObject([
        { ...content, createdAt: 5 },
        { rules: 'any', createdAt: 6, expiresAt: 9 },
      ]);
      expect(await state.ruleCare.deleteException(first?.id ?? '')).toBe(true);
      expect(await state.ruleCare.deleteException(first?.id ?? '')).toBe(false);
      expect((await state.ruleCare.all()).exceptions).toEqual([second]);
    });

    it('keeps what was said last of a rule', async () => {
      await state.ruleCare.setMaturity({ ruleId: 'r1', maturity: 'staged', reason: 'noisy', actor: 'ana' });
      now = 6;
      await state.ruleCare.setMaturity({ ruleId: 'r1', maturity: 'live', reason: 'mended', actor: 'bob' });
      expect((await state.ruleCare.all()).maturities).toEqual([{ ruleId: 'r1', maturity: 'live', reason: 'mended', actor: 'bob', at: 6 }]);
    });

    it('has another version after each change', async () => {
      const versions = [await state.ruleCare.version()];
      const added = await state.ruleCare.addException(content);
      versions.push(await state.ruleCare.version());
      await state.ruleCare.setMaturity({ ruleId: 'r1', maturity: 'live', reason: 'x', actor: 'ana' });
      versions.push(await state.ruleCare.version());
      await state.ruleCare.deleteException(added?.id ?? '');
      versions.push(await state.ruleCare.version());
      expect(new Set(versions).size).toBe(4);
      expect((await state.ruleCare.all()).version).toBe(versions[3]);
    });

    it('is bounded', async () => {
      const rows = Array.from({ length: MOST_EXCEPTIONS }, (_, i) => ({
        ...{ id: `e${i}`, rules: '"any"', selection: '', reason: '', author: '', created_at: 1, expires_at: null },
      }));
      for (let i = 0; i < rows.length; i += 100)
        await state.transaction((tx) =>
          tx
            .insertInto('rule_exceptions')
            .values(rows.slice(i, i + 100))
            .execute(),
        );
      expect(await state.ruleCare.addException(content)).toBeUndefined();
    });
  });
}
