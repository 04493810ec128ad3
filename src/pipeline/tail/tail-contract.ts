import type { Event } from '../../model/event.ts';
import type { QueryNode } from '../../store/search/node.ts';

/** A query that somebody follows. */
export interface FollowedQuery {
  readonly id: number;
  readonly query: QueryNode;
}

/** Where the judge thread was when it began to follow: every later event is told, or counted. */
export interface TailStart {
  /** 0: nothing was judged yet in this life of the thread. */
  readonly lastSeq: number;
}

/** What matched since the last batch. It crosses threads as bytes, see `packTail`. */
export interface TailBatch {
  /** In order, each once, with the ids of the queries that it matches. */
  readonly events: readonly { readonly event: Event; readonly queries: readonly number[] }[];
  /** Matches beyond the rate. */
  readonly skipped: readonly { readonly query: number; readonly count: number }[];
  /** Events that no query was asked about, because the thread had more important work. */
  readonly unchecked: number;
}

/** Events a second that one query gives at most: nobody reads faster, and every viewer's event is serialized, sent and drawn. */
export const MOST_PER_SECOND = 200;
