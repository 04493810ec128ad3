import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SeguraApiSimulator, startSeguraApi } from '../../../test/simulators/segura-api.ts';
import { startActing } from '../../../test/support/acting.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import type { Acting } from '../../hub/acts/acting.ts';
import { type Act, standText } from '../../model/act.ts';
import { settingsSchema } from '../../settings.ts';

const [FIRST, SECOND, THIRD] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const ANA = { name: 'ana', kind: 'user' } as const;

let place: TestState;
let vault: SeguraApiSimulator;
let acting: Acting;

const start = (more: Readonly<Record<string, unknown>> = {}, acts: Readonly<Record<string, unknown>> = {}) => {
  const { url, clientId, clientSecret } = vault;
  const system = { type: 'segura_sessions', url, client_id: clientId, client_secret: clientSecret, ...more };
  const settings = settingsSchema.parse({ acts: { systems: { vault: system }, ...acts } });
  acting = startActing(place.state, settings);
};

beforeEach(async () => {
  place = await testState(Date.now);
  const open = (id: string, user: string, device: string, end = '') => ({ id, user, credential: 'root', device, end });
  vault = await startSeguraApi([
    open(FIRST, 'jsilva', 'db1'),
    open(SECOND, 'jsilva', 'db2'),
    open(THIRD, 'jsilva', 'db3', '2026-11-21 12:00:00'),
  ]);
});
afterEach(async () => {
  await acting.stop();
  await vault.stop();
  await place.remove();
});

const plan = (...targets: string[]) => acting.plan({ targets, devices: 'all', reason: '' }, ANA);

async function done(...targets: string[]): Promise<string> {
  const planned = await plan(...targets);
  if (!planned.ok) throw new Error(planned.error.message);
  await acting.confirm(planned.value.id, ANA);
  return planned.value.id;
}

const until = (id: string, state: Act['state']) =>
  vi.waitFor(
    async () => {
      const act = await acting.get(id);
      expect(act?.state).toBe(state);
      return act as Act;
    },
    { timeout: 14_000, interval: 50 },
  );

const refusal = async (...targets: string[]) => {
  const planned = await plan(...targets);
  return planned.ok ? 'planned' : planned.error.message;
};

describe('sessions of Segura', () => {
  it('are all those of a person that are open, ended once, and proven by the vault', async () => {
    start();
    const planned = await plan('JSilva');
    expect(planned).toMatchObject({
      ok: true,
      value: { effect: 'ends the sessions of jsilva on db1 as root (SSH), jsilva on db2 as root (SSH) in Segura' },
    });
    expect(vault.drops).toEqual([]);
    const proven = await until(await done('jsilva'), 'proven');
    expect(vault.drops).toEqual([FIRST, SECOND]);
    expect(standText(proven)).toBe('done and proven');
    expect(proven.history.at(-1)?.note).toBe('by the vault, which says that it ended at 2026-11-21 18:00:00');
  }, 15_000);

  it('are ended one by one by their ids, and not those that are over, nor too many, nor protected ones', async () => {
    start({}, { most_targets: 1, protected: ['jsilva'] });
    expect(await refusal(THIRD)).toMatch(/is no open session in Segura/);
    expect(await refusal('jsilva')).toBe('It would touch 2: acts.most_targets is 1.');
    expect(await refusal(FIRST)).toMatch(/protected account/);
    expect(vault.drops).toEqual([]);
  });

  it('are those of a person on one machine with one account, however the vault calls the machine', async () => {
    start();
    const wanted = { ok: true, value: { effect: 'ends the session of jsilva on db2 as root (SSH) in Segura', targets: [{ id: SECOND }] } };
    expect(await plan('jsilva on db2.example.com (192.0.2.10) as root')).toMatchObject(wanted);
    expect(await plan('JSILVA on DB2 as Root')).toMatchObject(wanted);
    for (const other of ['jsilva on db2 as oracle', 'ben on db2 as root', 'jsilva on db as root', 'jsilva on db3 as root'])
      expect(await refusal(other)).toMatch(/is no open session in Segura/);
    const [, second] = vault.sessions;
    if (second !== undefined) Object.assign(second, { device: 'Data base [192.0.2.10]' });
    expect(await plan('jsilva on db9.example.com (192.0.2.10) as root')).toMatchObject({ ok: true, value: { targets: [{ id: SECOND }] } });
    expect(await refusal('jsilva on data.example.com (192.0.2.11) as root')).toMatch(/is no open session in Segura/);
  });

  it('are not those on a machine of the same name in another domain, or at another address', async () => {
    start();
    const [first, second] = vault.sessions;
    if (first !== undefined) Object.assign(first, { device: 'db1.example.org' });
    if (second !== undefined) Object.assign(second, { device: 'db1 (192.0.2.11)' });
    expect(await refusal('jsilva on db1.example.com (192.0.2.10) as root')).toMatch(/is no open session in Segura/);
    expect(await plan('jsilva on db1.example.org (192.0.2.12) as root')).toMatchObject({ ok: true, value: { targets: [{ id: FIRST }] } });
    expect(await plan('jsilva on db1.example.com (192.0.2.11) as root')).toMatchObject({ ok: true, value: { targets: [{ id: SECOND }] } });
  });

  it('are not said to be over, or not to be there, where the vault says nothing of the kind', async () => {
    start();
    const [first] = vault.sessions;
    if (first !== undefined) first.end = '0000-00-00 00:00:00';
    expect(await plan(FIRST)).toMatchObject({ ok: true, value: { targets: [{ id: FIRST }] } });
    vault.listsAs = (rows) => ({ response: {}, sessions: rows.map((row) => ({ ...row, session_id: 7 })) });
    expect(await refusal('jsilva')).toMatch(/^jsilva is no open session in Segura, and has none, as far as can be told: 3 of its sessions/);
    vault.listsAs = (rows) => ({ response: { sessions: rows } });
    expect(await refusal('jsilva')).toMatch(/a form that is not known/);
    vault.listsAs = () => [];
    expect(await refusal('jsilva')).toBe('jsilva is no open session in Segura, and has none.');
  });

  it('say which settings are wrong where the vault lets nobody in', async () => {
    start({ client_secret: 'wrong' });
    expect(await refusal(FIRST)).toMatch(/^Segura: 401: check acts\.systems\.vault\.client_id and client_secret/);
  });

  it('are not asked to end a second time when what came of it is not known; the vault settles it', async () => {
    start();
    vault.script({ kind: 'reset', act: true });
    const id = await done(FIRST);
    await until(id, 'unknown');
    expect((await until(id, 'proven')).history.map(({ state }) => state)).toContain('unknown');
    expect(vault.drops).toEqual([FIRST]);
  }, 15_000);

  it('are tried again, several as one, where nothing was done to any of them', async () => {
    start();
    vault.script({ kind: 'busy' }, { kind: 'busy' });
    const proven = await until(await done('jsilva'), 'proven');
    expect(vault.drops).toEqual([FIRST, SECOND, FIRST, SECOND]);
    expect(proven.history.map(({ note }) => note).join()).toContain('429, too many calls; it is tried again');
  }, 20_000);

  it('are proven after an outage of ours that was longer than proof is awaited', async () => {
    let now = Date.now();
    const { url, clientId, clientSecret } = vault;
    const system = { type: 'segura_sessions', url, client_id: clientId, client_secret: clientSecret };
    const settings = settingsSchema.parse({ acts: { systems: { vault: system } } });
    acting = startActing(place.state, settings, () => now);
    vault.script({ kind: 'reset', act: true });
    const id = await done(FIRST);
    await until(id, 'unknown');
    await acting.stop();
    now += 45 * 60_000;
    acting = startActing(place.state, settings, () => now);
    expect((await until(id, 'proven')).proofMissed).toBe(false);
  }, 15_000);

  it('are ended at once, also while the vault is silent on what became of others', async () => {
    start();
    vault.isSilent = true;
    const first = await done(FIRST);
    await until(first, 'done');
    // It is asked five seconds later, and keeps us waiting for eight.
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    const second = await done(SECOND);
    await vi.waitFor(() => expect(vault.drops).toEqual([FIRST, SECOND]), { timeout: 3_000 });
    await until(second, 'done');
  }, 20_000);

  it('fail plainly when the vault says that it could not, and are not known where it could some of them', async () => {
    start();
    vault.script({ kind: 'error' });
    expect((await until(await done(FIRST), 'failed')).history.at(-1)?.note).toBe('Segura: An error occurred while droping session');
    vault.script({ kind: 'error' });
    const some = await until(await done('jsilva'), 'unknown');
    expect(some.history.at(-1)?.note).toBe('jsilva on db1 as root (SSH): Segura: An error occurred while droping session');
    const partly = await vi.waitFor(
      async () => {
        const act = await acting.get(some.id);
        expect(act?.proofs).toHaveLength(1);
        return act as Act;
      },
      { timeout: 9_000 },
    );
    expect(partly.history.at(-1)?.note).toMatch(/^jsilva on db2 .*: proven by the vault/);
    expect(partly.state).toBe('unknown');
  }, 15_000);
});
