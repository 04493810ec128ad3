import { storable } from '../../lib/storable-text.ts';
import type { ChainLink, Positions, State, StateTransaction, Tables } from './state.ts';

const PAGE = 1_000;
/** Rows of one statement: both databases bound the number of parameters. */
const CHUNK = 500;

export function createPositions(read: State['read'], now: () => number): Positions {
  return {
    pass: async (tx, block) => {
      const passed = await advance(tx, block);
      if (passed !== undefined) await record(tx, block, now());
      return passed;
    },

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

type Passing = Parameters<Positions['pass']>[1];

async function advance(tx: StateTransaction, { node, lastSeq }: Passing): Promise<number | undefined> {
  await tx
    .insertInto('watermarks')
    .values({ node, last_seq: 0 })
    .onConflict((conflict) => conflict.column('node').doNothing())
    .execute();
  // An update that changes nothing reads the row and locks it, in both databases.
  const { last_seq: passed } = await tx
    .updateTable('watermarks')
    .set((set) => ({ last_seq: set.ref('last_seq') }))
    .where('node', '=', node)
    .returning('last_seq')
    .executeTakeFirstOrThrow();
  if (lastSeq <= passed) return undefined;
  await tx.updateTable('watermarks').set({ last_seq: lastSeq }).where('node', '=', node).execute();
  return passed;
}

async function record(tx: StateTransaction, { node, firstSeq, lastSeq, keys, checkpoints, chain }: Passing, now: number): Promise<void> {
  const rows = keys.map((each) => ({
    key: storable(each.key),
    source: storable(each.source),
    node,
    first_seq: each.firstSeq,
    count: each.count,
    created_at: now,
    fingerprint: each.fingerprint ?? null,
  }));
  for (let at = 0; at < rows.length; at += CHUNK) {
    await tx
      .insertInto('ingest_keys')
      .values(rows.slice(at, at + CHUNK))
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  }
  // Of one source the last one counts.
  const latest = new Map(checkpoints.map((each) => [storable(each.source), storable(each.checkpoint)]));
  for (const [source, checkpoint] of latest) {
    await tx
      .insertInto('checkpoints')
      .values({ source, checkpoint, changed_at: now })
      .onConflict((conflict) => conflict.column('source').doUpdateSet({ checkpoint, changed_at: now }))
      .execute();
  }
  const { previous, hash, count } = chain;
  await tx.insertInto('chain_links').values({ node, first_seq: firstSeq, last_seq: lastSeq, count, previous, hash }).execute();
}

const linkOf = (row: Tables['chain_links']): ChainLink => ({
  node: row.node,
  firstSeq: row.first_seq,
  lastSeq: row.last_seq,
  count: row.count,
  previous: row.previous,
  hash: row.hash,
});
