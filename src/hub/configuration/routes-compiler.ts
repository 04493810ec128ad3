import { type CompileRouteQuery, createRouter, type Router } from '../../alert/routing.ts';
import type { ConfigFault } from '../../config/fault.ts';
import { NOTIFIERS } from '../../integrations/index.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Settings } from '../../settings.ts';
import { parseQuery } from '../../store/search/parse.ts';
import { compilePredicate } from '../../store/search/predicate.ts';

/** The search language as a test of one hit's event. */
const compileRouteQuery: CompileRouteQuery = (text) => {
  const parsed = parseQuery(text);
  if (!parsed.ok) return err({ message: `${parsed.error.message} (at character ${parsed.error.at + 1})` });
  const matches = compilePredicate(parsed.value, Date.now);
  return ok((hit) => {
    const { node, seq, timestamp, receivedAt, source, fields, raw } = hit;
    return matches({ node, seq, timestamp, receivedAt, source, fields, raw: Buffer.from(raw), hits: [hit.hit] });
  });
};

/** Who is told of what. Faults name the setting. */
export const compileRoutes = ({ routes, notifiers }: Pick<Settings, 'routes' | 'notifiers'>): Result<Router, readonly ConfigFault[]> =>
  createRouter(routes, Object.keys(notifiers), compileRouteQuery, following(notifiers));

/** Names of the notifiers whose messages can be changed, and so have threads. */
function following(notifiers: Settings['notifiers']): string[] {
  const types = new Set<string>(NOTIFIERS.filter((definition) => definition.edit !== undefined).map(({ type }) => type));
  return Object.entries(notifiers)
    .filter(([, { type }]) => types.has(type))
    .map(([name]) => name);
}
