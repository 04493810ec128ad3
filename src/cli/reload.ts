import type { z } from 'zod';
import type { reloadAnswer } from '../api/contract/control.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD } from './command.ts';
import { runningHub } from './hub-access.ts';
import { output } from './output.ts';

export const reload: Command = {
  name: 'reload',
  summary: 'Has the running hub read its configuration and rules again. A faulty one changes nothing.',
  operandCount: [0, 0],
  options: { config: CONFIG_OPTION, 'data-dir': DATA_DIR_OPTION },
  examples: ['earshot check && earshot reload'],
  run: async (call) => {
    const hub = await runningHub(call);
    if (hub === undefined) {
      process.stderr.write('no hub runs on this folder\n');
      return FAULTS;
    }
    const { faults, notes } = await hub.ask<z.output<typeof reloadAnswer>>({ method: 'POST', path: '/api/control/reload' });
    for (const line of [...faults, ...notes]) await output.print(`${line}\n`);
    if (faults.length > 0) process.stderr.write('nothing was changed\n');
    return faults.length > 0 ? FAULTS : GOOD;
  },
};
