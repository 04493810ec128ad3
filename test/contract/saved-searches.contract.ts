import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState } from '../../src/store/state/open.ts';
import { MOST_SAVED_SEARCHES } from '../../src/store/state/saved-searches.ts';
import type { State } from '../../src/store/state/state.ts';
import type { StatePlace } from './state.contract.ts';

const ANA = { key: 'user:1', name: 'ana' };
const BOB = { key: 'user:2', name: 'bob' };
const content = { name: 'Failed', query: 'event.outcome:failure', from: 'now-24h', to: 'now', columns: ['user.name'], shared: false };

/** Saved searches over each state database. */
export function savedSearchesContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`saved searches over ${name}`, () => {
    let state: State;
    beforeEach(async () => {
      const { settings, folder } = await newPlace();
      state = await openState(settings, { folder, now: () => 5 });
    });
    afterEach(() => state.close());

    const names = async (owner: string) => (await state.savedSearches.list(owner)).map((search) => `${search.ownerName} ${search.name}`);

    it('are seen by their owner, and by all when they are for all', async () => {
      await state.savedSearches.create(ANA, content);
      await state.savedSearches.create(ANA, { ...content, name: 'All', shared: true });
      await state.savedSearches.create(BOB, content);
      expect(await names(ANA.key)).toEqual(['ana All', 'ana Failed']);
      expect(await names(BOB.key)).toEqual(['ana All', 'bob Failed']);
    });

    it('keep what was written, and have one name for each owner', async () => {
      const made = await state.savedSearches.create(ANA, content);
      expect(made).toMatchObject({ ok: true, value: { ...content, createdAt: 5, changedAt: 5 } });
      expect(await state.savedSearches.create(ANA, content)).toEqual({ ok: false, error: 'taken' });
      const other = await state.savedSearches.create(ANA, { ...content, name: 'Other' });
      const id = other.ok ? other.value.id : '';
      expect(await state.savedSearches.change(id, content)).toEqual({ ok: false, error: 'taken' });
      expect(await state.savedSearches.change(id, { ...content, name: 'Other', columns: [] })).toMatchObject({ value: { columns: [] } });
      expect(await state.savedSearches.change('none', content)).toEqual({ ok: false, error: 'not_found' });
      expect(await state.savedSearches.delete(id)).toBe(true);
      expect(await state.savedSearches.delete(id)).toBe(false);
      expect(await state.savedSearches.get(id)).toBeUndefined();
    });

    it('are bounded', async () => {
      for (let i = 0; i < MOST_SAVED_SEARCHES; i++) await state.savedSearches.create(ANA, { ...content, name: `${i}` });
      expect(await state.savedSearches.create(ANA, content)).toEqual({ ok: false, error: 'full' });
      expect(await state.savedSearches.create(BOB, content)).toMatchObject({ ok: true });
    });
  });
}
