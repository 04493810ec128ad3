import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { SETUP_LINK_MS, setupUrlOf } from './api/auth/setup-url.ts';
import { type ApiSettings, openDoorFault } from './api/settings.ts';
import { App, type AppOptions } from './app.ts';
import { ClickLines, hearOverLines } from './hub/clicks/click-lines.ts';
import { Clicks } from './hub/clicks/clicks.ts';
import { type CommandsDeps, commandsDeps } from './hub/clicks/commands.ts';
import { TypedCommands } from './hub/clicks/typed-commands.ts';
import type { Reloaded } from './hub/configuration/reload.ts';
import { followCertificates } from './hub/upkeep/api-certificates.ts';
import { runDirOf } from './hub/upkeep/data-folder.ts';
import { buildApis } from './hub-api.ts';
import { Closing } from './lib/closing.ts';
import { EarshotError } from './lib/errors.ts';
import type { Result } from './lib/result.ts';
import { Spool } from './lib/spool.ts';
import type { Settings } from './settings.ts';
import { parseListen } from './sources/listen.ts';
import type { NewClick } from './store/state/clicks.ts';
import type { MetricsRegistry } from './telemetry/registry.ts';

export interface HubOptions extends Omit<AppOptions, 'mode' | 'telemetry'> {
  readonly metrics: MetricsRegistry;
  /** Reads the configuration again. */
  reread(): Result<{ readonly settings: Settings; readonly document: unknown }, readonly string[]>;
}

/** Path of the socket over which the command line speaks to the hub that runs on a folder. */
export const socketPathOf = (dataDir: string): string => join(runDirOf(dataDir), 'hub.sock');

/** A whole hub: the app, and its API on a port and on its socket. */
export class Hub {
  readonly app: App;
  /** Where the API listens, as a URL. */
  readonly url: string;
  /** The first token, at the very first start only. It is kept nowhere. */
  readonly firstToken: string | undefined;
  /** Makes the first account; while nobody has one, at each start anew. It is kept nowhere. */
  readonly setupUrl: string | undefined;
  readonly #options: HubOptions;
  readonly #closing: Closing;

  private constructor(
    parts: Pick<Hub, 'app' | 'url' | 'firstToken' | 'setupUrl'> & { readonly options: HubOptions; readonly closing: Closing },
  ) {
    this.app = parts.app;
    this.url = parts.url;
    this.firstToken = parts.firstToken;
    this.setupUrl = parts.setupUrl;
    this.#options = parts.options;
    this.#closing = parts.closing;
  }

  /** Throws an {@link EarshotError} when something cannot be had; what was opened is closed again then. */
  static async start(options: HubOptions): Promise<Hub> {
    const closing = new Closing();
    const telemetry = options.metrics;
    const onError = (name: string, error: unknown) => telemetry.log('error', 'could not be closed', { what: name, error: String(error) });
    try {
      const app = closing.add('app', await App.start({ ...options, telemetry, mode: 'hub' }), (opened) => opened.close());
      const reload = () => reloadApp(app, options);
      const clicks = await startClicks(app, closing);
      const commands = await startCommands(app, closing, () => lines.faults);
      const hear = hearOverLines(clicks, commands, telemetry);
      const lines = new ClickLines({ settings: () => app.settings, hear, fetch: app.fetch, telemetry, now: Date.now });
      closing.add('lines', lines, (held) => held.stop()).start();
      const apis = buildApis({ app, metrics: options.metrics, clicks, commands, lines, reload });
      const [open, trusted] = [apis.open(), apis.trusted];
      const socket = socketPathOf(app.dataDir);
      // A hub that was killed leaves its socket behind; the lock on the folder says that nobody listens on it.
      await rm(socket, { force: true });
      closing.add('api', open, (api) => api.close());
      closing.add('socket', trusted, (api) => api.close());
      const url = await listenOpen(open, app.settings.api);
      // Last: who is answered here finds the other door open.
      await trusted.listen({ path: socket });
      const { tls } = app.settings.api;
      if (tls !== false) closing.add('certificates', followCertificates(open, tls, telemetry), (following) => following.close());
      const firstToken = await createFirstToken(app);
      const setupUrl = await createSetupUrl(app, url);
      app.audit({ action: 'hub_start', category: ['process'], type: ['start'], outcome: 'success', message: 'the hub started' });
      return new Hub({ app, url, firstToken, setupUrl, options, closing });
    } catch (error) {
      await closing.closeAll(onError);
      throw error;
    }
  }

  /** Reads the configuration again and applies it. A faulty one changes nothing. */
  reload(): Promise<Reloaded> {
    return reloadApp(this.app, this.#options);
  }

  async stop(): Promise<void> {
    this.app.audit({ action: 'hub_stop', category: ['process'], type: ['end'], outcome: 'success', message: 'the hub stops' });
    await this.#closing.closeAll((name, error) =>
      this.app.telemetry.log('error', 'could not be closed', { what: name, error: String(error) }),
    );
  }
}

/** Bytes of clicks, and of commands, that wait for the state database: some hundred thousand. */
const CLICKS_MOST_BYTES = 100 * 1024 ** 2;

async function openSpool(app: App, closing: Closing, what: string): Promise<Spool<NewClick>> {
  const spool = await Spool.open<NewClick>(join(app.dataDir, `${what}.spool`), CLICKS_MOST_BYTES);
  return closing.add(`spool of ${what}`, spool, (opened) => opened.close());
}

async function startCommands(app: App, closing: Closing, lineFaults: CommandsDeps['lineFaults']): Promise<TypedCommands> {
  const spool = await openSpool(app, closing, 'commands');
  const commands = closing.add('commands', new TypedCommands(commandsDeps(app, lineFaults), spool), (opened) => opened.stop());
  commands.start();
  return commands;
}

async function startClicks(app: App, closing: Closing): Promise<Clicks> {
  const spool = await openSpool(app, closing, 'clicks');
  const clicks = closing.add('clicks', new Clicks(app, spool), (opened) => opened.stop());
  clicks.start();
  return clicks;
}

async function listenOpen(api: FastifyInstance, settings: ApiSettings): Promise<string> {
  const { listen, tls } = settings;
  const fault = openDoorFault(settings);
  if (fault !== undefined) throw new EarshotError('EAR_CONFIG_INVALID', `api.listen: ${fault}`);
  const parsed = parseListen(listen);
  if (!parsed.ok) throw new EarshotError('EAR_CONFIG_INVALID', `api.listen: ${parsed.error}`);
  try {
    const url = await api.listen(parsed.value);
    return tls === false ? url : url.replace(/^http:/, 'https:');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new EarshotError('EAR_SOURCE_LISTEN', `api.listen: ${listen} cannot be listened on (${why})`, { cause });
  }
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
