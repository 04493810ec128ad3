import { setTimeout as sleep } from 'node:timers/promises';
import { Hub } from '../hub.ts';
import { settingsFaults } from '../settings-faults.ts';
import { createLogger } from '../telemetry/logger.ts';
import { MetricsRegistry } from '../telemetry/registry.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD } from './command.ts';
import { type Configuration, needConfiguration, readConfiguration } from './configuration.ts';

export const run: Command = {
  name: 'run',
  summary: 'Runs the hub until it is told to stop (SIGTERM, Ctrl-C). SIGHUP reads the configuration again.',
  operandCount: [0, 0],
  options: { config: CONFIG_OPTION, 'data-dir': DATA_DIR_OPTION },
  examples: ['earshot run', 'earshot run --config /etc/earshot/earshot.yaml --data-dir /var/lib/earshot'],
  run: async (call) => {
    const configuration = needConfiguration(call);
    const metrics = new MetricsRegistry(createLogger(configuration.settings.log));
    const stop = stopSignal();
    for (const fault of settingsFaults(configuration.settings))
      metrics.log('error', 'a setting is faulty: what it is about does not run', { ...fault });
    const starting = Hub.start({ ...configuration, metrics, reread: () => readConfiguration(call, settingsFaults) });
    const hub = await startedBefore(starting, stop);
    if (hub === undefined) return GOOD;
    process.on('SIGHUP', () => {
      hub.reload().catch((error: unknown) => metrics.log('error', 'the configuration could not be read again', { error: String(error) }));
    });
    await greet(hub, configuration, call);
    await stop;
    metrics.log('info', 'stopping');
    await hub.stop();
    return GOOD;
  },
};

/** A second signal as soon as this after the first is the same wish, come twice: from a terminal and from a process manager. */
const SAME_WISH_MS = 500;

/** Resolves at SIGTERM or Ctrl-C. Told again, the process ends at once: all that was acknowledged is in the raw log. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const hear = () => {
      if (first !== undefined && performance.now() - first > SAME_WISH_MS) {
        process.stderr.write('earshot: ended at once, as told twice\n');
        process.exit(FAULTS);
      }
      first ??= performance.now();
      resolve();
    };
    process.on('SIGTERM', hear);
    process.on('SIGINT', hear);
  });
}

/** What a hub that is told to stop while it starts is given to come up, so that it can close in order. */
const START_GRACE_MS = 5_000;

/** The hub, when it is up before the signal; undefined when it was told to stop meanwhile. */
async function startedBefore(starting: Promise<Hub>, stop: Promise<void>): Promise<Hub | undefined> {
  const first = await Promise.race([starting, stop]);
  if (first !== undefined) return first;
  const late = new AbortController();
  const hub = await Promise.race([starting, sleep(START_GRACE_MS, undefined, { signal: late.signal })]);
  late.abort();
  // Its engine ends with it, and nothing that was acknowledged is anywhere but on disk.
  if (hub === undefined) process.exit(GOOD);
  await hub.stop();
  return undefined;
}

/** What a newcomer needs to know, once, on standard error. */
async function greet({ app, url, firstToken, setupUrl }: Hub, { file, dataDir }: Configuration, call: Call): Promise<void> {
  const { sources, rules } = await app.ingest.status();
  const doors = sources.flatMap(({ name, listening }) => listening.map((address) => `  ${name.padEnd(10)} ${address}`));
  const http = Object.entries(app.settings.sources).flatMap(([name, { type }]) =>
    type === 'http' ? [`  ${name.padEnd(10)} ${url}/ingest/${name}`] : [],
  );
  const lines = [
    `Earshot is listening. Configuration: ${file ?? 'none, all defaults'}. Data: ${dataDir}. ${rules.loaded} rules${rules.rejected > 0 ? `, ${rules.rejected} rejected (earshot check says why)` : ''}.`,
    ...doors,
    ...http,
    `  ${'API'.padEnd(10)} ${url}/api`,
    `  ${'page'.padEnd(10)} ${url}`,
    ...(setupUrl === undefined ? [] : ['', `Nobody has an account yet. Make the first, within a day: ${setupUrl}`]),
    ...(firstToken === undefined ? [] : ['', `API token, shown this once: ${firstToken}`]),
    ...tryLine(sources, call),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** A first event, as it can be sent to this very hub. */
function tryLine(sources: Awaited<ReturnType<Hub['app']['ingest']['status']>>['sources'], call: Call): string[] {
  const tcp = sources.flatMap(({ listening }) => listening).find((address) => address.startsWith('tcp://'));
  if (tcp === undefined) return [];
  const { hostname, port } = new URL(tcp.replace('tcp:', 'http:'));
  const server = hostname === '0.0.0.0' ? '127.0.0.1' : hostname === '[::]' ? '::1' : hostname.replace(/^\[|\]$/g, '');
  const options = ['config', 'data-dir'].flatMap((name) => (call.text(name) === undefined ? [] : [` --${name} '${call.text(name)}'`]));
  return ['', `Try: logger --tcp --server ${server} --port ${port} "hello from $USER"; npx earshot search hello${options.join('')}`];
}
