import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { splitMessages } from '../../lib/framed-messages.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { RawBatch, Receipt } from '../../model/record.ts';
import type { reloadAnswer, storeAnswer, verifyAnswer } from '../contract/control.ts';
import { appendQuery, keysQuery } from '../contract/control.ts';
import { inputProblem } from '../problem.ts';

/** What the command line may do with a hub. It is given, like everything that the API serves. */
export interface ControlDeps {
  append(batch: RawBatch): Promise<Receipt>;
  keysWithPrefix(prefix: string): Promise<readonly string[]>;
  /** Resolves when everything taken in so far is searchable and alerted. */
  drain(): Promise<void>;
  verify(): Promise<z.input<typeof verifyAnswer>>;
  reload(): Promise<z.input<typeof reloadAnswer>>;
  store(): Promise<z.input<typeof storeAnswer>>;
  readonly onAudit: (event: AuditEvent) => void;
  readonly now: () => number;
}

const APPEND_LIMIT_BYTES = 64 * 1024 * 1024;

/** Mounted on the trusted server alone: who can open the hub's socket owns the hub. */
export function controlRoutes(app: FastifyInstance, deps: ControlDeps): void {
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer', bodyLimit: APPEND_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );

  app.post('/api/control/append', { bodyLimit: APPEND_LIMIT_BYTES }, async (request) => {
    const { source, path, key, truncated } = checked(appendQuery, request.query);
    if (!Buffer.isBuffer(request.body)) throw inputProblem('body', 'must be application/octet-stream');
    const origin = { transport: 'file', path, ...(truncated !== undefined && { truncated: true }) } as const;
    return deps.append({
      source,
      origin,
      receivedAt: deps.now(),
      messages: splitMessages(request.body),
      ...(key !== undefined && { key }),
    });
  });
  app.get('/api/control/keys', async (request) => ({ keys: await deps.keysWithPrefix(checked(keysQuery, request.query).prefix) }));
  app.post('/api/control/drain', async () => {
    await deps.drain();
    return { drained: true };
  });
  app.post('/api/control/verify', async () => {
    const report = await deps.verify();
    audit(
      deps,
      'verify',
      report.difference === undefined ? 'success' : 'failure',
      report.difference?.message ?? `${report.verifiedEvents} events are as they were received`,
    );
    return report;
  });
  app.post('/api/control/reload', async () => deps.reload());
  app.get('/api/control/store', async () => deps.store());
}

function audit(deps: ControlDeps, action: string, outcome: AuditEvent['outcome'], message: string): void {
  deps.onAudit({ action, category: ['configuration'], type: ['change'], outcome, actor: 'local', actorKind: 'local', message });
}

function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw inputProblem(issue?.path.join('.') || 'request', issue?.message ?? 'not valid');
}
