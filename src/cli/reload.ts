import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD } from './command.ts';
import { openHub } from './hub-access.ts';

export const reload: Command = {
  name: 'reload',
  summary: 'Has the running hub read its configuration and rules again. A faulty one changes nothing.',
  operandCount: [0, 0],
  options: { config: CONFIG_OPTION, 'data-dir': DATA_DIR_OPTION },
  examples: ['earshot check && earshot reload'],
  run: async (call) => {
    const hub = await openHub(call);
    try {
      if (!hub.running) {
        process.stderr.write('no hub runs on this folder\n');
        return FAULTS;
      }
      const { faults, notes } = await hub.ask<{ faults: string[]; notes: string[] }>({ method: 'POST', path: '/api/control/reload' });
      for (const line of [...faults, ...notes]) process.stdout.write(`${line}\n`);
      return faults.length > 0 ? FAULTS : GOOD;
    } finally {
      await hub.close();
    }
  },
};
