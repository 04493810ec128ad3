import type { LoadOptions } from '../detect/sigma/load.ts';
import type { Placeholders } from '../detect/sigma/text-values.ts';
import { LookUpTables } from '../hub/look-ups/look-up-tables.ts';
import { fieldCatalogue } from '../hub/rules/field-catalogue.ts';
import { placeholdersOf } from '../lists/placeholders.ts';
import { logSourcesOf } from '../log-source-settings.ts';
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
export async function placeholdersIn(settings: Settings): Promise<Placeholders> {
  const { tables, faults } = await lookUpsOf(settings);
  for (const { file, line, message } of faults) process.stderr.write(`${file}:${line}: ${message}\n`);
  return placeholdersOf(tables.lists, Date.now());
}

/** What rules are read with: the same lists, and what the settings say of log sources and fields. */
export const ruleOptions = async (settings: Settings): Promise<LoadOptions> => ({
  placeholders: await placeholdersIn(settings),
  logSources: logSourcesOf(settings),
  catalogue: fieldCatalogue(settings),
});

/** With the same. */
export async function enrichOf(settings: Settings): Promise<ReturnType<typeof buildEnrich>> {
  return buildEnrich((await lookUpsOf(settings)).tables, (file, error) =>
    process.stderr.write(`${file} cannot be read: ${String(error)}\n`),
  );
}
