import type { ChainLink, Positions, State, Tables } from './state.ts';
import { storable } from './text.ts';

const PAGE = 1_000;

export function createPositions(read: State['read']): Positions {
  return {
    watermark: async (node) => {
      const row = await read((db) => db.selectFrom('watermarks').select('last_seq').where('node', '=', node).executeTakeFirst());
      return row?.last_seq ?? 0;
    },

    checkpoint: async (source) => {
      const name = storable(source);
      const row = await read((db) => db.selectFrom('checkpoints').select('checkpoint').where('source', '=', name).executeTakeFirst());
      return row?.checkpoint;
    },

    chainLinks: async (node, { fromSeq = 0, limit = PAGE } = {}) => {
      const rows = await read((db) =>
        db
          .selectFrom('chain_links')
          .selectAll()
          .where('node', '=', node)
          .where('last_seq', '>=', fromSeq)
          .orderBy('last_seq')
          .limit(Math.min(limit, PAGE))
          .execute(),
      );
      return rows.map(linkOf);
    },

    lastChainLink: async (node) => {
      const row = await read((db) =>
        db.selectFrom('chain_links').selectAll().where('node', '=', node).orderBy('last_seq', 'desc').limit(1).executeTakeFirst(),
      );
      return row === undefined ? undefined : linkOf(row);
    },
  };
}

const linkOf = (row: Tables['chain_links']): ChainLink => ({
  node: row.node,
  firstSeq: row.first_seq,
  lastSeq: row.last_seq,
  count: row.count,
  previous: row.previous,
  hash: row.hash,
});
