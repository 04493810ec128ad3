import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineClient } from '../../src/store/engine/client.ts';
import { type Sql, sql } from '../../src/store/sql.ts';
import type { CrashPoint } from '../support/crash-points.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { alarming, userOf } from '../support/numbered-messages.ts';
import { RelpClient } from '../support/relp-client.ts';
import { BOUNDS } from './engine-folder.ts';

const preload = pathToFileURL(join(import.meta.dirname, '..', 'support', 'crash-preload.ts')).href;

const correlation = (end: string, gte: number) => `title: Sudo by those who may not ${end}
id: 6f0d1f0e-95c3-4f26-8d53-1f5d2c1f9a${end}
taxonomy: ecs
correlation:
  type: event_count
  rules: [linux_sudo_not_in_sudoers]
  group-by: [user.name]
  timespan: 1h
  condition: { gte: ${gte} }
`;

const dataDir = mkdtempSync(join(tmpdir(), 'earshot-hub-'));
const rules = join(dataDir, 'rules');
let hub: HubProcess;
let sent = 0;

beforeAll(async () => {
  mkdirSync(rules);
  writeFileSync(join(rules, 'many.yml'), correlation('04', 3));
  hub = await HubProcess.create({ rules: { folders: [rules] } }, { dataDir, nodeOptions: [`--import=${preload}`] });
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
});

async function send(): Promise<void> {
  const client = await RelpClient.open(hub.ports.relp);
  await client.send(alarming('relp', ++sent).line);
  client.destroy();
}

async function ask<Row>(statement: Sql): Promise<Row[]> {
  const engine = new EngineClient({ socketPath: join(hub.folder, 'run', 'engine.sock') }, {});
  try {
    return await engine.query<Row>(statement, BOUNDS);
  } finally {
    await engine.close();
  }
}

const counters = () =>
  ask<{ counter: string; c: string; groups: string }>(
    sql`SELECT counter, count() AS c, uniqExact(group_key) AS groups FROM earshot.hits GROUP BY counter ORDER BY counter`,
  );

describe('hits of a hub', () => {
  it.each<CrashPoint>(['after insert', 'before stored'])('are there once after a kill: %s', { timeout: 60_000 }, async (point) => {
    const id = `relp-${sent + 1}`;
    await hub.start({ EARSHOT_CRASH_AT: point, EARSHOT_CRASH_ID: id, EARSHOT_CRASH_RAW_LOG: join(hub.folder, 'raw-log') });
    await send();
    await eventually(async () => !hub.running);
    await hub.start();
    await eventually(async () => expect(await counters()).toMatchObject([{ c: `${sent}`, groups: `${sent}` }]));
    expect((await ask<{ user: string }>(sql`SELECT shown, group_key AS user FROM earshot.hits`)).map(({ user }) => user)).toContain(
      JSON.stringify([userOf(id)]),
    );
    await hub.kill('SIGTERM');
  });

  it('of a correlation that is new, and of one that was changed, are those of the past too', { timeout: 60_000 }, async () => {
    await hub.start();
    await send();
    await eventually(async () => expect(await counters()).toMatchObject([{ c: `${sent}` }]));
    writeFileSync(join(rules, 'many.yml'), correlation('04', 5));
    writeFileSync(join(rules, 'other.yml'), correlation('05', 2));
    expect(await earshot(['reload', '--config', hub.configFile])).toMatchObject({ code: 0 });
    await send();
    const all = `${sent}`;
    await eventually(async () => expect((await counters()).map(({ c }) => c).sort()).toEqual([`${sent - 1}`, all, all].sort()), {
      withinMs: 20_000,
    });
  });
});
