import { afterEach, describe, expect, it } from 'vitest';
import { openState } from '../../src/store/state/open.ts';
import type { StateSettings } from '../../src/store/state/settings.ts';
import type { State } from '../../src/store/state/state.ts';

/** A database that can be opened several times, as several hubs (or a hub and a command) do. */
export interface StatePlace {
  readonly settings: StateSettings;
  readonly folder: string;
}

/** What every state database must do, whichever it is. */
export function stateContract(name: string, newPlace: () => Promise<StatePlace>): void {
  describe(`state database: ${name}`, () => {
    const opened: State[] = [];
    let clock = 1_000_000;

    const open = async (place: StatePlace): Promise<State> => {
      const state = await openState(place.settings, { folder: place.folder, now: () => clock });
      opened.push(state);
      return state;
    };
    const fresh = async (): Promise<State> => open(await newPlace());

    afterEach(async () => {
      clock = 1_000_000;
      for (const state of opened.splice(0)) await state.close();
    });

    it('takes two openers of a new database at once', async () => {
      const place = await newPlace();
      const [a, b] = await Promise.all([open(place), open(place)]);
      expect(await a.positions.watermark(1)).toBe(0);
      expect(await b.positions.watermark(1)).toBe(0);
    });

    it('refuses what a newer program wrote, and says so', async () => {
      const place = await newPlace();
      const state = await open(place);
      // The table is Kysely's own and not among ours.
      await state.transaction((tx) =>
        tx
          .withTables<{ kysely_migration: { name: string; timestamp: string } }>()
          .insertInto('kysely_migration')
          .values({ name: '9999_from_the_future', timestamp: '2099-01-01T00:00:00.000Z' })
          .execute(),
      );
      await expect(open(place)).rejects.toMatchObject({
        code: 'EAR_STATE_NEWER',
        message: expect.stringContaining('9999_from_the_future'),
      });
    });

    it('keeps nothing of a transaction that fails', async () => {
      const state = await fresh();
      const failed = state.transaction(async (tx) => {
        await tx.insertInto('checkpoints').values({ source: 's', checkpoint: '{}', changed_at: 1 }).execute();
        throw new Error('half-way');
      });
      await expect(failed).rejects.toThrow('half-way');
      expect(await state.positions.checkpoint('s')).toBeUndefined();
    });

    it('lets no update of concurrent writers go missing', async () => {
      const place = await newPlace();
      const states = await Promise.all([open(place), open(place), open(place)]);
      await states[0]?.transaction((tx) => tx.insertInto('locks').values({ name: 'n', taken: 0 }).execute());
      const add = (state: State) =>
        state.transaction(async (tx) => {
          const { taken } = await tx
            .updateTable('locks')
            .set((set) => ({ taken: set('taken', '+', 1) }))
            .where('name', '=', 'n')
            .returning('taken')
            .executeTakeFirstOrThrow();
          return taken;
        });
      const seen = await Promise.all(states.flatMap((state) => Array.from({ length: 20 }, () => add(state))));
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    });

    it('gives whole numbers back as they were, up to 2^53 - 1', async () => {
      const state = await fresh();
      await state.transaction((tx) => tx.insertInto('watermarks').values({ node: 1, last_seq: Number.MAX_SAFE_INTEGER }).execute());
      expect(await state.positions.watermark(1)).toBe(Number.MAX_SAFE_INTEGER);
    });

    describe('leases', () => {
      it('go to one of many who ask at once', async () => {
        const place = await newPlace();
        const states = await Promise.all([open(place), open(place), open(place)]);
        const got = await Promise.all(states.map((state, i) => state.leases.acquire('outbox', `hub-${i}`, 1_000)));
        expect(got.filter((lease) => lease !== undefined)).toHaveLength(1);
      });

      it('are taken over when they end, under a higher token', async () => {
        const state = await fresh();
        const first = await state.leases.acquire('outbox', 'a', 1_000);
        expect(await state.leases.acquire('outbox', 'b', 1_000)).toBeUndefined();
        clock += 1_000;
        const second = await state.leases.acquire('outbox', 'b', 1_000);
        expect(second?.token).toBeGreaterThan(first?.token ?? Number.POSITIVE_INFINITY);
      });

      it('come back to a holder that restarts, and its old self is refused', async () => {
        const state = await fresh();
        const old = await state.leases.acquire('outbox', 'a', 1_000);
        const own = await state.leases.acquire('outbox', 'a', 1_000);
        expect(own?.token).toBe(2);
        expect(old && (await state.leases.renew(old, 1_000))).toBeUndefined();
      });

      it('refuse the write of a holder that was overtaken, also when it takes its lease for valid', async () => {
        const state = await fresh();
        const stale = await state.leases.acquire('outbox', 'a', 1_000);
        clock += 1_000;
        await state.leases.acquire('outbox', 'b', 60_000);
        clock -= 500;
        const wrote = stale && (await state.fenced(stale, (tx) => tx.insertInto('locks').values({ name: 'x', taken: 1 }).execute()));
        expect(wrote).toBeUndefined();
        expect(await state.read((db) => db.selectFrom('locks').selectAll().execute())).toEqual([]);
      });

      it('let their holder write, and be renewed and released', async () => {
        const state = await fresh();
        const lease = await state.leases.acquire('outbox', 'a', 1_000);
        if (lease === undefined) throw new Error('no lease');
        expect(await state.fenced(lease, async () => 'wrote')).toBe('wrote');
        clock += 900;
        const longer = await state.leases.renew(lease, 1_000);
        expect(longer?.expiresAt).toBe(clock + 1_000);
        await state.leases.release(lease);
        const next = await state.leases.acquire('outbox', 'b', 1_000);
        expect(next?.token).toBe(2);
      });
    });

    describe('tokens', () => {
      it('are known by their text alone, of which nothing is kept', async () => {
        const state = await fresh();
        const made = await state.tokens.create({ name: 'grafana', scopes: ['metrics:read'] });
        expect(made?.token).toMatch(/^ear_[A-Za-z0-9_-]{43}$/);
        expect(await state.tokens.verify(made?.token ?? '')).toEqual({ name: 'grafana', scopes: ['metrics:read'] });
        const rows = await state.read((db) => db.selectFrom('tokens').selectAll().execute());
        expect(JSON.stringify(rows)).not.toContain(made?.token.slice(4));
      });

      it('are not known when wrong, revoked or of no form', async () => {
        const state = await fresh();
        const made = await state.tokens.create({ name: 'a', scopes: [] });
        expect(await state.tokens.verify(`ear_${'A'.repeat(43)}`)).toBeUndefined();
        expect(await state.tokens.verify('')).toBeUndefined();
        expect(await state.tokens.verify(`${made?.token} `)).toBeUndefined();
        expect(await state.tokens.revoke('a')).toBe(true);
        expect(await state.tokens.revoke('a')).toBe(false);
        expect(await state.tokens.verify(made?.token ?? '')).toBeUndefined();
      });

      it('have names of their own, and say when they were last used', async () => {
        const state = await fresh();
        const made = await state.tokens.create({ name: 'a', scopes: ['admin'] });
        expect(await state.tokens.create({ name: 'a', scopes: [] })).toBeUndefined();
        clock += 5;
        await state.tokens.verify(made?.token ?? '');
        expect(await state.tokens.list()).toMatchObject([{ name: 'a', scopes: ['admin'], createdAt: 1_000_000, lastUsedAt: 1_000_005 }]);
      });
    });

    describe('users', () => {
      const ada = { name: 'ada', displayName: 'Ada', role: 'admin', datasets: ['a.*', 'b'] } as const;
      const bounds = { idleMs: 1_000, mostMs: 10_000 };
      const from = { way: 'password', address: '192.0.2.1', agent: 'test' } as const;
      const made = async (state: State, name = 'ada') => {
        const user = await state.users.create({ ...ada, name });
        if (user === undefined) throw new Error(`${name} is there already`);
        return user;
      };

      it('are kept with role and datasets; names are theirs alone', async () => {
        const state = await fresh();
        expect(await state.users.any()).toBe(false);
        const user = await made(state);
        expect(await state.users.create(ada)).toBeUndefined();
        expect(await state.users.byName('ada')).toEqual(user);
        expect(user).toMatchObject({ ...ada, hasPassword: false, fromProvider: false, disabled: false });
        expect(await state.users.list()).toEqual([user]);
      });

      it('of administrators who are taken away at the same moment, one stays', async () => {
        const place = await newPlace();
        const states = [await open(place), await open(place), await open(place)] as const;
        const users = [await made(states[0], 'a'), await made(states[0], 'b'), await made(states[0], 'c')] as const;
        for (const { id } of users) await states[0].users.setPassword(id, 'hash');
        const done = await Promise.all([
          states[0].users.remove(users[0].id),
          states[1].users.change(users[1].id, { role: 'viewer' }),
          states[2].users.change(users[2].id, { disabled: true }),
        ]);
        expect(done.filter(({ ok }) => ok)).toHaveLength(2);
      });

      it('of a provider are found by its name for them, and take no account that is not its own', async () => {
        const state = await fresh();
        await made(state);
        expect(await state.users.fromProvider('https://idp#1', ada)).toEqual({ ok: false, error: 'name_taken' });
        const eve = await state.users.fromProvider('https://idp#1', { ...ada, name: 'eve' });
        const renamed = await state.users.fromProvider('https://idp#1', { ...ada, name: 'eve2', role: 'viewer', datasets: [] });
        const before = eve.ok ? eve.value.after : undefined;
        expect(renamed).toEqual({ ok: true, value: { before, after: { ...before, role: 'viewer', datasets: [] } } });
        expect(await state.users.fromProvider('https://idp#2', { ...ada, name: 'eve' })).toEqual({ ok: false, error: 'name_taken' });
      });

      it('are known at the last twenty addresses that they signed in from', async () => {
        const state = await fresh();
        const { id } = await made(state);
        for (let i = 0; i < 21; i++) {
          clock += 1;
          await state.users.signedIn(id, `192.0.2.${i}`);
        }
        expect((await state.users.credentials('ada', '192.0.2.0'))?.known).toBe(false);
        expect((await state.users.credentials('ada', '192.0.2.1'))?.known).toBe(true);
        expect(await state.users.byId(id)).toMatchObject({ lastSignInAt: clock });
      });

      it('have sessions, which end with time and with them', async () => {
        const state = await fresh();
        const user = await made(state);
        const { token, id } = await state.sessions.open(user.id, from);
        expect(await state.sessions.find(token, bounds)).toEqual({ id, user });
        expect(await state.sessions.find(`${token.slice(1)}A`, bounds)).toBeUndefined();
        clock += 1_000;
        expect(await state.sessions.find(token, bounds)).toBeUndefined();
        expect(await state.sessions.list(user.id, bounds)).toEqual([]);
        expect(await state.sessions.find(token, { idleMs: 5_000, mostMs: 1_000 })).toBeUndefined();
        expect(await state.sessions.find(token, { idleMs: 5_000, mostMs: 5_000 })).toBeDefined();
        await state.transaction((tx) => tx.updateTable('users').set({ disabled: 1 }).execute());
        expect(await state.sessions.find(token, { idleMs: 5_000, mostMs: 5_000 })).toBeUndefined();
        await state.transaction((tx) => tx.updateTable('users').set({ disabled: 0 }).execute());
        await state.sessions.prune(bounds);
        expect(await state.sessions.find(token, { idleMs: 5_000, mostMs: 5_000 })).toBeUndefined();
      });

      it('end their own sessions alone', async () => {
        const state = await fresh();
        const [one, other] = [await made(state), await made(state, 'eve')];
        const [a, b, c] = [
          await state.sessions.open(one.id, from),
          await state.sessions.open(one.id, from),
          await state.sessions.open(other.id, from),
        ];
        expect(await state.sessions.end(one.id, { id: c.id })).toBe(0);
        expect(await state.sessions.end(one.id, { except: a.id })).toBe(1);
        expect(await state.sessions.find(b.token, bounds)).toBeUndefined();
        expect(await state.sessions.end(one.id, {})).toBe(1);
        expect(await state.sessions.find(c.token, bounds)).toBeDefined();
      });

      it('choose a password by a link, once; the first link is for when there is nobody', async () => {
        const state = await fresh();
        const first = await state.setupLinks.create(undefined, 1_000);
        const user = await made(state);
        expect(await state.setupLinks.look(first.code)).toBeUndefined();
        expect(await state.setupLinks.acceptFirst(first.code, { name: 'eve', displayName: '' }, 'hash')).toBeUndefined();
        const { code } = await state.setupLinks.create(user.id, 1_000);
        expect(await state.setupLinks.acceptFirst(code, { name: 'eve', displayName: '' }, 'hash')).toBeUndefined();
        const again = await state.setupLinks.create(user.id, 1_000);
        const used = await Promise.all([state.setupLinks.accept(again.code, 'one'), state.setupLinks.accept(again.code, 'two')]);
        expect(used.filter((one) => one !== undefined)).toHaveLength(1);
        const late = await state.setupLinks.create(user.id, 1_000);
        clock += 1_000;
        expect(await state.setupLinks.accept(late.code, 'three')).toBeUndefined();
      });

      it('tokens may be held to datasets', async () => {
        const state = await fresh();
        const token = await state.tokens.create({ name: 't', scopes: ['events:read'], datasets: ['linux.*'] });
        expect(await state.tokens.verify(token?.token ?? '')).toEqual({ name: 't', scopes: ['events:read'], datasets: ['linux.*'] });
      });
    });

    describe('ingest keys', () => {
      const put = (state: State, keys: readonly string[], createdAt = 0) =>
        state.transaction((tx) =>
          tx
            .insertInto('ingest_keys')
            .values(keys.map((key, i) => ({ key, source: 's', node: 1, first_seq: i + 1, count: 2, created_at: createdAt })))
            .execute(),
        );

      it('lead to the place of what they named', async () => {
        const state = await fresh();
        await put(state, ['http:a']);
        expect(await state.ingestKeys.lookup('http:a')).toEqual({ firstSeq: 1, count: 2, duplicate: true });
        expect(await state.ingestKeys.lookup('HTTP:A')).toBeUndefined();
      });

      it('are listed by prefix, byte by byte, in pages', async () => {
        const state = await fresh();
        await put(state, ['import:a:1', 'import:a:10', 'import:a:2', 'import:A:1', 'import:a%:1', 'import:a:é', 'import:b:1']);
        const all = await state.ingestKeys.withPrefix('import:a:');
        expect(all.map((row) => row.key)).toEqual(['import:a:1', 'import:a:10', 'import:a:2', 'import:a:é']);
        const page = await state.ingestKeys.withPrefix('import:a:', { after: 'import:a:10', limit: 1 });
        expect(page.map((row) => row.key)).toEqual(['import:a:2']);
      });

      it('go with age, those of imports never', async () => {
        const state = await fresh();
        await put(state, ['http:old', 'import:old:1', 'zoo'], 10);
        await put(state, ['http:new'], 20);
        expect(await state.ingestKeys.prune(20)).toBe(2);
        expect(await state.ingestKeys.lookup('import:old:1')).toBeDefined();
        expect(await state.ingestKeys.lookup('http:new')).toBeDefined();
        expect(await state.ingestKeys.lookup('zoo')).toBeUndefined();
      });
    });

    it('lists the hash chain from a place on', async () => {
      const state = await fresh();
      const link = (firstSeq: number) => ({
        node: 1,
        first_seq: firstSeq,
        last_seq: firstSeq + 9,
        count: 10,
        previous: 'a',
        hash: `${firstSeq}`,
      });
      await state.transaction((tx) =>
        tx
          .insertInto('chain_links')
          .values([link(1), link(11), link(21)])
          .execute(),
      );
      expect((await state.positions.chainLinks(1, { fromSeq: 15 })).map((each) => each.firstSeq)).toEqual([11, 21]);
      expect(await state.positions.lastChainLink(1)).toEqual({ node: 1, firstSeq: 21, lastSeq: 30, count: 10, previous: 'a', hash: '21' });
      expect(await state.positions.lastChainLink(2)).toBeUndefined();
    });
  });
}
