import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clickPayload, signedCommand, signedForm } from '../../../test/simulators/slack-clicks.ts';
import { RecordingTelemetry } from '../../../test/support/recording-telemetry.ts';
import type { Answer } from '../../model/answer.ts';
import { settingsSchema } from '../../settings.ts';
import type { NewClick } from '../../store/state/clicks.ts';
import { DoorHandle, type DoorHandleDeps } from './door-handle.ts';

const ENTRY = new URL('../../door-thread.ts', import.meta.url);
const SECRET = 'made-up-signing-secret';
const ANA = 'UANA000001';
const CHANNEL = 'C0000000007';

/** What the hub's main thread sees of the real thread; the thread itself runs as it does in the hub. */
describe('the door thread', () => {
  let folder: string;
  let api: Server;
  let telemetry: RecordingTelemetry;
  let running: DoorHandle[];
  let heard: string[];
  let inDatabase: NewClick[];
  let answer: () => Promise<Answer | undefined>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-door-'));
    telemetry = new RecordingTelemetry();
    [running, heard, inDatabase] = [[], [], []];
    answer = async () => [['Well.']];
    api = createServer((_asked, reply) => reply.end('the API'));
    await new Promise<void>((resolve) => void api.listen(join(folder, 'api.sock'), resolve));
  });
  afterEach(async () => {
    await Promise.all(running.map((door) => door.stop()));
    api.closeAllConnections();
    api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const settings = (signing = SECRET, listen = '127.0.0.1:0') =>
    settingsSchema.parse({
      api: { listen },
      notifiers: {
        security: { type: 'slack_bot', token: 'xoxb-made-up', channel: CHANNEL, signing_secret: signing, people: { [ANA]: 'ana' } },
      },
    });
  const made = (given: Partial<DoorHandleDeps> = {}, { api: apiSettings, notifiers, node } = settings(), mostBytes = 1_000_000) => {
    const files = { clicks: join(folder, 'clicks.spool'), commands: join(folder, 'commands.spool') };
    const door = new DoorHandle({
      entry: ENTRY,
      listen: apiSettings.listen,
      init: (listen) => ({ api: { ...apiSettings, listen }, node, apiSocket: join(folder, 'api.sock'), files, mostBytes }),
      notifiers,
      answers: {
        clickKept: () => void heard.push('click'),
        keep: async (click) => void inDatabase.push(click),
        command: async ({ click }) => {
          heard.push(click.typed);
          return await answer();
        },
        acknowledged: ({ withAnswer }) => void heard.push(withAnswer ? 'answered' : 'put off'),
        audit: ({ action }) => void heard.push(action),
      },
      telemetry,
      times: { firstRetryMs: 1, lastRetryMs: 1, watchMs: 50, hangMs: 5_000, stopMs: 3_000 },
      ...given,
    });
    running.push(door);
    return door;
  };
  let clicked = 0;
  const payload = () => {
    const blocks = [{ type: 'actions', block_id: 'earshot:a1:open...', elements: [{ type: 'button', action_id: 'acknowledge' }] }];
    const message = {
      ...{ ts: `1.${clicked++}`, channel: CHANNEL, threadTs: undefined, text: 'x', blocks, metadata: undefined, edits: 0 },
      botId: 'B0000000001',
    };
    return clickPayload({ message, user: ANA, action: 'acknowledge' }, 'https://hooks.slack.com/actions/T1/1/x', Date.now());
  };
  const post = (url: string, signing = SECRET) =>
    fetch(`${url}/slack/interactivity`, { method: 'POST', ...signedForm(payload(), signing, Date.now()) });
  const waiting = (door: DoorHandle) => door.waiting('clicks').first(9);

  it('keeps and acknowledges a click while the main thread is held up', async () => {
    const door = made();
    const url = await door.start();
    const { body, headers } = signedForm(payload(), SECRET, Date.now());
    const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    // This thread does nothing until the answer is there.
    const { stdout } = spawnSync('curl', ['-s', '-m', '20', '-w', '%{http_code}', '-d', body, ...lines, `${url}/slack/interactivity`]);
    expect(stdout.toString()).toBe('200');
    expect(readFileSync(join(folder, 'clicks.spool'), 'utf8')).toContain('"alertId":"a1"');
    expect(heard).toEqual([]);
    await vi.waitFor(() => expect(heard).toEqual(['click']));
    expect(await waiting(door)).toMatchObject([{ notifier: 'security', click: { alertId: 'a1', by: ANA } }]);
    await door.waiting('clicks').forget(1);
    expect(await waiting(door)).toEqual([]);
  });

  it('passes everything else on, and refuses what nothing proves', async () => {
    const door = made();
    const url = await door.start();
    expect(await (await fetch(`${url}/api/alerts`)).text()).toBe('the API');
    expect((await post(url, 'another-secret')).status).toBe(401);
    await vi.waitFor(() => expect(heard).toEqual(['api_denied']));
    expect(await waiting(door)).toEqual([]);
  });

  it('answers a command with what the main thread says, or that it comes', async () => {
    const url = await made().start();
    const ask = async (text: string) => {
      const { headers, body } = signedCommand(ANA, text, SECRET, Date.now());
      return ((await (await fetch(`${url}/slack/commands`, { method: 'POST', headers, body })).json()) as { text: string }).text;
    };
    expect(await ask('status')).toBe('Well.');
    answer = () => new Promise(() => undefined);
    expect(await ask('who touched db')).toMatch(/^Looking/);
    await vi.waitFor(() => expect(heard).toEqual(['status', 'answered', 'who touched db', 'put off']));
  });

  /** The thread as it is, and a way to end it: `use({ end: true })`. */
  const ending = () => {
    const entry = join(folder, 'ends.ts');
    writeFileSync(
      entry,
      `import { parentPort } from 'node:worker_threads';
      import ${JSON.stringify(ENTRY.href)};
      parentPort?.on('message', ({ method, argument }) => { if (method === 'use' && argument.end) process.exit(7); });`,
    );
    return new URL(`file://${entry}`);
  };

  it('is started anew at the same address when it ends, with what was kept', async () => {
    const door = made({ entry: ending() });
    const url = await door.start();
    expect((await post(url)).status).toBe(200);
    door.use({ end: true } as never);
    await vi.waitFor(() => expect(telemetry.logs.map(({ message }) => message).join()).toContain('the door thread ended'));
    door.use(settings().notifiers);
    await vi.waitFor(async () => expect((await post(url)).status).toBe(200), { timeout: 10_000 });
    expect((await waiting(door)).length).toBe(2);
  });

  it('is started anew at every address of the machine where it was to listen at every one', async () => {
    const door = made({ entry: ending() }, settings(SECRET, '0.0.0.0:0'));
    const { port } = new URL(await door.start());
    // Another address than that which the URL names.
    const elsewhere = `http://127.0.0.2:${port}`;
    expect((await post(elsewhere)).status).toBe(200);
    door.use({ end: true } as never);
    await vi.waitFor(() => expect(telemetry.logs.map(({ message }) => message).join()).toContain('the door thread ended'));
    door.use(settings().notifiers);
    await vi.waitFor(async () => expect((await post(elsewhere)).status).toBe(200), { timeout: 10_000 });
  });

  it('keeps clicks in the database where the file does not take them, and does not acknowledge those that nothing takes', async () => {
    const door = made({}, settings(), 1);
    const url = await door.start();
    expect((await post(url)).status).toBe(200);
    expect(inDatabase).toMatchObject([{ click: { alertId: 'a1' } }]);
    inDatabase.push = () => {
      throw new Error('down');
    };
    expect((await post(url)).status).toBe(500);
  });

  it('goes by new settings from when it is told', async () => {
    const door = made();
    const url = await door.start();
    door.use(settings('another-secret').notifiers);
    await vi.waitFor(async () => expect((await post(url, 'another-secret')).status).toBe(200));
    expect((await post(url)).status).toBe(401);
  });

  it('says why it cannot listen, and takes nothing in once it is shut', async () => {
    const url = await made().start();
    const { port } = new URL(url);
    await expect(made({}, settings(SECRET, `127.0.0.1:${port}`)).start()).rejects.toMatchObject({
      code: 'EAR_SOURCE_LISTEN',
      message: expect.stringContaining('EADDRINUSE'),
    });
    const [first] = running;
    expect((await post(url)).status).toBe(200);
    await first?.shut();
    await expect(post(url)).rejects.toThrow();
    expect(await first?.waiting('clicks').first(9)).toHaveLength(1);
  });
});
