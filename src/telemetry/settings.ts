import { z } from 'zod';

export const logSettings = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('Least level that is written. Normal operation is silent above `info`.'),
    format: z
      .enum(['auto', 'json', 'text'])
      .default('auto')
      .describe('`json`: one object a line, for collectors. `text`: for eyes. `auto`: text on a terminal, else JSON.'),
  })
  .prefault({})
  .describe("Earshot's own log, on standard error.");

export type LogSettings = z.output<typeof logSettings>;
