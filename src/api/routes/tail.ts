import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Event } from '../../model/event.ts';
import { eventsSince, storedUpTo } from '../../store/search/events-since.ts';
import type { QueryNode } from '../../store/search/node.ts';
import { parseEventId } from '../../store/search/position.ts';
import type { Caller } from '../caller.ts';
import { tailEndpoint } from '../contract/tail.ts';
import type { ApiDeps, TailListener } from '../deps.ts';
import { ApiProblem, inputProblem } from '../problem.ts';
import { auditSearch, queryOf } from '../query.ts';
import { type Access, serveStream } from '../serve.ts';
import { TailViewer } from '../tail-viewer.ts';

const MOST_VIEWERS = 200;
const MOST_PER_SECOND = 200;
/** Heartbeats; and whether the caller may still see what they see. */
const BEAT_MS = 15_000;
/** Gaps are told even when nothing follows them. */
const GAPS_MS = 1_000;
/** Events from the store for a viewer that comes back. */
const MOST_MISSED = 500;
/** What comes meanwhile, and how long the store may take to have what was judged before. */
const MOST_HELD = 2_000;
const STORED_WITHIN_MS = 4_000;
const LOOK_EVERY_MS = 250;

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  // For proxies that would wait for more.
  'x-accel-buffering': 'no',
} as const;

/** The live tail. Events are shown as they are judged, and never wait for the store. */
export function tailRoutes(app: FastifyInstance, access: Access, deps: ApiDeps): void {
  const viewers = new Set<TailViewer>();
  app.addHook('preClose', async () => {
    for (const viewer of viewers) viewer.end('stopping');
  });

  serveStream(app, access, tailEndpoint, async ({ query, caller, request, reply, signal }) => {
    const tree = queryOf(query.q, caller);
    const since = resumeFrom(query.last_event_id ?? request.headers['last-event-id'], deps.node);
    if (viewers.size >= MOST_VIEWERS)
      throw new ApiProblem(429, 'EAR_API_BUSY', `The live tail has ${MOST_VIEWERS} viewers already.`, {}, 30);
    auditSearch(deps, caller, 'tail', query.q);
    const viewer = open(reply);
    const held = new HeldListener(viewer);
    const watching = watch(viewer, caller, () => access.admit(request, tailEndpoint.scopes));
    viewers.add(viewer);
    viewer.onClosed(() => {
      watching.stop();
      viewers.delete(viewer);
    });
    const following = await deps.tail.follow(tree, held);
    viewer.onClosed(() => following.stop());
    viewer.ready({ most_per_second: MOST_PER_SECOND });
    const shownUpTo = await showMissed(deps, viewer, { query: tree, since, lastSeq: following.lastSeq, signal });
    held.release(shownUpTo);
    return reply;
  });
}

function open(reply: FastifyReply): TailViewer {
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...STREAM_HEADERS });
  reply.raw.flushHeaders();
  return new TailViewer(reply.raw);
}

/** The seq after which a viewer goes on. */
function resumeFrom(lastEventId: string | string[] | undefined, node: number): number | undefined {
  if (typeof lastEventId !== 'string' || lastEventId === '') return undefined;
  const identity = parseEventId(lastEventId);
  if (identity === undefined) throw inputProblem('query.last_event_id', 'not an id of an event, such as 1-4711');
  return identity.node === node ? identity.seq : undefined;
}

/** Heartbeats, gaps, and an end when the caller may not see this any more. */
function watch(viewer: TailViewer, caller: Caller, again: () => Promise<Caller>): { stop(): void } {
  const gaps = setInterval(() => viewer.tellGaps(), GAPS_MS).unref();
  const beat = setInterval(() => {
    viewer.beat();
    again().then(
      (now) => {
        if (now.datasets.join() !== caller.datasets.join()) viewer.end('changed');
      },
      (error: unknown) => {
        // A state database that is down says nothing about the caller.
        if (error instanceof ApiProblem) viewer.end('signed_out');
      },
    );
  }, BEAT_MS).unref();
  return {
    stop: () => {
      clearInterval(gaps);
      clearInterval(beat);
    },
  };
}

/** Keeps what comes while the viewer is still shown what it missed. */
class HeldListener implements TailListener {
  readonly #viewer: TailViewer;
  #held: (readonly Event[])[] | undefined = [];
  #count = 0;

  constructor(viewer: TailViewer) {
    this.#viewer = viewer;
  }

  events(events: readonly Event[]): void {
    this.#count += events.length;
    if (this.#held === undefined) this.#viewer.events(events);
    else if (this.#count <= MOST_HELD) this.#held.push(events);
    else this.#viewer.skipped(events.length, 'slow');
  }

  skipped(count: number, why: 'rate' | 'busy'): void {
    this.#viewer.skipped(count, why);
  }

  /** Shows what was kept, but for what the store has shown already. */
  release(shownUpTo: number): void {
    for (const events of this.#held ?? []) {
      const fresh = (events[0]?.seq ?? 0) > shownUpTo ? events : events.filter(({ seq }) => seq > shownUpTo);
      if (fresh.length > 0) this.#viewer.events(fresh);
    }
    this.#held = undefined;
  }
}

interface Missed {
  readonly query: QueryNode;
  /** After this one, up to `lastSeq`: what follows comes by itself. Undefined: nothing was missed. */
  readonly since: number | undefined;
  readonly lastSeq: number | undefined;
  readonly signal: AbortSignal;
}

/** Shows what came while the viewer was away. Gives the seq up to which it was shown. */
async function showMissed(deps: ApiDeps, viewer: TailViewer, { query, since, lastSeq = 0, signal }: Missed): Promise<number> {
  // Nothing was judged yet in this life of the judge thread: what the store has is all there is.
  const upToSeq = lastSeq > 0 ? lastSeq : Number.MAX_SAFE_INTEGER;
  if (since === undefined || since >= upToSeq) return 0;
  const { engine, node, now } = deps;
  try {
    const stored = lastSeq > 0 ? await storedBy(deps, since, lastSeq, signal) : lastSeq;
    if (stored < lastSeq) viewer.skipped(lastSeq - stored, 'busy');
    const { events, total } = await eventsSince(engine, { query, node, afterSeq: since, upToSeq, limit: MOST_MISSED, signal }, now);
    if (total > events.length) viewer.skipped(total - events.length, 'resume');
    if (events.length > 0) viewer.events(events);
    return events.at(-1)?.seq ?? 0;
  } catch (error) {
    if (!signal.aborted) {
      deps.telemetry.log('warn', 'a viewer of the live tail could not be shown what it missed', { error: String(error) });
      viewer.skipped(Math.max(1, lastSeq - since), 'busy');
    }
    return 0;
  }
}

/** How far the store is. The last events before were judged a moment ago: it has them soon, or is behind. */
async function storedBy({ engine, node, now }: ApiDeps, since: number, lastSeq: number, signal: AbortSignal): Promise<number> {
  const end = now() + STORED_WITHIN_MS;
  for (;;) {
    const stored = await storedUpTo(engine, { node, afterSeq: since, upToSeq: lastSeq, signal });
    if (stored >= lastSeq || now() >= end) return stored;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
