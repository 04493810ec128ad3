import { describe, expect, it } from 'vitest';
import { loadRules } from '../../src/detect/sigma/load.ts';
import { SCENARIO_NAMES } from '../simulators/slack-month/attacks.ts';
import { slackMonth } from '../simulators/slack-month.ts';
import { propertySeed } from '../support/property-seed.ts';
import { runMonth } from '../support/slack-month-run.ts';

const loaded = loadRules(new URL('../../rules/', import.meta.url).pathname);
const PEOPLE = 300;

/** The same month each time; `PROPERTY_SEED=random` draws one that nobody has seen. */
describe(`a month of an organization in Slack, seed ${propertySeed}`, () => {
  const month = slackMonth({ seed: propertySeed, people: PEOPLE });
  const { anomalies, told, attacks } = runMonth(month, loaded);

  it.each(SCENARIO_NAMES)('finds %s', (scenario) => {
    const of = attacks.filter((attack) => attack.scenario === scenario);
    expect(of).toHaveLength(1);
    expect(of.filter((attack) => attack.told.length === 0)).toEqual([]);
  });

  it('disturbs people at most a tenth as often as anomalies that are passed through', () => {
    expect(anomalies).toBeGreaterThan(200);
    expect(told.length).toBeLessThanOrEqual(anomalies / 10);
  });
});
