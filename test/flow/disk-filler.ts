import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startEngine } from '../../src/store/engine/engine.ts';
import { insertBlock } from '../../src/store/insert-block.ts';
import { migrate } from '../../src/store/migrations.ts';
import { dropExpired } from '../../src/store/retention.ts';
import { RetentionSettings } from '../../src/store/settings.ts';
import { sql } from '../../src/store/sql.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { BOUNDS } from './engine-folder.ts';
import { DAY_MS, madeBlock, NOW } from './store-events.ts';

// Fills the small file system it is given until the engine says that it is full, then drops the older day and goes on.
const folder = process.argv[2] ?? '';
const ROWS = 4000;
const engine = await startEngine({ dataDir: join(folder, 'data'), runDir: join(folder, 'run'), telemetry: silent });
await migrate(engine);

const blockAt = (i: number) => {
  const about = i < 4 ? { timestamp: NOW - 60 * DAY_MS, receivedAt: NOW - 60 * DAY_MS } : {};
  return madeBlock(1 + i * ROWS, ROWS, () => ({ ...about, raw: randomBytes(1200) }));
};
const stored = async () => {
  const [row] = await engine.query<{ c: string; u: string }>(sql`SELECT count() AS c, uniqExact(seq) AS u FROM earshot.events`, BOUNDS);
  return { count: Number(row?.c), unique: Number(row?.u) };
};

let acknowledged = 0;
let refused = blockAt(0);
let fault = '';
for (let i = 0; i < 100 && fault === ''; i++) {
  refused = blockAt(i);
  const inserted = await insertBlock(engine, refused);
  if (inserted.ok) acknowledged += ROWS;
  else fault = inserted.error.code;
}
const whenFull = await stored();
const report = await dropExpired(engine, {
  retention: RetentionSettings.parse({ default_days: 30 }),
  now: NOW,
  stillHeld: async () => true,
});
const dropped = report.dropped.reduce((sum, { rows }) => sum + rows, 0);
// The engine frees the files of a dropped day a little later.
let again = await insertBlock(engine, refused, { resumed: true });
while (!again.ok && again.error.code === 'disk_full') again = await insertBlock(engine, refused, { resumed: true });
const atLast = await stored();
process.stdout.write(
  `${JSON.stringify({
    fault,
    acknowledged,
    stored: whenFull.count === acknowledged ? 'acknowledged' : whenFull.count,
    afterDrop: again.ok && atLast.count === acknowledged - dropped + ROWS ? 'stored' : atLast.count,
    twice: atLast.count - atLast.unique,
    restarts: engine.restarts,
  })}\n`,
);
await engine.stop();
