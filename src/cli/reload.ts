import type { z } from 'zod';
import type { reloadAnswer } from '../api/contract/control.ts';
import type { Reloaded } from '../hub/configuration/reload.ts';
import { settingsFaults } from '../settings-faults.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD } from './command.ts';
import { readConfiguration } from './configuration.ts';
import { runningHub } from './hub-access.ts';
import { output } from './output.ts';

export const reload: Command = {
  name: 'reload',
  summary: 'Has the running hub read its configuration and rules again. A faulty one changes nothing.',
  operandCount: [0, 0],
  options: { config: CONFIG_OPTION, 'data-dir': DATA_DIR_OPTION },
  examples: ['earshot check && earshot reload'],
  run: async (call) => {
    const read = readConfiguration(call, settingsFaults);
    if (!read.ok) return await tell({ applied: false, faults: read.error, notes: [] });
    const hub = await runningHub(read.value.dataDir);
    if (hub === undefined) {
      process.stderr.write('no hub runs on this folder\n');
      return FAULTS;
    }
    return await tell(await hub.ask<z.output<typeof reloadAnswer>>({ method: 'POST', path: '/api/control/reload' }));
  },
};

async function tell({ applied, faults, notes }: Reloaded): Promise<number> {
  for (const line of [...faults, ...notes]) await output.print(`${line}\n`);
  if (!applied) process.stderr.write('nothing was changed\n');
  return faults.length > 0 ? FAULTS : GOOD;
}
