import { expect, it } from 'vitest';
import { runNoLoss } from '../support/no-loss.ts';

const KILLS = 5;
const seed = Number(process.env.EARSHOT_SEED ?? Date.now() % 1_000_000);

it(`loses nothing that was acknowledged, whoever is killed (${KILLS} kills)`, { timeout: 300_000 }, async () => {
  console.log(`no-loss: seed ${seed} (EARSHOT_SEED=${seed} repeats it)`);
  const { log, ...report } = await runNoLoss({ kills: KILLS, seed });
  console.log(JSON.stringify(report));
  for (const [name, faults] of Object.entries(report.faults)) expect(faults, `${name}\n${log.slice(-4_000)}`).toEqual([]);
  expect(report.alerts).toBeGreaterThan(0);
  expect(report.slackMessages).toBeGreaterThan(0);
  for (const [by, count] of Object.entries(report.acknowledged)) expect(count, by).toBeGreaterThan(0);
});
