import type { Origin } from '../model/record.ts';
import { type Settings, SOURCE_TYPES } from '../settings.ts';
import { type Call, UsageError } from './command.ts';

const ORIGIN: Origin = { transport: 'file' };

/** The source that `--source` names. A source's type needs no configuration to be tried. */
export function namedSource(call: Call, settings: Settings): string | undefined {
  const name = call.text('source');
  if (name === undefined || Object.hasOwn(settings.sources, name) || SOURCE_TYPES.includes(name)) return name;
  const known = [...new Set([...Object.keys(settings.sources), ...SOURCE_TYPES])];
  throw new UsageError(`there is no source "${name}"; known: ${known.join(', ')}`);
}

/** JSON comes over HTTP, all else over syslog, unless somebody says. */
export const likelySource = (bytes: Buffer): string => (/^\s*\{/.test(bytes.toString('latin1', 0, 256)) ? 'http' : 'syslog');

/** What the source's settings say of all its messages; what they say of single peers needs the peer. */
export function originOf(source: string, { sources }: Settings): Origin {
  const settings = sources[source];
  if (settings === undefined || settings.type === 'syslog' || settings.type === 'slack_audit') return ORIGIN;
  const { datasets, decoder, time_zone: timeZone } = settings;
  return { ...ORIGIN, ...(datasets && { datasets }), ...(decoder && { decoder }), ...(timeZone && { timeZone }) };
}
