import type { HitRow } from '../../src/model/hit-row.ts';
import { RowBinaryWriter } from '../../src/store/row-binary.ts';
import { HIT_COLUMNS } from '../../src/store/schema-hits.ts';
import type { EventEngine } from '../../src/store/store.ts';

export type StoredHit = HitRow & { readonly moment: 0 | 1 };

const DAY_MS = 86_400_000;
let blocks = 0;

/** Puts rows into the table of hits, as one block. */
export async function storeHits(engine: EventEngine, rows: readonly StoredHit[]): Promise<void> {
  const writer = new RowBinaryWriter(Buffer.allocUnsafeSlow(1024 ** 2));
  const number = Buffer.alloc(8);
  for (const row of rows) {
    writer.string(row.counter);
    writer.string(row.groupKey);
    writer.i64(row.t);
    writer.u8(row.ref);
    writer.string(row.textValue);
    number.writeDoubleLE(row.numberValue);
    writer.raw(number);
    writer.string(row.shown);
    writer.u16(row.node);
    writer.i64(row.seq);
    writer.u8(0);
    writer.u8(row.moment);
    writer.u16(Math.floor(row.receivedAt / DAY_MS));
  }
  blocks += 1;
  await engine.insert({
    table: 'earshot.hits',
    columns: HIT_COLUMNS,
    body: writer.written(),
    rows: rows.length,
    token: `hits-${process.pid}-${blocks}`,
  });
}
