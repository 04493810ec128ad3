import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AlertSketch, putOutbox } from '../../../test/support/outbox.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { digestsSettings } from '../../digest/settings.ts';
import type { Answer } from '../../model/answer.ts';
import { answerLines } from '../../model/answer.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { writeClock } from '../../store/state/silence-keys.ts';
import { EngineError } from '../../store/store.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { Digesting, type DigestingDeps } from './digesting.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTE = 60_000;
/** A Monday. Beyond today: the database is as old as the clock of this machine says. */
const MONDAY = Date.UTC(2035, 10, 19, 9);

describe('digests', () => {
  let test: TestState;
  let clock = MONDAY - HOUR;
  const audits: AuditEvent[] = [];
  /** What is amiss. */
  interface World {
    readonly engineDown?: boolean;
    readonly intakeDown?: boolean;
    readonly oldestReceivedAt?: number;
  }
  let world: World = {};
  let woken = 0;
  let asked = 0;

  beforeEach(async () => {
    clock = MONDAY - HOUR;
    world = {};
    [woken, asked] = [0, 0];
    audits.length = 0;
    test = await testState(() => clock);
    await listened();
  });
  afterEach(() => test.remove());

  const listened = () => test.state.transaction((tx) => writeClock(tx, { node: 1, listened_until: clock }, undefined));
  const weekly = { name: 'weekly', to: 'security', time_zone: 'UTC' };

  const digesting = (settings: readonly object[] = [weekly], over: Partial<DigestingDeps> = {}): Digesting =>
    new Digesting({
      state: test.state,
      engine: {
        up: true,
        query: async () => {
          asked++;
          if (world.engineDown) throw new EngineError({ code: 'down', message: 'down' });
          return [];
        },
        command: async () => undefined,
        insert: async () => undefined,
      },
      holder: 'hub-1',
      settings: () => ({ digests: digestsSettings.parse(settings), node: 1 }),
      intake: async () => {
        if (world.intakeDown) throw new Error('restarting');
        const { oldestReceivedAt } = world;
        return { rawLog: { ...RAW_LOG, ...(oldestReceivedAt !== undefined && { oldestReceivedAt }) }, sources: [] };
      },
      onQueued: () => {
        woken++;
      },
      audit: (event) => audits.push(event),
      telemetry: silent,
      now: () => clock,
      ...over,
    });
  const told = async () => {
    const rows = await test.state.read((db) => db.selectFrom('whispers').selectAll().orderBy('created_at').orderBy('key').execute());
    return rows.map((row) => ({ ...row, text: answerLines(JSON.parse(row.answer) as Answer).join('\n') }));
  };
  /** Some hub takes note of the settings, an hour before anything is due. */
  const begun = async (settings: readonly object[] = [weekly]) => {
    const first = digesting(settings);
    await first.look();
    expect(await told()).toEqual([]);
    return first;
  };
  const at = async (moment: number) => {
    clock = moment;
    await listened();
  };
  const put = (alerts: readonly AlertSketch[], when: number) => putOutbox(test.state, alerts, when);

  it('owes nothing of the time before it was set up', async () => {
    await at(MONDAY + HOUR);
    const one = digesting();
    await one.look();
    await one.look();
    expect(await told()).toEqual([]);
    expect(await one.planned()).toMatchObject([{ nextAt: MONDAY + 7 * DAY, lastAt: MONDAY }]);
  });

  it('tells each once, whatever is restarted, and says what of the period', async () => {
    await begun();
    await put([{ id: 'a' }, { id: 'b', level: 'medium' }, { id: 'c', level: 'low' }], MONDAY - DAY);
    await put([{ id: 'd', level: 'critical' }], MONDAY - 9 * DAY);
    await at(MONDAY);
    for (const one of [digesting(), digesting(), digesting()]) {
      await one.look();
      await one.look();
    }
    const [only, ...others] = await told();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ key: `digest.weekly.${MONDAY}`, notifier: 'security', place: null, state: 'pending' });
    expect(only?.text).toContain('weekly: Mon 12 Nov 2035 to Sun 18 Nov 2035 (UTC).');
    expect(only?.text).toContain('2 alerts of level medium and above: 1 high, 1 medium. 1 more than the week before (1), mostly Title of ');
    expect(only?.text).toContain('Open now: 3');
    expect(JSON.parse(only?.chart ?? '')).toMatchObject({
      before: 'the week before',
      bars: { 6: { label: 'Sun 18', levels: { high: 1, medium: 1, low: 0 } } },
    });
    expect(only?.text).not.toMatch(/late|heard nothing|not known|wait/);
    // What was told is not put together again.
    expect([woken, audits.length, asked]).toEqual([1, 1, 1]);
    expect(audits).toMatchObject([{ action: 'digest_told', about: { digest: 'weekly', due: new Date(MONDAY).toISOString() } }]);
  });

  it('tells the last of those that were missed, late, with the time in which nothing was heard', async () => {
    await begun([{ ...weekly, every: 'day' }]);
    // The hub is down from an hour before Monday's on, and comes back on Thursday.
    clock = MONDAY + 3 * DAY + 2 * HOUR;
    const back = digesting([{ ...weekly, every: 'day' }]);
    await back.look();
    await back.look();
    const [only, ...others] = await told();
    expect(others).toEqual([]);
    expect(only?.text).toContain('weekly: Wed 21 Nov 2035 (UTC).');
    expect(only?.text).toContain('This is late: it was due on Thu 22 Nov 2035 09:00. The 3 before it were not told.');
    expect(only?.text).toContain('A hub heard nothing for 1 d of this day (Wed 21 Nov 2035 00:00 for 1 d)');
  });

  it('begins anew where the schedule is another', async () => {
    await begun();
    await at(MONDAY + 2 * DAY);
    await digesting([{ ...weekly, every: 'day' }]).look();
    expect(await told()).toEqual([]);
    await at(MONDAY + 3 * DAY);
    await digesting([{ ...weekly, every: 'day' }]).look();
    expect(await told()).toHaveLength(1);
  });

  it.each([
    ['the engine does not answer', { engineDown: true }, 'Which sources are quiet is not known'],
    ['the ingest thread does not', { intakeDown: true }, 'Whether all sources work is not known'],
    ['messages of the week wait', { oldestReceivedAt: MONDAY - 2 * DAY }, 'Messages that came since Sat 17 Nov 2035 09:00 wait'],
  ])('waits ten minutes while %s, and then says so', async (_, amiss, said) => {
    const one = await begun();
    world = amiss;
    for (const minutes of [0, 1, 9]) {
      await at(MONDAY + minutes * MINUTE);
      await one.look();
      expect(await told()).toEqual([]);
    }
    await at(MONDAY + 10 * MINUTE);
    await one.look();
    expect((await told())[0]?.text).toContain(said);
  });

  it('is told then also where the engine takes longer to say nothing than the lease lasts', async () => {
    await begun();
    const query = async () => {
      clock += 61_000;
      throw new EngineError({ code: 'timeout', message: 'too slow' });
    };
    const one = digesting([weekly], { engine: { up: true, query, command: async () => undefined, insert: async () => undefined } });
    await at(MONDAY);
    for (let i = 0; i < 13; i++) await one.look();
    expect((await told()).map(({ text }) => text)).toEqual([expect.stringContaining('Which sources are quiet is not known')]);
  });

  it('does not wait any more when it is back', async () => {
    const one = await begun();
    world = { engineDown: true };
    await at(MONDAY);
    await one.look();
    world = {};
    await at(MONDAY + MINUTE);
    await one.look();
    expect((await told())[0]?.text).not.toContain('not known');
  });

  it('is one hub’s work', async () => {
    await begun();
    const other = digesting([weekly], { holder: 'hub-2' });
    await at(MONDAY);
    await other.look();
    // The first may still hold the lease: then it is told by it, and not twice.
    await digesting().look();
    await other.look();
    expect(await told()).toHaveLength(1);
  });

  it('tells of its own datasets and levels alone, where it is to', async () => {
    const settings = [{ ...weekly, channel: 'C0123456789', datasets: ['linux.*'], least_level: 'critical' }];
    await begun(settings);
    await put([{ id: 'a', level: 'critical' }, { id: 'b', level: 'critical' }, { id: 'c' }], MONDAY - DAY);
    await test.state.transaction(async (tx) => {
      for (const [id, value] of [
        ['a', 'linux.auth'],
        ['b', 'slack.audit'],
        ['c', 'linux.auth'],
      ] as const)
        await tx.insertInto('alert_subjects').values({ alert_id: id, kind: 'dataset', value }).execute();
    });
    await at(MONDAY);
    await digesting(settings).look();
    const [only] = await told();
    expect(only).toMatchObject({ place: 'C0123456789' });
    expect(only?.text).toContain('1 alert of level critical: 1 critical.');
    expect(only?.text).toContain('CRITICAL Title of a:');
    expect(only?.text).not.toContain('Title of b');
  });

  it('counts what could not be told', async () => {
    await begun();
    await put([{ id: 'a' }], MONDAY - DAY);
    await test.state.transaction((tx) => tx.updateTable('outbox').set({ state: 'dead' }).execute());
    await at(MONDAY);
    await digesting().look();
    expect((await told())[0]?.text).toContain('Not told: 1 message could not be delivered');
  });

  it('says beforehand what it would say, and notes nothing', async () => {
    await put([{ id: 'a' }], MONDAY - 2 * DAY);
    const one = digesting();
    const lines = answerLines((await one.preview('weekly')) ?? []);
    expect(lines.slice(0, 2)).toEqual([
      '📊 weekly: Mon 12 Nov 2035 to Sun 18 Nov 2035 (UTC).',
      expect.stringContaining('1 alert of level medium and above: 1 high.'),
    ]);
    expect(await one.preview('other')).toBeUndefined();
    expect(await one.planned()).toMatchObject([{ nextAt: MONDAY, lastAt: undefined }]);
  });
});

const RAW_LOG = { open: true, bytes: 0, maxBytes: 1 };
