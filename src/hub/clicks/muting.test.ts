import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockOf, hitOf, NOON, ruleOf } from '../../../test/support/detected.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { createAlerting } from '../../alert/alerting.ts';
import { alertSettings } from '../../alert/settings.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { NewMute } from '../../model/mute.ts';
import { silent } from '../../telemetry/telemetry.ts';
import type { Ear } from '../listening/ears.ts';
import { Muting } from './muting.ts';

const HOUR = 3_600_000;
const CHANNEL = 'C0123456789';
const ofRule: NewMute = {
  notifier: 'slack',
  place: CHANNEL,
  isAlertPlace: true,
  kind: 'rule',
  what: 'rule-a',
  title: 'name_of_rule-a',
  author: 'ana',
  reason: 'drill',
  until: NOON + HOUR,
};

describe('muting', () => {
  let test: TestState;
  let clock: number;
  let muting: Muting;
  let audits: AuditEvent[];
  let seq: number;

  beforeEach(async () => {
    clock = NOON;
    seq = 0;
    audits = [];
    test = await testState(() => clock);
    muting = newMuting();
    await muting.load();
  });
  afterEach(async () => {
    await muting.stop();
    await test.remove();
  });

  const newMuting = () =>
    new Muting({
      state: test.state,
      onQueued: () => undefined,
      audit: (event) => void audits.push(event),
      telemetry: silent,
      now: () => clock,
    });

  /** Events of somebody, each a minute after the one before; gives whom the outbox tells of what then. */
  const happens = async (user: string, count = 1, rule = 'rule-a', fields = {}) => {
    const alerting = createAlerting({
      state: test.state,
      settings: alertSettings.parse({}),
      ruleInfo: (id) => ({ ...ruleOf(id), groupBy: ['user.name', 'host.name', 'vendor.tenant'] }),
      isQuiet: () => false,
      router: () => muting.over({ notifiers: ['slack', 'mail'], following: ['slack'], targets: () => ['slack', 'mail'] }),
      telemetry: silent,
      now: () => clock,
    });
    for (let i = 0; i < count; i++) {
      seq += 1;
      await alerting.commitBlock(blockOf(seq, seq, [hitOf({ seq, user, rule, at: clock, fields })]));
      clock += 60_000;
    }
    const rows = await test.state.read((db) =>
      db.selectFrom('outbox').select(['notifier', 'kind']).orderBy('created_at').orderBy('key').execute(),
    );
    return rows.map(({ notifier, kind }) => `${notifier} ${kind}`);
  };
  const said = async () => {
    const rows = await test.state.read((db) => db.selectFrom('whispers').select(['place', 'answer']).orderBy('created_at').execute());
    return rows.map(({ place, answer }) => `${place} ${answer}`);
  };

  it('keeps a rule out of a channel and nowhere else, and tells what still goes on when it is over', async () => {
    await muting.mute(ofRule);
    expect(await happens('alice')).toEqual(['mail opened']);
    expect(await happens('alice', 1, 'rule-b')).toEqual(['mail opened', 'mail opened', 'slack opened']);
    clock = NOON + HOUR;
    expect((await happens('alice')).filter((each) => each === 'slack opened')).toHaveLength(2);
  });

  it('keeps out somebody by name, whether the alert is grouped by them or its event names them', async () => {
    await muting.mute({ ...ofRule, kind: 'subject', what: 'alice', title: 'Alice' });
    await muting.mute({ ...ofRule, kind: 'subject', what: 'nobody', title: 'nobody' });
    expect(await happens('ALICE')).toEqual(['mail opened']);
    expect(await happens('bob')).toEqual(['mail opened', 'mail opened', 'slack opened']);
    await muting.mute({ ...ofRule, kind: 'subject', what: 'db1.example.com', title: 'db1' });
    expect(await happens('carol')).toEqual(['mail opened', 'mail opened', 'slack opened', 'mail opened']);
    await muting.mute({ ...ofRule, kind: 'subject', what: 'acme', title: 'Acme' });
    const fields = { 'host.name': 'other', 'vendor.tenant': 'ACME' };
    expect((await happens('dora', 1, 'rule-b', fields)).slice(-1)).toEqual(['mail opened']);
  });

  it('keeps out growth of what was told before', async () => {
    await happens('alice');
    await muting.mute(ofRule);
    expect(await happens('alice', 9)).toEqual(['mail opened', 'slack opened', 'mail grew']);
  });

  it('says in the channel what is muted until when, and when that is over, and records both', async () => {
    await muting.mute(ofRule);
    expect(await said()).toEqual([
      `${CHANNEL} ${JSON.stringify([
        ['🔕 ana has muted ', 'the rule ', { bold: 'name_of_rule-a' }, ' in this channel until ', { at: NOON + HOUR }, ': drill'],
        ['Alerts of it open all the same, and are on the page.'],
      ])}`,
    ]);
    clock = NOON + HOUR;
    muting.start();
    await muting.stop();
    expect((await said())[1]).toContain('is over: what goes on is told here again');
    expect(muting.mutes).toEqual([]);
    expect(audits).toMatchObject([
      { action: 'mute_add', actor: 'ana', about: { kind: 'rule', what: 'rule-a', reason: 'drill', place: CHANNEL } },
      { action: 'mute_end', message: expect.stringMatching(/^Earshot is over/) },
    ]);
  });

  it('is one for the same thing, ends once, and is there after a restart and at other hubs', async () => {
    await muting.mute(ofRule);
    const longer = await muting.mute({ ...ofRule, until: NOON + 2 * HOUR });
    const other = newMuting();
    await other.load();
    expect(other.mutes).toEqual([longer]);
    if (longer === undefined) throw new Error('it was not muted');
    expect([await muting.unmute(longer, 'bob'), await other.unmute(longer, 'bob')]).toEqual([true, false]);
    expect(other.mutes).toEqual([]);
    expect((await said()).at(-1)).toContain('bob ended the mute of');
    expect(await happens('alice')).toEqual(['mail opened', 'slack opened']);
  });

  it('hushes what somebody listens for there, and nobody else', async () => {
    const ear = (more: Partial<Ear>): Ear => ({ id: 'e', notifier: 'slack', place: 'UANA00', words: new Map(), perHour: 1, ...more });
    await muting.mute({ ...ofRule, place: 'UANA00', isAlertPlace: false, kind: 'subject', what: 'Prod.DB', title: 'Prod.DB' });
    await muting.mute(ofRule);
    const phrase = 'prod db';
    expect([
      muting.hushes(ear({}), { phrase }),
      muting.hushes(ear({}), { phrase: 'prod' }),
      muting.hushes(ear({ place: 'UBOB00' }), { phrase }),
      muting.hushes(ear({ notifier: 'other' }), { phrase }),
      muting.hushes(ear({ place: null }), { rule: 'rule-a' }),
      muting.hushes(ear({ place: CHANNEL }), { rule: 'rule-a' }),
      muting.hushes(ear({ place: CHANNEL }), { rule: 'rule-b' }),
      muting.hushes(ear({}), { rule: 'rule-a' }),
    ]).toEqual([true, false, false, false, true, true, false, false]);
    expect(await happens('alice')).toEqual(['mail opened']);
    clock = NOON + HOUR;
    expect(muting.hushes(ear({}), { phrase })).toBe(false);
  });
});
