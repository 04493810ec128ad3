import { z } from 'zod';

/** Where the identity directory comes from, beside SCIM. */
export const peopleSettings = z
  .strictObject({
    files: z
      .array(z.string().regex(/\.(ya?ml|csv)$/i, 'a file of people ends with .yaml, .yml or .csv'))
      .max(100)
      .default([])
      .describe('YAML or CSV files of people, see docs/people.md. Read again when they change.'),
    domains: z
      .array(z.string().min(1).max(253))
      .max(100)
      .default([])
      .describe(
        'Domains whose names are also known without them: with `example.com` and `EXAMPLE`, `jsilva@example.com` and `EXAMPLE\\jsilva` are `jsilva`.',
      ),
    privileged_groups: z
      .array(z.string().min(1).max(256))
      .max(1_000)
      .default([])
      .describe('Groups whose members are privileged, in files and over SCIM.'),
  })
  .prefault({})
  .describe('The identity directory: one person, all names. SCIM adds to it.');

export type PeopleSettings = z.output<typeof peopleSettings>;
