import type { FastifyInstance } from 'fastify';
import type { HeldException, RuleException } from '../../model/rule-care.ts';
import { actorOf, type Caller } from '../caller.ts';
import { createExceptionEndpoint, deleteExceptionEndpoint, type ExceptionJson, listExceptionsEndpoint } from '../contract/exceptions.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { demandAllDatasets, ruleNamed } from '../rule-change.ts';
import { type Access, serve } from '../serve.ts';
import { filterTime, iso } from '../time-range.ts';

export function exceptionRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { ruleCare, now } = deps;
  const heldOf = (id: string): HeldException => {
    const found = ruleCare.exceptions().find(({ exception }) => exception.id === id);
    if (found === undefined) throw new ApiProblem(404, 'EAR_API_NOT_FOUND', `There is no exception ${id.slice(0, 100)}.`);
    return found;
  };

  serve(app, access, listExceptionsEndpoint, async () => ({
    exceptions: ruleCare.exceptions().map((held) => toJson(held, deps)),
  }));

  serve(app, access, createExceptionEndpoint, async ({ body, caller }) => {
    demandAllDatasets(caller);
    const rules = body.rules === 'any' ? body.rules : body.rules.map((named, i) => idOf(deps, named, i));
    const expiresAt = filterTime('from', body.expires, now());
    if (expiresAt !== undefined && expiresAt <= now()) throw inputProblem('body.expires', 'it is over already');
    const { selection, reason } = body;
    const added = await ruleCare.add({
      rules,
      selection,
      reason,
      author: caller.name,
      ...(expiresAt !== undefined && { expiresAt }),
    });
    if (!added.ok && added.error.code === 'rejected') throw inputProblem('body.selection', added.error.reason);
    if (!added.ok) throw new ApiProblem(409, 'EAR_API_CONFLICT', 'There are too many exceptions: delete those that nobody needs any more.');
    audit(deps, caller, 'create', added.value);
    return toJson(heldOf(added.value.id), deps);
  });

  serve(app, access, deleteExceptionEndpoint, async ({ params: { id }, caller }) => {
    demandAllDatasets(caller);
    const { exception } = heldOf(id);
    if (await ruleCare.delete(id)) audit(deps, caller, 'delete', exception);
    return { deleted: true as const };
  });
}

function idOf(deps: ApiDeps, named: string, i: number): string {
  const rule = ruleNamed(deps, named);
  if (rule === undefined) throw inputProblem(`body.rules[${i}]`, `no rule ${named.slice(0, 100)} runs`);
  if (rule.kind !== 'correlation') return rule.id;
  throw inputProblem(`body.rules[${i}]`, `${rule.name} is a correlation: except events from the rules that it counts`);
}

function toJson({ exception, rules, faults }: HeldException, deps: ApiDeps): ExceptionJson {
  const { id, selection, reason, author, createdAt, expiresAt } = exception;
  const narrowed = new Set(rules);
  return {
    id,
    rules: exception.rules === 'any' ? 'any' : [...exception.rules],
    selection,
    reason,
    author,
    created_at: iso(createdAt),
    ...(expiresAt !== undefined && { expires_at: iso(expiresAt) }),
    expired: expiresAt !== undefined && expiresAt <= deps.now(),
    narrowed: deps
      .rules()
      .rules.filter((rule) => narrowed.has(rule.id))
      .map(({ id: rule, name, title }) => ({ id: rule, name, title })),
    ...(faults.length > 0 && { fault: faults.map(({ line, column, reason: why }) => `${line}:${column}: ${why}`).join('\n') }),
  };
}

function audit(
  { onAudit }: ApiDeps,
  caller: Caller,
  change: 'create' | 'delete',
  { id, rules, selection, reason, expiresAt }: RuleException,
): void {
  onAudit({
    action: `rule_exception_${change}`,
    category: ['configuration'],
    type: [change === 'create' ? 'creation' : 'deletion'],
    outcome: 'success',
    ...actorOf(caller),
    message: `${caller.name}: ${change} an exception from ${rules === 'any' ? 'every rule' : rules.join(', ')}: ${reason}`,
    about: {
      exception: id,
      rule_id: rules === 'any' ? ['any'] : [...rules],
      selection,
      reason,
      ...(expiresAt !== undefined && { expires: iso(expiresAt) }),
    },
  });
}
