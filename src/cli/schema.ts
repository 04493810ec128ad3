import { jsonSchema } from '../config/describe.ts';
import { settingsSchema } from '../settings.ts';
import { type Command, GOOD } from './command.ts';
import { output } from './output.ts';

export const schema: Command = {
  name: 'schema',
  summary: 'Prints the JSON Schema of the configuration, for editors.',
  operandCount: [0, 0],
  options: {},
  examples: ['earshot schema > earshot.schema.json', '# in earshot.yaml: # yaml-language-server: $schema=earshot.schema.json'],
  run: async () => {
    await output.print(`${JSON.stringify(jsonSchema(settingsSchema), null, 2)}\n`);
    return GOOD;
  },
};
