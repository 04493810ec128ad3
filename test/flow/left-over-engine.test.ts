import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { endLeftOver } from '../../src/store/engine/left-over.ts';
import { statusFile, storeFolder } from '../../src/store/engine/store-owner.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { stateOf } from '../support/process-state.ts';
import { engineFolder } from './engine-folder.ts';

describe('a hub that is killed while its engine hangs', () => {
  let hub: HubProcess;

  beforeAll(async () => {
    hub = await HubProcess.create();
    await hub.start();
    await hub.post('/ingest/http', 'otter', { 'content-type': 'text/plain' });
    await eventually(found);
  });
  afterAll(async () => {
    await hub.kill('SIGTERM');
    rmSync(hub.dataDir, { recursive: true, force: true });
  });

  const found = async () => {
    const { json } = await hub.get('/api/events?q=otter&from=now-1h');
    return (json as { events: unknown[] }).events.length === 1;
  };
  const leaveEngine = async () => {
    const pid = hub.enginePid() ?? 0;
    process.kill(pid, 'SIGSTOP');
    await eventually(async () => stateOf(pid) === 'T');
    await hub.kill('SIGKILL');
    hub.log = '';
    expect(stateOf(pid)).toBe('T');
    return pid;
  };
  const left = 'left its engine process behind';

  it('leaves it to the next hub, which ends it and goes on', async () => {
    const pid = await leaveEngine();
    await hub.start();
    expect(hub.log).toContain(left);
    await expect.poll(() => stateOf(pid) ?? 'Z').toBe('Z');
    expect(await found()).toBe(true);
  });

  it('leaves it to a command on the folder, which does so too', async () => {
    const pid = await leaveEngine();
    const { code, stdout, stderr } = await earshot(['search', 'otter', '--config', hub.configFile]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expect.stringContaining('otter'), stderr: expect.stringContaining(left) });
    expect(stateOf(pid) ?? 'Z').toBe('Z');
  });
});

describe('endLeftOver', () => {
  let folder: string;
  let others: ChildProcess[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-left-over-'));
    mkdirSync(storeFolder(folder));
    others = [];
  });
  afterEach(() => {
    for (const other of others) other.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const owns = (pid: number | undefined) =>
    writeFileSync(statusFile(folder), `PID: ${pid}\nStarted at: 2026-01-31 10:00:00\nRevision: 1\n`);
  const other = async (script: string, ...args: string[]): Promise<number> => {
    const child = spawn(process.execPath, ['-e', `${script}; console.log('here'); setInterval(() => {}, 1000)`, ...args]);
    others.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return child.pid ?? 0;
  };
  const opens = () => `require('node:fs').openSync(${JSON.stringify(statusFile(folder))}, 'r+')`;
  const spares = async (pid: number) => {
    owns(pid);
    await endLeftOver(folder, silent);
    expect(stateOf(pid)).toMatch(/[RS]/);
  };

  it('ends whoever has the command of an engine, and the file open', async () => {
    owns(0);
    const pid = await other(opens(), '/elsewhere/src/store/engine/server.ts');
    owns(pid);
    await endLeftOver(folder, silent);
    expect(stateOf(pid) ?? 'Z').toBe('Z');
  });

  it('spares a process that has got the id', async () => {
    await spares(await other(''));
  });

  it('spares one that reads the folder, and is no engine', async () => {
    owns(0);
    await spares(await other(opens()));
  });

  it('spares the engine of another folder', async () => {
    const elsewhere = engineFolder();
    const engine = await elsewhere.start();
    onTestFinished(async () => {
      await engine.stop();
      elsewhere.remove();
    });
    await spares(engine.pid ?? 0);
  });

  it('has nothing to do where nobody was, or is any more', async () => {
    await endLeftOver(folder, silent);
    const pid = await other('');
    others[0]?.kill('SIGKILL');
    await eventually(async () => stateOf(pid) === undefined);
    owns(pid);
    await endLeftOver(folder, silent);
    writeFileSync(statusFile(folder), 'nothing of use');
    await endLeftOver(folder, silent);
  });
});
