import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openState } from '../../src/store/state/open.ts';
import { stateSettings } from '../../src/store/state/settings.ts';
import { findPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { actsContract } from './acts.contract.ts';
import { alertLifeContract } from './alert-life.contract.ts';
import { alertingContract } from './alerting.contract.ts';
import { asksContract } from './asks.contract.ts';
import { clicksContract } from './clicks.contract.ts';
import { digestsContract } from './digests.contract.ts';
import { listeningContract } from './listening.contract.ts';
import { messagesContract } from './messages.contract.ts';
import { peopleContract } from './people.contract.ts';
import { ruleCareContract } from './rule-care.contract.ts';
import { savedSearchesContract } from './saved-searches.contract.ts';
import { stateContract } from './state.contract.ts';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-state-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const sqlite = async () => ({ settings: stateSettings.parse({ type: 'sqlite' }), folder: newFolder() });
stateContract('SQLite', sqlite);
alertingContract('SQLite', sqlite);
peopleContract('SQLite', sqlite);
messagesContract('SQLite', sqlite);
alertLifeContract('SQLite', sqlite);
savedSearchesContract('SQLite', sqlite);
ruleCareContract('SQLite', sqlite);
clicksContract('SQLite', sqlite);
listeningContract('SQLite', sqlite);
digestsContract('SQLite', sqlite);
actsContract('SQLite', sqlite);
asksContract('SQLite', sqlite);

const bin = findPostgres();
if (bin === undefined && process.env.CI === 'true') throw new Error('no PostgreSQL on this machine: CI must have one');
if (bin === undefined) console.warn('SKIPPED: the state database contract on PostgreSQL, because no PostgreSQL was found');

describe.skipIf(bin === undefined)('with a PostgreSQL server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres(bin ?? '');
  }, 60_000);
  afterAll(() => server?.stop(), 30_000);

  const postgres = async () => ({
    settings: stateSettings.parse({ type: 'postgres', url: await server.database() }),
    folder: newFolder(),
  });
  stateContract('PostgreSQL', postgres);
  alertingContract('PostgreSQL', postgres);
  peopleContract('PostgreSQL', postgres);
  messagesContract('PostgreSQL', postgres);
  alertLifeContract('PostgreSQL', postgres);
  savedSearchesContract('PostgreSQL', postgres);
  ruleCareContract('PostgreSQL', postgres);
  clicksContract('PostgreSQL', postgres);
  listeningContract('PostgreSQL', postgres);
  digestsContract('PostgreSQL', postgres);
  actsContract('PostgreSQL', postgres);
  asksContract('PostgreSQL', postgres);

  it('is back by itself when the server ended its connections, and says that it was away', async () => {
    const broken: string[] = [];
    const state = await openState((await postgres()).settings, { folder: newFolder(), onError: ({ message }) => broken.push(message) });
    const killed = state.transaction((tx) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx));
    await expect(killed).rejects.toMatchObject({ code: 'EAR_STATE_DOWN' });
    expect(await state.positions.watermark(1)).toBe(0);
    await state.close();
  });
});

describe('a state database that is not there', () => {
  it('is an outage with its reason, and the password is not in it', async () => {
    const settings = stateSettings.parse({ type: 'postgres', url: 'postgres://earshot:hunter2@127.0.0.1:1/earshot' });
    const failed = await openState(settings, { folder: newFolder() }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'EAR_STATE_DOWN', message: expect.stringContaining('ECONNREFUSED') });
    expect(`${failed} ${JSON.stringify(failed)}`).not.toContain('hunter2');
  });

  it('is an outage when its file is no database', async () => {
    const folder = newFolder();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(folder, 'state.db'), 'not a database, but long enough to look like one'.repeat(100));
    await expect(openState(stateSettings.parse(undefined), { folder })).rejects.toMatchObject({ code: 'EAR_STATE_DOWN' });
  });
});
