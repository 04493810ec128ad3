import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ConfigFault, printFault } from '../config/fault.ts';
import type { Tree } from '../config/interpolate.ts';
import { loadConfig } from '../config/load.ts';
import { EarshotError } from '../lib/errors.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { type Settings, settingsSchema } from '../settings.ts';
import type { settingsFaults } from '../settings-faults.ts';
import { type Call, UsageError } from './command.ts';

const STANDARD_FILE = 'earshot.yaml';

export interface Configuration {
  /** Path of the file; absent where there is none and every setting has its default. */
  readonly file?: string;
  readonly settings: Settings;
  readonly document: Tree;
  /** Absolute. */
  readonly dataDir: string;
}

/**
 * Reads the configuration that `--config` and `--data-dir` name; the faults come all at once, printed with their place. `further` also
 * looks at what no schema sees, such as certificates, which a command that only searches may not be allowed to read.
 */
export function readConfiguration(call: Call, further?: typeof settingsFaults): Result<Configuration, readonly string[]> {
  const named = call.text('config');
  if (named !== undefined && !existsSync(named)) throw new UsageError(`there is no file ${named}`);
  const file = named ?? (existsSync(STANDARD_FILE) ? STANDARD_FILE : undefined);
  const text = file === undefined ? '' : textOf(file);
  const loaded = loadConfig(settingsSchema, text, process.env, further);
  if (!loaded.ok) return err(loaded.error.map((fault: ConfigFault) => printFault(file ?? '(defaults)', fault)));
  const dataDir = call.text('data-dir');
  const { settings, document } = loaded.value;
  return ok({ ...(file !== undefined && { file }), settings, document, dataDir: resolve(dataDir ?? settings.data_dir) });
}

/** As {@link readConfiguration}, for commands that cannot go on without it. */
export function needConfiguration(call: Call): Configuration {
  const read = readConfiguration(call);
  if (read.ok) return read.value;
  throw new EarshotError('EAR_CONFIG_INVALID', read.error.join('\n'));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new EarshotError('EAR_CONFIG_INVALID', `${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`, {
      cause,
    });
  }
}
