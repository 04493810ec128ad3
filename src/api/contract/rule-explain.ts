import { z } from 'zod';
import { LEVELS } from '../../model/severity.ts';
import { endpoint } from './endpoint.ts';
import { identifier, noBody } from './fields.ts';

/** A part of a rule, and whether it is true of the event. */
const leaf = {
  truth: z.boolean(),
  /** As the rule has it. */
  label: z.string(),
  /** Path in the event; `keyword` for a search in all of it. */
  field: z.string(),
  /** What the event has there, shortened; absent where it has nothing. */
  value: z.string().optional(),
  /** Of a leaf that is false: what the event has in place of what is asked for. */
  found: z.enum(['missing', 'null', 'empty', 'other_value', 'other_case', 'wrong_kind', 'present', 'nowhere']).optional(),
};

export const explainRuleEndpoint = endpoint({
  method: 'GET',
  path: '/api/rules/:id/explain',
  scopes: ['events:read'],
  params: z.strictObject({ id: identifier }),
  query: z.strictObject({ event: identifier }),
  body: noBody,
  answer: z.object({
    rule: z.object({ id: z.string(), name: z.string(), version: z.string(), title: z.string(), level: z.enum(LEVELS) }),
    event: z.string(),
    fires: z.boolean(),
    /** Version of the rule that fired when the event came. */
    recorded: z.string().optional(),
    /** All must be true. Absent: no event of Earshot is of the rule's log source. */
    log_source: z
      .array(
        z.object({
          truth: z.boolean(),
          fields: z.array(z.string()),
          values: z.array(z.string()),
          found: z.record(z.string(), z.string()),
        }),
      )
      .optional(),
    /** The condition from the top, each part before what is in it; `depth` is 0 at the top. */
    nodes: z.array(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.enum(['and', 'or', 'not']), depth: z.number(), truth: z.boolean() }),
        z.object({ kind: z.literal('leaf'), depth: z.number(), ...leaf }),
      ]),
    ),
    /** The leaves that decide; where the rule does not fire, those that are in the way. */
    because: z.array(z.object(leaf)),
  }),
});
