import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, nothing, range, time } from './fields.ts';

const counted = z.array(z.object({ value: z.string(), count: z.number() }));

/** What a rule would have done, over the events that the caller may see. Nothing is written, nobody is told. */
export const backtestEndpoint = endpoint({
  method: 'POST',
  path: '/api/backtests',
  scopes: ['events:read'],
  params: nothing,
  query: nothing,
  body: z.strictObject({
    /** A rule that runs, by id or name. Either this or `text`. */
    rule: identifier.optional(),
    /** A rule file. */
    text: z.string().min(1).max(200_000).optional(),
    /** Only hits that an exception with this selection would leave, YAML with a `condition`. */
    except: z.string().min(1).max(20_000).optional(),
    /** Absent: thirty days. */
    from: time.optional(),
    to: time.optional(),
  }),
  answer: z.object({
    ...range,
    rule: z.object({ id: z.string(), name: z.string(), title: z.string(), level: z.enum(LEVELS), group_by: z.array(z.string()) }),
    /** Why it can never fire here. */
    silent: z.string().optional(),
    /** Everything from here on was searched: `from`, or later when the search was stopped. */
    searched_from: isoTime,
    stopped: z.enum(['limit', 'timeout', 'memory']).optional(),
    /** `list@field`: events that came in before `since` (without it: all) were asked about the list as it is today, as they do not say more. */
    lists_of_today: z.array(z.object({ name: z.string(), since: isoTime.optional() })),
    /** How many events the rule hits since `searched_from`. */
    events: z.number(),
    /** Alerts that would have opened, by the groups of the rule and the gap of the settings. */
    alerts: z.number(),
    alerts_per_day: z.number(),
    /** Events that SQL could not judge exactly, and that were judged again as the stream judges. */
    judged_again: z.number(),
    /** The share that SQL decided alone, 0 to 1, of the events that were hits or had to be judged again. */
    exact: z.number(),
    /** Days in UTC with an event, the oldest first. */
    days: z.array(z.object({ day: z.string(), events: z.number(), alerts: z.number() })),
    users: counted,
    hosts: counted,
    addresses: counted,
    /** Up to ten, the newest first. */
    examples: z.array(z.object({ event_id: z.string(), timestamp: isoTime, dataset: z.string(), message: z.string() })),
  }),
});
export type BacktestJson = z.output<typeof backtestEndpoint.answer>;
