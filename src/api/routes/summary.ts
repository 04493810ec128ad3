import type { FastifyInstance } from 'fastify';
import type { Histogram } from '../../store/search/histogram.ts';
import { TIME_FIELDS } from '../../store/search/node.ts';
import { summary } from '../../store/search/summary.ts';
import { summaryEndpoint } from '../contract/summary.ts';
import type { ApiDeps } from '../deps.ts';
import { inputProblem } from '../problem.ts';
import { auditSearch, queryOf, shownRange } from '../query.ts';
import { type Access, serve } from '../serve.ts';
import { iso, timeRange } from '../time-range.ts';

/** A query in one look. */
export function summaryRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const { engine, now } = deps;

  serve(app, access, summaryEndpoint, async ({ query: { q, fields, by, buckets, size, histogram: bars, ...span }, caller, signal }) => {
    const range = timeRange(span, now());
    const query = queryOf(q, caller);
    for (const field of [...fields, ...(by === undefined ? [] : [by])])
      if (TIME_FIELDS.has(field)) throw inputProblem('query.fields', `${field} is a time: the histogram counts over time`);
    auditSearch(deps, caller, 'summary', q, range);
    const search = { query, ...range, fields, size, bars: bars === 'with' ? { by, buckets } : undefined, signal };
    const { histogram: counted, top } = await summary(engine, search, now);
    return {
      ...shownRange(range),
      total: counted?.total ?? top[0]?.total ?? 0,
      ...(counted && { histogram: histogramJson(counted) }),
      top: top.map((values, i) => ({ field: fields[i] ?? '', ...values, values: [...values.values] })),
    };
  });
}

const histogramJson = ({ intervalMs, total, bars }: Histogram) => ({
  interval_ms: intervalMs,
  total,
  bars: bars.map((bar) => ({ ...bar, start: iso(bar.start) })),
});
