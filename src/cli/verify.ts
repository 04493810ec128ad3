import type { z } from 'zod';
import type { verifyAnswer } from '../api/contract/control.ts';
import { CONFIG_OPTION, type Command, DATA_DIR_OPTION, FAULTS, GOOD, JSON_OPTION } from './command.ts';
import { openHub } from './hub-access.ts';
import { output } from './output.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'Recomputes the hash chain over all stored events, and names the first place that is not as it was received.',
  operandCount: [0, 0],
  options: { json: JSON_OPTION, config: CONFIG_OPTION, 'data-dir': DATA_DIR_OPTION },
  examples: ['earshot verify', 'earshot verify --data-dir /var/lib/earshot --json'],
  run: async (call) => {
    const hub = await openHub(call, { mustExist: true });
    try {
      const report = await hub.ask<z.output<typeof verifyAnswer>>({ method: 'POST', path: '/api/control/verify' });
      const expired = report.expiredEvents > 0 ? `; ${report.expiredEvents} events are past their retention` : '';
      if (call.flag('json')) await output.print(`${JSON.stringify(report)}\n`);
      else if (report.difference === undefined)
        await output.print(`good: ${report.verifiedEvents} events in ${report.verifiedLinks} blocks are as they were received${expired}\n`);
      else await output.print(`DIFFERENT: ${report.difference.message} (${report.verifiedEvents} events before it are good${expired})\n`);
      return report.difference === undefined ? GOOD : FAULTS;
    } finally {
      await hub.close();
    }
  },
};
