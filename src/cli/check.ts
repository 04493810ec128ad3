import { faultText } from '../detect/sigma/fault.ts';
import { stagedNotes } from '../hub/configuration/reload.ts';
import { placeholdersOf } from '../lists/placeholders.ts';
import { settingsFaults } from '../settings-faults.ts';
import { readRuleFolders } from '../stages.ts';
import { CONFIG_OPTION, type Command, FAULTS, GOOD } from './command.ts';
import { readConfiguration } from './configuration.ts';
import { countTexts } from './counts-text.ts';
import { lookUpsOf } from './enrichment.ts';
import { output } from './output.ts';

export const check: Command = {
  name: 'check',
  summary: 'Checks configuration and rules; tells every fault at once, each with its place.',
  operandCount: [0, 0],
  options: { config: CONFIG_OPTION },
  examples: ['earshot check', 'earshot check --config /etc/earshot/earshot.yaml'],
  run: async (call) => {
    const read = readConfiguration(call, settingsFaults);
    if (!read.ok) return await tell(read.error);
    const { settings, file } = read.value;
    const lookUps = await lookUpsOf(settings);
    const loaded = readRuleFolders(settings, placeholdersOf(lookUps.tables.lists, Date.now()));
    const { rejected, silent, lints } = loaded;
    const faults = rejected.map(faultText);
    for (const { rule, reason } of silent) process.stderr.write(`${rule.file}: ${reason}\n`);
    for (const lint of lints) process.stderr.write(`${faultText(lint)}\n`);
    for (const note of stagedNotes(settings, loaded)) process.stderr.write(`${note}\n`);
    // A hub that has faulty ones runs without them.
    faults.push(...lookUps.faultTexts);
    if (faults.length > 0) return await tell(faults);
    await output.print(
      `good: ${file ?? 'no file, all defaults'}; ${Object.keys(settings.sources).length} sources, ${countTexts(loaded).join(', ')}\n`,
    );
    return GOOD;
  },
};

async function tell(faults: readonly string[]): Promise<number> {
  for (const fault of faults) await output.print(`${fault}\n`);
  process.stderr.write(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n`);
  return FAULTS;
}
