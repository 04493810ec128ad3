import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { SETUP_LINK_MS, setupUrlOf } from './api/auth/setup-url.ts';
import { openDoorFault } from './api/settings.ts';
import { App, type AppOptions } from './app.ts';
import type { Reloaded } from './hub/configuration/reload.ts';
import { runDirOf } from './hub/upkeep/data-folder.ts';
import { buildApis } from './hub-api.ts';
import { apiSocketOf, buildDoor } from './hub-door.ts';
import { Closing } from './lib/closing.ts';
import { EarshotError } from './lib/errors.ts';
import type { Result } from './lib/result.ts';
import type { Settings } from './settings.ts';
import type { MetricsRegistry } from './telemetry/registry.ts';

export interface HubOptions extends Omit<AppOptions, 'mode' | 'telemetry'> {
  readonly metrics: MetricsRegistry;
  /** Reads the configuration again. */
  reread(): Result<{ readonly settings: Settings; readonly document: unknown }, readonly string[]>;
}

/** Path of the socket over which the command line speaks to the hub that runs on a folder. */
export const socketPathOf = (dataDir: string): string => join(runDirOf(dataDir), 'hub.sock');

/** A whole hub: the app, and its API behind the door thread and on its socket. */
export class Hub {
  readonly app: App;
  /** Where the API listens, as a URL. */
  readonly url: string;
  /** The first token, at the very first start only. It is kept nowhere. */
  readonly firstToken: string | undefined;
  /** Makes the first account; while nobody has one, at each start anew. It is kept nowhere. */
  readonly setupUrl: string | undefined;
  /** Reads the configuration again and applies it. A faulty one changes nothing. */
  readonly reload: () => Promise<Reloaded>;
  readonly #closing: Closing;

  private constructor(parts: Pick<Hub, 'app' | 'url' | 'firstToken' | 'setupUrl' | 'reload'> & { readonly closing: Closing }) {
    this.app = parts.app;
    this.url = parts.url;
    this.firstToken = parts.firstToken;
    this.setupUrl = parts.setupUrl;
    this.reload = parts.reload;
    this.#closing = parts.closing;
  }

  /** Throws an {@link EarshotError} when something cannot be had; what was opened is closed again then. */
  static async start(options: HubOptions): Promise<Hub> {
    const closing = new Closing();
    const telemetry = options.metrics;
    const onError = (name: string, error: unknown) => telemetry.log('error', 'could not be closed', { what: name, error: String(error) });
    try {
      const app = closing.add('app', await App.start({ ...options, telemetry, mode: 'hub' }), (opened) => opened.close());
      const fault = openDoorFault(app.settings.api);
      if (fault !== undefined) throw new EarshotError('EAR_CONFIG_INVALID', `api.listen: ${fault}`);
      const { door, clicks, commands } = buildDoor(app);
      closing.add('door thread', door, (held) => held.stop());
      for (const [name, work] of Object.entries({ clicks, commands })) closing.add(name, work, (started) => started.stop());
      const reload = async () => {
        const reloaded = await reloadApp(app, options);
        door.use(app.settings.notifiers);
        return reloaded;
      };
      const apis = buildApis({ app, metrics: options.metrics, lineFaults: () => door.lineFaults, reload });
      await listenOn(
        apiSocketOf(app.dataDir),
        closing.add('api', apis.open, (api) => api.close()),
      );
      const url = await closing.add('door', door, (held) => held.shut()).start();
      for (const work of [clicks, commands]) work.start();
      // Last: who is answered here finds the other door open.
      await listenOn(
        socketPathOf(app.dataDir),
        closing.add('socket', apis.trusted, (api) => api.close()),
      );
      const firstToken = await createFirstToken(app);
      const setupUrl = await createSetupUrl(app, url);
      app.audit({ action: 'hub_start', category: ['process'], type: ['start'], outcome: 'success', message: 'the hub started' });
      return new Hub({ app, url, firstToken, setupUrl, reload, closing });
    } catch (error) {
      await closing.closeAll(onError);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.app.audit({ action: 'hub_stop', category: ['process'], type: ['end'], outcome: 'success', message: 'the hub stops' });
    await this.#closing.closeAll((name, error) =>
      this.app.telemetry.log('error', 'could not be closed', { what: name, error: String(error) }),
    );
  }
}

/** Connections that wait while the main thread is held up: over a Unix socket, those beyond it are refused at once. */
const BACKLOG = 4_096;

async function listenOn(path: string, api: FastifyInstance): Promise<void> {
  // A hub that was killed leaves its sockets behind; the lock on the folder says that nobody listens on them.
  await rm(path, { force: true });
  await api.listen({ path, backlog: BACKLOG });
}

/** There is no default token: the first start makes one, shows it once, and keeps its hash. */
async function createFirstToken({ state }: App): Promise<string | undefined> {
  if ((await state.tokens.list()).length > 0) return undefined;
  return (await state.tokens.create({ name: 'first', scopes: ['admin'] }))?.token;
}

/** There is no default password: while nobody has an account, a link that works once makes the first. */
async function createSetupUrl({ state, settings }: App, url: string): Promise<string | undefined> {
  if (await state.users.any()) return undefined;
  const { code } = await state.setupLinks.create(undefined, SETUP_LINK_MS);
  return setupUrlOf(settings.api.public_url ?? url, code);
}

async function reloadApp(app: App, { reread }: HubOptions): Promise<Reloaded> {
  const read = reread();
  const reloaded: Reloaded = read.ok
    ? await app.reload(read.value.settings, read.value.document)
    : { applied: false, faults: read.error, notes: [] };
  const { applied, faults, notes } = reloaded;
  const outcome = applied && faults.length === 0 ? 'success' : 'failure';
  app.audit({
    action: 'configuration_reload',
    category: ['configuration'],
    type: ['change'],
    outcome,
    message: `the configuration was read again: ${applied ? (faults.length === 0 ? 'applied' : 'applied in part') : 'faulty, nothing changed'}`,
  });
  if (!applied) app.telemetry.log('error', 'the configuration is faulty; the one before stays', { faults });
  else if (faults.length > 0) app.telemetry.log('error', 'the configuration was read again; not all of it could be had', { faults, notes });
  else app.telemetry.log('info', 'the configuration was read again', { notes });
  return reloaded;
}
