import { stringify } from 'yaml';
import { CONFIG_OPTION, type Command, GOOD } from './command.ts';
import { needConfiguration } from './configuration.ts';
import { output } from './output.ts';

export const config: Command = {
  name: 'config',
  summary: 'Prints the configuration in force, with every default, and secrets as [secret].',
  operandCount: [0, 0],
  options: { config: CONFIG_OPTION, redacted: { type: 'boolean', describe: 'secrets as [secret]; always so' } },
  examples: ['earshot config --redacted', 'earshot config --redacted --config /etc/earshot/earshot.yaml'],
  run: async (call) => {
    await output.print(stringify(JSON.parse(JSON.stringify(needConfiguration(call).settings))));
    return GOOD;
  },
};
