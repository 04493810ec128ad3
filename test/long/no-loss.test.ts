import { expect, it } from 'vitest';
import { runNoLoss } from '../support/no-loss.ts';

const kills = Number(process.env.EARSHOT_KILLS ?? 200);
const seed = Number(process.env.EARSHOT_SEED ?? Date.now() % 1_000_000);

it(`loses nothing that was acknowledged, whoever is killed (${kills} kills)`, async () => {
  console.log(`no-loss: seed ${seed} (EARSHOT_SEED=${seed} repeats it)`);
  const { log, ...report } = await runNoLoss({ kills, seed });
  console.log(JSON.stringify(report));
  for (const [name, faults] of Object.entries(report.faults)) expect(faults, `${name}\n${log.slice(-4_000)}`).toEqual([]);
});
