import { z } from 'zod';

export const listsSettings = z
  .strictObject({
    shipped: z
      .boolean()
      .default(false)
      .describe('Whether the lists that come with Earshot are used: `default_accounts`, `scripted_agents`, `attack_tools`.'),
    folders: z
      .array(z.string().min(1))
      .max(100)
      .default([])
      .describe('Folders of YAML files, each a named list, see docs/people.md. Read again when they change; shown read-only.'),
  })
  .prefault({})
  .describe('Named lists of networks, programs, accounts and texts. Others are kept by the hub, through its page and API.');

export type ListsSettings = z.output<typeof listsSettings>;
