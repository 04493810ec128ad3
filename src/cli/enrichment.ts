import { LookUpTables } from '../look-up-tables.ts';
import type { Settings } from '../settings.ts';
import { buildEnrich } from '../stages.ts';
import { silent } from '../telemetry/telemetry.ts';

/** With people, lists and networks of the files that the settings name; what a hub keeps beside them is not asked for. */
export async function enrichOf(settings: Settings): Promise<ReturnType<typeof buildEnrich>> {
  const lookUps = new LookUpTables({ settings: () => settings, publish: async () => undefined, telemetry: silent });
  await lookUps.load();
  return buildEnrich(lookUps.tables, (file, error) => process.stderr.write(`${file} cannot be read: ${String(error)}\n`));
}
