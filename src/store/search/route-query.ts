import { err, ok, type Result } from '../../lib/result.ts';
import type { DetectedHit } from '../../model/detected.ts';
import type { QueryNode, SyntaxFault } from './node.ts';
import { parseQuery } from './parse.ts';
import { parseEventId } from './position.ts';
import { compilePredicate } from './predicate.ts';

const NO_BYTES = Buffer.alloc(0);

/**
 * Compiles the query of a route into a question to a hit. A hit carries the event's fields and not its bytes, so a route asks for fields:
 * free text is refused rather than never found.
 */
export function compileRouteQuery(text: string, now: () => number): Result<(hit: DetectedHit) => boolean, SyntaxFault> {
  const parsed = parseQuery(text);
  if (!parsed.ok) return parsed;
  if (asksForBytes(parsed.value)) {
    const message = 'A route has no raw message to search: name a field, such as message:*words* or user.name:alice.';
    return err({ code: 'unexpected', message, at: 0, length: Math.max(text.length, 1) });
  }
  const test = compilePredicate(parsed.value, now);
  return ok((hit) =>
    test({
      node: parseEventId(hit.eventId)?.node ?? 0,
      seq: hit.seq,
      timestamp: hit.timestamp,
      receivedAt: hit.receivedAt,
      source: hit.source,
      fields: hit.fields,
      raw: NO_BYTES,
      hits: [hit.hit],
    }),
  );
}

function asksForBytes(node: QueryNode): boolean {
  if (node.type === 'and' || node.type === 'or') return node.nodes.some(asksForBytes);
  if (node.type === 'not') return asksForBytes(node.node);
  return node.type === 'text' || ('field' in node && node.field === 'event.original' && node.type !== 'exists');
}
