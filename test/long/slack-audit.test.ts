import { expect, it } from 'vitest';
import { liveThroughAudit } from '../support/slack-audit-lives.ts';

const entries = Number(process.env.SLACK_ENTRIES ?? 1_000_000);
const seed = Number(process.env.EARSHOT_SEED ?? Date.now() % 1_000_000);

it(`reads ${entries} entries of Slack's audit log once each`, async () => {
  console.log(`slack audit: ${entries} entries, seed ${seed} (EARSHOT_SEED=${seed} repeats its log)`);
  const { lost, doubled, wrong, ...counts } = await liveThroughAudit(entries, seed);
  const faults = { lost: lost.length, doubled: doubled.length, wrong: wrong.length };
  console.log(JSON.stringify({ ...counts, ...faults }));
  // The first of them are enough to look for.
  expect(faults, JSON.stringify([lost, doubled, wrong].map((each) => each.slice(0, 10)))).toEqual({ lost: 0, doubled: 0, wrong: 0 });
});
