import { z } from 'zod';
import { secret } from '../../config/secret-field.ts';

const sqlite = z.strictObject({
  type: z.literal('sqlite'),
  busy_timeout_ms: z
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(5_000)
    .describe('How long to wait for another process that is writing, such as a command run beside the hub.'),
});

const postgres = z.strictObject({
  type: z.literal('postgres'),
  url: secret().describe('Connection URL, such as `postgres://earshot@db.example.com/earshot?sslmode=verify-full`.'),
  pool_size: z.number().int().min(2).max(100).default(8).describe('Connections kept open at most.'),
  connect_timeout_ms: z.number().int().min(100).max(60_000).default(5_000).describe('How long to wait for a connection.'),
  statement_timeout_ms: z.number().int().min(100).max(600_000).default(30_000).describe('How long one statement may take.'),
});

/** Where mutable state lives: alerts, outbox, checkpoints, tokens, leases. */
export const stateSettings = z
  .discriminatedUnion('type', [sqlite, postgres])
  .default({ type: 'sqlite', busy_timeout_ms: 5_000 })
  .describe('The state database: `sqlite` (a file in the data folder) or `postgres`.');

export type StateSettings = z.output<typeof stateSettings>;
export type PostgresSettings = z.output<typeof postgres>;
