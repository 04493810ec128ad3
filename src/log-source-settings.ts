import { z } from 'zod';
import { LogSources } from './detect/sigma/log-sources.ts';
import { has } from './detect/sigma/logsource.ts';

const word = (what: string) => z.string().min(1).toLowerCase().optional().describe(`The ${what} that rules name in \`logsource\`.`);

const paths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** What a configuration says of the log sources of rules. */
export const logSourceSettings = z
  .array(
    z
      .strictObject({
        product: word('product'),
        category: word('category'),
        service: word('service'),
        when: z
          .record(z.string().min(1), z.array(z.string().min(1)).min(1))
          .refine((when) => Object.keys(when).length > 0, 'say by which field the events are known, such as `event.dataset: [okta.system]`')
          .describe('Which events they are: each field has one of its values, without regard to case.'),
        fields: z
          .record(z.string().min(1), paths)
          .default({})
          .describe("Where the rules' names of fields are in these events; of several paths, the first that an event has counts."),
      })
      .refine(
        ({ product, category, service }) => (product ?? category ?? service) !== undefined,
        'name a product, a category or a service',
      ),
  )
  .default([])
  .describe(
    'Log sources that rules name and Earshot does not know, or knows in another form. An entry stands for all that it names, instead of what Earshot knows of that.',
  );

/** The log sources that rules of this configuration may be for. */
export const logSourcesOf = ({ rules }: { readonly rules: { readonly log_sources: z.output<typeof logSourceSettings> } }): LogSources =>
  new LogSources(
    rules.log_sources.map(({ product, category, service, when, fields }) => ({
      ...(product !== undefined && { product }),
      ...(category !== undefined && { category }),
      ...(service !== undefined && { service }),
      route: Object.entries(when).map(([field, values]) => has(field, ...values)),
      fields,
      open: true,
    })),
  );
