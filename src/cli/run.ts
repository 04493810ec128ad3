import { once } from 'node:events';
import { printFault } from '../config/fault.ts';
import { Hub } from '../hub.ts';
import { err, ok } from '../lib/result.ts';
import { compileRoutes } from '../routes-compiler.ts';
import { createLogger } from '../telemetry/logger.ts';
import { MetricsRegistry } from '../telemetry/registry.ts';
import { type Call, CONFIG_OPTION, type Command, DATA_DIR_OPTION, GOOD } from './command.ts';
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
    const stop = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    const hub = await Hub.start({ ...configuration, metrics, reread: () => reread(call) });
    process.on('SIGHUP', () => void hub.reload());
    await greet(hub, configuration);
    await stop;
    metrics.log('info', 'stopping');
    await hub.stop();
    return GOOD;
  },
};

function reread(call: Call): ReturnType<Parameters<typeof Hub.start>[0]['reread']> {
  const read = readConfiguration(call);
  if (!read.ok) return read;
  const routes = compileRoutes(read.value.settings);
  return routes.ok ? ok(read.value) : err(routes.error.map((fault) => printFault(read.value.file ?? '(defaults)', fault)));
}

/** What a newcomer needs to know, once, on standard error. */
async function greet({ app, url, firstToken }: Hub, { file, dataDir }: Configuration): Promise<void> {
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
    ...(firstToken === undefined ? [] : ['', `API token, shown this once: ${firstToken}`]),
    '',
    'Try: logger --tcp --server 127.0.0.1 --port 5514 "hello from $USER"; npx earshot search hello',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
