import { placeholdersOf } from '../lists/placeholders.ts';
import { LookUpTables } from '../look-up-tables.ts';
import type { Settings } from '../settings.ts';
import { buildEnrich } from '../stages.ts';
import { silent } from '../telemetry/telemetry.ts';

/** People, lists and networks of the files that the settings name; what a hub keeps beside them is not asked for. */
export async function lookUpsOf(settings: Settings): Promise<LookUpTables> {
  const lookUps = new LookUpTables({ settings: () => settings, publish: async () => undefined, telemetry: silent });
  await lookUps.load();
  return lookUps;
}

/** What rules may name of the same lists. */
export const placeholdersIn = async (settings: Settings) => placeholdersOf((await lookUpsOf(settings)).tables.lists, Date.now());

/** With the same. */
export async function enrichOf(settings: Settings): Promise<ReturnType<typeof buildEnrich>> {
  return buildEnrich((await lookUpsOf(settings)).tables, (file, error) =>
    process.stderr.write(`${file} cannot be read: ${String(error)}\n`),
  );
}
