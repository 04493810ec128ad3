import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestState, testState } from '../../../test/support/state.ts';
import { err, ok } from '../../lib/result.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { settingsSchema } from '../../settings.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { TrustWatch } from './trust-watch.ts';

const HOUR = 3_600_000;

describe('what other systems trust is looked at by the clock, and', () => {
  let clock = Date.UTC(2026, 10, 21);
  let test: TestState;
  let audits: AuditEvent[] = [];
  let looks = 0;
  let onlyInSystem: string[] = [];
  let onlyInLists: string[] = [];
  let isDown = false;

  beforeEach(async () => {
    [audits, looks, onlyInSystem, onlyInLists, isDown] = [[], 0, ['203.0.113.0/24'], ['AS64496'], false];
    test = await testState(() => clock);
  });
  afterEach(() => test.remove());

  const watch = (hours = 24, holder = 'hub-1'): TrustWatch =>
    new TrustWatch({
      state: test.state,
      holder,
      trust: {
        systems: () => ['slack'],
        compare: async (system = '') => {
          looks++;
          if (isDown) return err({ code: 'EAR_ACT_REFUSED', message: 'down' });
          return ok({ system, version: 'v', inSystem: onlyInSystem, onlyInSystem, onlyInLists, notTaken: [] });
        },
      },
      settings: () => settingsSchema.parse({ acts: { trusted_networks_hours: hours } }),
      audit: (event) => void audits.push(event),
      telemetry: silent,
      now: () => clock,
    });
  const lookAfter = async (of: TrustWatch, hours: number) => {
    clock += hours * HOUR;
    await of.look();
  };

  it('says once what has come to differ, of all that differs', async () => {
    const own = watch();
    await lookAfter(own, 0);
    await lookAfter(own, 25);
    expect(audits).toEqual([]);
    onlyInSystem = ['203.0.113.0/24', '8.8.8.0/24'];
    onlyInLists = ['198.51.100.0/24', 'AS64496'];
    await lookAfter(own, 25);
    expect(audits).toMatchObject([
      {
        action: 'trusted_networks_differ',
        message: 'What slack trusts and the lists differ anew: slack alone trusts 8.8.8.0/24; the lists alone have 198.51.100.0/24',
        about: { system: 'slack', only_in_system: ['8.8.8.0/24'], only_in_lists: ['198.51.100.0/24'] },
      },
    ]);
    await lookAfter(own, 25);
    // What is in step again is no news.
    onlyInSystem = [];
    await lookAfter(own, 25);
    expect(audits).toHaveLength(1);
    onlyInSystem = ['8.8.8.0/24'];
    await lookAfter(own, 25);
    expect(audits[1]?.about).toEqual({ system: 'slack', only_in_system: ['8.8.8.0/24'] });
  });

  it('remembers over a restart what was there', async () => {
    await lookAfter(watch(), 0);
    onlyInSystem = ['8.8.8.0/24'];
    await lookAfter(watch(), 25);
    await lookAfter(watch(), 25);
    expect(audits).toHaveLength(1);
  });

  it('asks as often as is wished, an hour after a failure, and never where it is off', async () => {
    const own = watch(6);
    for (let minutes = 0; minutes < 12 * 60; minutes += 10) await lookAfter(own, 1 / 6);
    expect(looks).toBe(2);
    isDown = true;
    for (let minutes = 0; minutes < 3 * 60; minutes += 10) await lookAfter(own, 1 / 6);
    expect(looks).toBe(5);
    isDown = false;
    await lookAfter(own, 1);
    expect(looks).toBe(6);
    await lookAfter(watch(0), 100);
    expect(looks).toBe(6);
    expect(audits).toEqual([]);
  });

  it('is looked at by one of several hubs', async () => {
    await lookAfter(watch(24, 'hub-1'), 0);
    await lookAfter(watch(24, 'hub-2'), 0.01);
    expect(looks).toBe(1);
  });
});
