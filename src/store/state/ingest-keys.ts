import { storable } from '../../lib/storable-text.ts';
import type { IngestKeys, State } from './state.ts';

/** Sorts after every other character, in bytes too. */
const LAST = '\u{10FFFF}';
const IMPORT = 'import:';
const PAGE = 10_000;

export function createIngestKeys(read: State['read']): IngestKeys {
  return {
    lookup: async (key) => {
      const row = await read((db) => db.selectFrom('ingest_keys').selectAll().where('key', '=', storable(key)).executeTakeFirst());
      if (row === undefined) return undefined;
      const { first_seq: firstSeq, count, fingerprint } = row;
      return { firstSeq, count, duplicate: true, ...(fingerprint !== null && { fingerprint }) };
    },

    withPrefix: async (prefix, { after = '', limit = PAGE } = {}) => {
      const rows = await read((db) =>
        db
          .selectFrom('ingest_keys')
          .selectAll()
          .where('key', '>=', storable(prefix))
          .where('key', '<', storable(prefix) + LAST)
          .where('key', '>', storable(after))
          .orderBy('key')
          .limit(Math.min(limit, PAGE))
          .execute(),
      );
      return rows.map((row) => ({ key: row.key, source: row.source, firstSeq: row.first_seq, count: row.count }));
    },

    prune: async (olderThan) => {
      const gone = await read((db) =>
        db
          .deleteFrom('ingest_keys')
          .where('created_at', '<', olderThan)
          .where((where) => where.or([where('key', '<', IMPORT), where('key', '>=', IMPORT + LAST)]))
          .executeTakeFirst(),
      );
      return Number(gone.numDeletedRows);
    },
  };
}
