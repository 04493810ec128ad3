import { afterEach, describe, expect, it } from 'vitest';
import { ok } from '../../src/lib/result.ts';
import { openState } from '../../src/store/state/open.ts';
import type { State } from '../../src/store/state/state.ts';
import type { StatePlace } from './state.contract.ts';

const FIRST_PAGE = { offset: 0, limit: 10 };

/** What every state database must do for people and lists, whichever it is. */
export function peopleContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`people and lists: ${name}`, () => {
    const opened: State[] = [];
    let clock = 1_000;

    const open = async (place: StatePlace): Promise<State> => {
      const state = await openState(place.settings, { folder: place.folder, now: () => clock++ });
      opened.push(state);
      return state;
    };
    const fresh = async (): Promise<State> => open(await newPlace());
    const user = async ({ scim }: State, userName: string, externalId?: string) => {
      const made = await scim.createUser({ name: userName, externalId }, { userName, active: true });
      if (!made.ok) throw new Error(made.error);
      return made.value;
    };

    afterEach(async () => {
      for (const state of opened.splice(0)) await state.close();
    });

    it('keeps lists with their entries, one for each value in any case', async () => {
      const { lists } = await fresh();
      const list = { name: 'vpn', kind: 'text', reason: 'why', author: 'carol', fields: ['host.name'] } as const;
      expect([await lists.create(list), await lists.create(list)]).toEqual([true, false]);
      const entry = (value: string, more = {}) => ({ value, reason: 'r', author: 'a', ...more });
      expect(await lists.put('vpn', [entry('One'), entry('two', { expiresAt: 9_000 }), entry('TWO')], 3)).toBe('done');
      expect(await lists.put('vpn', [entry('one'), entry('three'), entry('four')], 3)).toBe('full');
      expect(await lists.put('vpn', [entry('ONE', { reason: 'new' })], 2)).toBe('done');
      expect(await lists.put('none', [entry('x')], 3)).toBe('not_found');
      const [kept] = await lists.all();
      expect(kept).toMatchObject({ name: 'vpn', kind: 'text', reason: 'why', author: 'carol', fields: ['host.name'] });
      expect(kept?.entries.map(({ value, reason }) => [value, reason])).toEqual([
        ['TWO', 'r'],
        ['ONE', 'new'],
      ]);
      expect([await lists.remove('vpn', 'two'), await lists.remove('vpn', 'two')]).toEqual([true, false]);
      expect([await lists.describe('vpn', 'now'), await lists.describe('none', 'now')]).toEqual([true, false]);
      expect(await lists.delete('vpn')).toBe(true);
      expect(await lists.all()).toEqual([]);
    });

    it('tells other hubs on the database of changes, and of nothing else', async () => {
      const place = await newPlace();
      const [here, there] = [await open(place), await open(place)];
      expect(await there.lookUpVersions()).toEqual({ people: 0, lists: 0 });
      await here.lists.create({ name: 'l', kind: 'asn', reason: 'r', author: 'a', fields: [] });
      await here.lists.create({ name: 'l', kind: 'asn', reason: 'r', author: 'a', fields: [] });
      await user(here, 'alice');
      expect(await there.lookUpVersions()).toEqual({ people: 1, lists: 1 });
      expect(await here.scim.deleteUser('nobody')).toBe(false);
      expect(await there.lookUpVersions()).toEqual({ people: 1, lists: 1 });
    });

    it('keeps users, each name once in any case, and finds them by name, id and external id', async () => {
      const state = await fresh();
      const alice = await user(state, 'Alice@example.com', 'ext-1');
      const bob = await user(state, 'bob@example.com');
      expect(await state.scim.createUser({ name: 'ALICE@EXAMPLE.COM', externalId: undefined }, {})).toEqual({ ok: false, error: 'taken' });
      const find = async (attribute: 'id' | 'name' | 'externalId', value: string) =>
        (await state.scim.users({ where: { attribute, value }, ...FIRST_PAGE })).found.map(({ id }) => id);
      expect(await find('name', 'alice@EXAMPLE.com')).toEqual([alice.id]);
      expect(await find('externalId', 'ext-1')).toEqual([alice.id]);
      expect(await find('externalId', 'EXT-1')).toEqual([]);
      expect(await find('id', bob.id)).toEqual([bob.id]);
      expect(await state.scim.users({ offset: 1, limit: 1 })).toMatchObject({ total: 2, found: [{ id: bob.id }] });
      expect(await state.scim.users({ offset: 0, limit: 0 })).toEqual({ total: 2, found: [] });
    });

    it('changes a user, unless the change is refused or takes a name that is taken', async () => {
      const state = await fresh();
      const alice = await user(state, 'alice');
      await user(state, 'bob');
      const rename = (name: string) =>
        state.scim.changeUser(alice.id, ({ attributes }) =>
          ok({ keys: { name, externalId: 'x' }, attributes: { ...attributes, userName: name } }),
        );
      expect(await rename('BOB')).toEqual({ ok: false, error: 'taken' });
      expect(await rename('Alice')).toMatchObject({ ok: true, value: { attributes: { userName: 'Alice', active: true } } });
      expect(await state.scim.changeUser('none', () => ok({ keys: { name: 'n', externalId: undefined }, attributes: {} }))).toEqual({
        ok: false,
        error: 'not_found',
      });
      expect(await state.scim.changeUser(alice.id, () => ({ ok: false, error: 'no' as const }))).toEqual({ ok: false, error: 'no' });
      const kept = await state.scim.user(alice.id);
      expect(kept?.attributes.userName).toBe('Alice');
      expect(kept?.changedAt).toBeGreaterThan(kept?.createdAt ?? 0);
    });

    it('lets no change of concurrent writers go missing', async () => {
      const place = await newPlace();
      const states = [await open(place), await open(place)];
      const [first] = states;
      if (first === undefined) throw new Error('no state');
      const { id } = await user(first, 'alice');
      const count = (state: State) =>
        state.scim.changeUser(id, ({ attributes }) =>
          ok({ keys: { name: 'alice', externalId: undefined }, attributes: { ...attributes, count: Number(attributes.count ?? 0) + 1 } }),
        );
      await Promise.all(states.flatMap((state) => Array.from({ length: 10 }, () => count(state))));
      expect((await first.scim.user(id))?.attributes.count).toBe(20);
    });

    it('keeps groups with their members, who are users or nobody', async () => {
      const state = await fresh();
      const { scim } = state;
      const [alice, bob] = [await user(state, 'alice'), await user(state, 'bob')];
      const keys = { name: 'Admins', externalId: undefined };
      const attributes = { displayName: 'Admins' };
      const made = await scim.createGroup({ keys, attributes, members: { set: [alice.id] } });
      if (!made.ok) throw new Error(made.error);
      const { id } = made.value;
      expect(made.value.members).toEqual([{ id: alice.id, name: 'alice' }]);
      expect(await scim.createGroup({ keys: { ...keys, name: 'admins' }, attributes })).toEqual({ ok: false, error: 'taken' });
      const members = async (change: { set?: string[]; add?: string[]; remove?: string[] }) => {
        const changed = await scim.changeGroup(id, (group) => ok({ keys, attributes: group.attributes, members: change }));
        return changed.ok ? changed.value.members?.map(({ name }) => name) : changed.error;
      };
      expect(await members({ add: [bob.id, bob.id, alice.id] })).toEqual(['alice', 'bob']);
      expect(await members({ remove: [alice.id, 'nobody'] })).toEqual(['bob']);
      expect(await members({ set: ['nobody'] })).toBe('no_such_member');
      expect(await members({})).toEqual(['bob']);
      expect((await scim.user(bob.id))?.groups).toEqual([{ id, name: 'Admins' }]);
      expect((await scim.groups({ ...FIRST_PAGE, withMembers: false })).found[0]).not.toHaveProperty('members');
      await scim.deleteUser(bob.id);
      expect((await scim.group(id))?.members).toEqual([]);
      expect([await scim.deleteGroup(id), await scim.deleteGroup(id)]).toEqual([true, false]);
    });
  });
}
