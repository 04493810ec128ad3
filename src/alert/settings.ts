import { z } from 'zod';
import { LEVELS } from '../model/severity.ts';

/** How hits become alerts. */
export const alertSettings = z
  .strictObject({
    group_gap_secs: z
      .number()
      .int()
      .min(1)
      .max(604_800)
      .default(3_600)
      .describe('Hits of one rule on one group that are no further apart than this are one alert.'),
    group_max_secs: z
      .number()
      .int()
      .min(60)
      .max(2_592_000)
      .default(86_400)
      .describe('An alert spans no more than this; what goes on longer opens another, so that nobody stops hearing of it.'),
  })
  .prefault({});

const route = z.strictObject({
  name: z.string().min(1).max(64).describe('What people call this route.'),
  when: z
    .strictObject({
      rules: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe('Rule names or ids; `*` at the end stands for any rest, such as `slack_*`. Absent: every rule.'),
      products: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe('Products of the event: `observer.product`, `event.module` or `event.dataset`, in any case. Absent: every product.'),
      least_level: z.enum(LEVELS).optional().describe('The least level to tell. Absent: every level.'),
      query: z.string().min(1).optional().describe('A search that the event must match, such as `user.name:(alice OR bob)`.'),
    })
    .prefault({})
    .describe('All of these must hold. Empty: every alert.'),
  to: z.array(z.string().min(1)).min(1).optional().describe('Names of notifiers. Absent: all of them.'),
});

/** Who is told of what. An alert goes to every notifier of every route that it matches, once. */
export const routesSettings = z
  .array(route)
  .prefault([{ name: 'default', when: { least_level: 'medium' } }])
  .describe('Who is told of what. Without it, all notifiers are told of everything from medium up.');

export type AlertSettings = z.output<typeof alertSettings>;
export type Route = z.output<typeof route>;
