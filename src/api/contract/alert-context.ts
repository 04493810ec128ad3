import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { identifier, isoTime, noBody, nothing, range } from './fields.ts';
import { partOf } from './part.ts';

const seen = z.object({
  value: z.string(),
  /** Events with it in the 30 days before, and on how many days of them. */
  before: z.number(),
  before_days: z.number(),
  /** Events with it in the range. */
  within: z.number(),
});

const seenKind = z.object({
  /** Those of the range, the new ones first, at most 8. */
  present: z.array(seen),
  /** How many there are of the range, and how many of these were not there in the 30 days before. */
  present_count: z.number(),
  new_count: z.number(),
  /** Those of the 30 days before, the most frequent first. */
  usual: z.array(seen),
});

/** What the person of an alert did around it, from an hour before its first event to an hour after its last: of what the caller may see. */
export const alertContextEndpoint = endpoint({
  method: 'GET',
  path: '/api/alerts/:id/context',
  scopes: ['events:read'],
  params: z.strictObject({ id: identifier }),
  query: nothing,
  body: noBody,
  answer: z.object({
    /** Absent: it names nobody. */
    context: z
      .object({
        person: z.string(),
        /** The search that finds all events that name them. */
        query: z.string(),
        ...range,
        files: partOf(
          z.object({
            total: z.number(),
            different: z.number(),
            /** The latest first, at most 50. */
            files: z.array(
              z.object({
                /** As the product calls it; empty where it does not say: then all of one name and type are one. */
                id: z.string(),
                name: z.string(),
                type: z.string(),
                channels: z.array(z.string()),
                count: z.number(),
                last_at: isoTime,
              }),
            ),
          }),
        ),
        whereabouts: partOf(z.object({ addresses: seenKind, programs: seenKind, hosts: seenKind })),
        /** What each system tells, the most talkative first. */
        deeds: partOf(
          z.array(
            z.object({
              dataset: z.string(),
              count: z.number(),
              actions: z.array(z.object({ action: z.string(), count: z.number() })),
              hosts: z.array(z.string()),
              processes: z.array(z.string()),
            }),
          ),
        ),
      })
      .optional(),
  }),
});
export type AlertContextJson = NonNullable<z.output<typeof alertContextEndpoint.answer>['context']>;
