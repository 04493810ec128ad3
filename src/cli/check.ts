import { LookUpTables } from '../look-up-tables.ts';
import { stagedNotes } from '../reload.ts';
import type { Settings } from '../settings.ts';
import { settingsFaults } from '../settings-faults.ts';
import { readRuleFolders } from '../stages.ts';
import { silent } from '../telemetry/telemetry.ts';
import { CONFIG_OPTION, type Command, FAULTS, GOOD } from './command.ts';
import { readConfiguration } from './configuration.ts';
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
    const loaded = readRuleFolders(settings);
    const { rules, rejected, silent } = loaded;
    const faults = rejected.map(({ file: rule, line, column, reason }) => `${rule}:${line}:${column}: ${reason}`);
    for (const { rule, reason } of silent) process.stderr.write(`${rule.file}: ${reason}\n`);
    for (const note of stagedNotes(settings, loaded)) process.stderr.write(`${note}\n`);
    faults.push(...(await lookUpFaults(settings)));
    if (faults.length > 0) return await tell(faults);
    await output.print(
      `good: ${file ?? 'no file, all defaults'}; ${Object.keys(settings.sources).length} sources, ${rules.length} rules\n`,
    );
    return GOOD;
  },
};

/** Of files of people and lists: a hub that has faulty ones runs without them. */
async function lookUpFaults(settings: Settings): Promise<readonly string[]> {
  const lookUps = new LookUpTables({ settings: () => settings, publish: async () => undefined, telemetry: silent });
  await lookUps.load();
  return lookUps.faultTexts;
}

async function tell(faults: readonly string[]): Promise<number> {
  for (const fault of faults) await output.print(`${fault}\n`);
  process.stderr.write(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n`);
  return FAULTS;
}
