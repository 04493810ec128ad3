import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockOf, hitOf, ruleOf } from '../../../test/support/detected.ts';
import { person } from '../../../test/support/person.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { untoldAlerting } from '../../../test/support/untold-alerting.ts';
import { createFoundAlerts } from '../../alert/found-alerts.ts';
import type { Answer } from '../../model/answer.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { DetectedBlock, DetectedHit } from '../../model/detected.ts';
import { type Person, PersonNames } from '../../model/person.ts';
import { type Settings, settingsSchema } from '../../settings.ts';
import type { User } from '../../store/state/accounts.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { Listening } from './listening.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const HOUR = 3_600_000;
const ANA = 'UANA00';
const VERA = 'UVERA0';
const CHANNEL = 'C0123456789';

describe('listening', () => {
  let test: TestState;
  let clock: number;
  let listening: Listening;
  let settings: Settings;
  let published: (readonly string[])[];
  let audits: AuditEvent[];
  let people: readonly Person[];
  let muted: readonly string[];
  let ana: User;
  let vera: User;

  beforeEach(async () => {
    clock = NOW;
    test = await testState(() => clock);
    published = [];
    audits = [];
    people = [];
    muted = [];
    settings = settingsOf();
    [ana, vera] = [await user('ana', 'analyst', ['linux.*', 'segura.*']), await user('vera', 'viewer', ['*'])];
    listening = newListening();
    await listening.load();
  });
  afterEach(async () => {
    await listening.stop();
    await test.remove();
  });

  const user = async (name: string, role: User['role'], datasets: readonly string[]): Promise<User> => {
    const made = await test.state.users.create({ name, displayName: '', role, datasets });
    if (made === undefined) throw new Error(name);
    return made;
  };

  const settingsOf = (more: object = {}): Settings =>
    settingsSchema.parse({
      notifiers: {
        security: {
          type: 'slack_bot',
          token: 'xoxb-made-up',
          channel: CHANNEL,
          signing_secret: 'made-up',
          people: { [ANA]: 'ana', [VERA]: 'vera' },
        },
      },
      ...more,
    });

  const newListening = () =>
    new Listening({
      state: test.state,
      holder: 'hub-1',
      settings: () => settings,
      names: () => new PersonNames(people, []),
      hushes: (_, heard) => 'phrase' in heard && muted.includes(heard.phrase),
      publish: async (phrases) => void published.push(phrases),
      onQueued: () => undefined,
      audit: (event) => void audits.push(event),
      telemetry: silent,
      now: () => clock,
    });

  const alerting = () =>
    untoldAlerting(test.state, () => clock, {
      keepOverheard: (tx, block) => listening.keep(tx, block),
      keepOpened: (tx, changes) => listening.keepAlerts(tx, changes),
    });

  let seq = 0;
  /** A block in which so many events have the words. */
  const blockWith = (
    phrases: readonly string[],
    count: number,
    dataset = 'linux.auth',
    hits: readonly DetectedHit[] = [],
  ): DetectedBlock => {
    seq += 1;
    const events = [{ id: `1-${seq}`, at: clock, dataset, user: 'bob', text: 'bob on prod-db' }];
    return { ...blockOf(seq, seq, hits), overheard: [{ phrases, dataset, count, events }] };
  };
  const hear = (...block: Parameters<typeof blockWith>) => alerting().commitBlock(blockWith(...block));
  const listen = (owner: User, typed: string, more: object = {}) =>
    test.state.listening.add(
      {
        owner: owner.id,
        ownerName: owner.name,
        phrase: typed.replace('-', ' '),
        typed,
        notifier: 'security',
        person: owner.name === 'ana' ? ANA : VERA,
        place: owner.name === 'ana' ? ANA : VERA,
        ...more,
      },
      { perHour: 2 },
    );
  const sent = () => test.state.transaction((tx) => tx.updateTable('whispers').set({ state: 'delivered' }).execute());
  /** One round, as by the clock, after all that was told has reached its place. */
  const round = async () => {
    await sent();
    await roundMeanwhile();
  };
  const roundMeanwhile = async () => {
    listening.start();
    await listening.stop();
  };
  const told = async () => {
    const rows = await test.state.read((db) => db.selectFrom('whispers').selectAll().orderBy('created_at').execute());
    return rows.map(({ place, answer }) => ({
      place,
      text: (JSON.parse(answer) as Answer)
        .map((line) =>
          line.map((span) => (typeof span === 'string' ? span : 'bold' in span ? span.bold : 'text' in span ? span.text : '')).join(''),
        )
        .join('\n'),
    }));
  };

  it('tells who listens, once, and gives the judge what to listen for', async () => {
    await listen(ana, 'prod-db');
    await round();
    expect(published).toEqual([['prod db']]);
    const block = blockWith(['prod db'], 3);
    await alerting().commitBlock(block);
    await alerting().commitBlock(block);
    await round();
    await round();
    expect(await told()).toEqual([
      { place: ANA, text: expect.stringMatching(/^👂 prod-db: 3 events\n•.+bob.+bob on prod-db.+\nand 2 more/) },
    ]);
    expect(published).toHaveLength(1);
    expect(audits).toMatchObject([{ action: 'listening_told', actor: 'ana', about: { words: ['prod db'], events: 3, alerts: 0 } }]);
  });

  it('loses nothing when the hub ends between hearing and telling', async () => {
    await listen(ana, 'prod-db');
    await listening.load();
    await hear(['prod db'], 3);
    await test.reopen();
    listening = newListening();
    await listening.load();
    await round();
    expect(await told()).toHaveLength(1);
  });

  it('counts an event once that has two of the words', async () => {
    await listen(ana, 'prod-db');
    await listen(ana, 'vault');
    await listening.load();
    await hear(['prod db', 'vault'], 1);
    await round();
    expect(await told()).toEqual([{ place: ANA, text: expect.stringMatching(/^👂 prod-db, vault: 1 event\n/) }]);
  });

  it('sums up what is beyond the budget, and says it when the hour is over', async () => {
    await listen(ana, 'prod-db');
    await listening.load();
    for (let i = 0; i < 5; i++) {
      await hear(['prod db'], 10);
      await round();
      clock += 1_000;
    }
    expect(await told()).toHaveLength(2);
    expect((await told())[1]?.text).toContain('That is all for this hour (2)');
    clock = NOW + HOUR;
    await round();
    expect((await told()).at(-1)?.text).toMatch(/^👂 prod-db: 30 events\n(.*\n)*and 27 more/);
  });

  it('has one message wait where none gets through, and tells the rest in one when it has', async () => {
    await listen(ana, 'prod-db', { perHour: 60 });
    await listening.load();
    for (let i = 0; i < 5; i++) {
      await hear(['prod db'], 2);
      await roundMeanwhile();
      clock += HOUR;
    }
    expect((await told()).map(({ text }) => text.split('\n')[0])).toEqual(['👂 prod-db: 2 events']);
    await sent();
    await roundMeanwhile();
    expect((await told()).map(({ text }) => text.split('\n')[0])).toEqual(['👂 prod-db: 2 events', '👂 prod-db: 8 events']);
  });

  it('holds what comes in quiet hours, and sums it up at their end', async () => {
    settings = settingsOf({
      listening: [{ name: 'night', words: ['prod-db'], to: 'security', quiet_hours: { from: '11:00', to: '13:00', time_zone: 'UTC' } }],
    });
    await listening.load();
    for (let i = 0; i < 3; i++) await hear(['prod db'], 2);
    await round();
    expect(await told()).toEqual([]);
    clock = NOW + HOUR;
    await round();
    expect(await told()).toEqual([{ place: null, text: expect.stringMatching(/^👂 prod-db: 6 events/) }]);
  });

  it('tells what each may see, as it is at that moment', async () => {
    await listen(ana, 'prod-db');
    await listening.load();
    await hear(['prod db'], 1, 'windows.security');
    await hear(['prod db'], 2, 'segura.pam');
    await round();
    expect((await told()).map(({ text }) => text.split('\n')[0])).toEqual(['👂 prod-db: 2 events']);
    await test.state.users.change(ana.id, { datasets: ['windows.*'] });
    await hear(['prod db'], 3, 'segura.pam');
    await round();
    expect(await told()).toHaveLength(1);
  });

  it('does not name a word that was heard where one may not look alone', async () => {
    await listen(ana, 'prod-db');
    await listen(ana, 'merger');
    await listening.load();
    await hear(['merger'], 1, 'hr.files');
    await hear(['prod db'], 1, 'linux.auth');
    await round();
    expect((await told()).map(({ text }) => text.split('\n')[0])).toEqual(['👂 prod-db: 1 event']);
    expect(audits.map(({ about }) => about?.words)).toEqual([['prod db']]);
  });

  it('does not tell what waited either, once it may not be seen', async () => {
    await listen(ana, 'prod-db', { quiet: { from: 0, to: 0 } });
    settings = settingsOf();
    await listening.load();
    for (let i = 0; i < 3; i++) {
      await hear(['prod db'], 1);
      await round();
    }
    await test.state.users.change(ana.id, { disabled: true });
    clock += HOUR;
    await round();
    expect(await told()).toHaveLength(2);
    expect(await test.state.read((db) => db.selectFrom('listening_accounts').select('due_at').execute())).toEqual([{ due_at: null }]);
  });

  it.each([
    ['is disabled', () => test.state.users.change(ana.id, { disabled: true })],
    ['is removed', () => test.state.users.remove(ana.id)],
    [
      'is nobody in Slack any more',
      async () => {
        settings = settingsSchema.parse({ data_dir: '/tmp' });
      },
    ],
    [
      'has left',
      async () => {
        people = [person('ana', { displayName: 'Ana', active: false })];
      },
    ],
  ])('tells nobody who %s', async (_, happens) => {
    await listen(ana, 'prod-db');
    await listening.load();
    await happens();
    await hear(['prod db'], 1);
    await round();
    expect(await told()).toEqual([]);
    expect(await test.state.read((db) => db.selectFrom('overheard').select('key').execute())).toEqual([]);
  });

  it('tells others than the security team what was granted, and nothing when it was taken back', async () => {
    await listen(vera, 'prod-db');
    await listening.load();
    const count = async () => {
      await hear(['prod db'], 1, 'linux.auth');
      await hear(['prod db'], 1, 'segura.pam');
      clock += HOUR;
      await round();
      return (await told()).map(({ text }) => text.split('\n')[0]);
    };
    expect(await count()).toEqual([]);
    await test.state.listening.grant({ kind: 'role', who: 'viewer', datasets: ['linux.*'], grantedBy: 'root' });
    expect(await count()).toEqual(['👂 prod-db: 1 event']);
    await test.state.listening.grant({ kind: 'user', who: 'Vera', datasets: ['segura.*'], grantedBy: 'root' });
    expect(await count()).toEqual(['👂 prod-db: 1 event', '👂 prod-db: 2 events']);
    await test.state.listening.revoke('role', 'viewer');
    await test.state.listening.revoke('user', 'Vera');
    expect(await count()).toHaveLength(2);
  });

  it('tells a channel where alerts are told, and others only what was granted', async () => {
    await listen(ana, 'prod-db', { place: CHANNEL });
    await listen(ana, 'prod-db', { place: 'C0000000009' });
    await listening.load();
    await hear(['prod db'], 1, 'linux.auth');
    await round();
    expect((await told()).map(({ place }) => place)).toEqual([CHANNEL]);
    await test.state.listening.grant({ kind: 'channel', who: 'C0000000009', datasets: ['linux.*'], grantedBy: 'root' });
    await hear(['prod db'], 1, 'segura.pam');
    await hear(['prod db'], 1, 'linux.auth');
    await round();
    expect((await told()).map(({ place, text }) => `${place} ${text.split('\n')[0]}`).sort()).toEqual([
      'C0000000009 👂 prod-db: 1 event',
      `${CHANNEL} 👂 prod-db: 1 event`,
      `${CHANNEL} 👂 prod-db: 2 events`,
    ]);
  });

  it('tells of alerts by their titles and subjects, once, and not of late ones', async () => {
    await listen(ana, 'db1 example com');
    await listen(ana, 'title of rule-b');
    await listening.load();
    const fields = { 'event.dataset': 'linux.auth' };
    const commit = (hits: readonly DetectedHit[]) => {
      seq += 1;
      return alerting().commitBlock(blockOf(seq, seq, hits));
    };
    await commit([hitOf({ seq: seq + 1, user: 'ana', at: NOW, fields })]);
    await commit([hitOf({ seq: seq + 1, user: 'ana', at: NOW, fields })]);
    await commit([hitOf({ seq: seq + 1, user: 'late', at: NOW, late: true, fields })]);
    await commit([hitOf({ seq: seq + 1, user: 'other', at: NOW, fields: { 'event.dataset': 'windows.security' } })]);
    await round();
    expect(await told()).toEqual([{ place: ANA, text: expect.stringMatching(/^👂 db1 example com: 1 alert\n• .*HIGH Title of rule-a/) }]);
  });

  it('tells of silence, which has no events', async () => {
    await listen(ana, 'till07 example com');
    await listening.load();
    const group = { 'host.name': 'till07.example.com' };
    const key = { kind: 'silence', ruleId: 'till-silent', identity: 'till-silent.1', groupKey: 'till07' } as const;
    const lease = await test.state.leases.acquire('silence', 'hub-1', HOUR);
    if (lease === undefined) throw new Error('no lease');
    const details = { kind: 'silence', lastAt: NOW - HOUR, expectedMs: 60_000, silentMs: HOUR, learned: false } as const;
    await createFoundAlerts({
      state: test.state,
      ruleInfo: ruleOf,
      isQuiet: () => false,
      router: () => ({ notifiers: [], following: [], targets: () => [] }),
      keepOpened: (tx, changes) => listening.keepAlerts(tx, changes),
      telemetry: silent,
      now: () => clock,
    }).commit(
      [{ ...key, group, firstTrigger: NOW, lastTrigger: NOW, gapMs: 0, late: false }],
      async () => [{ firstAt: NOW - HOUR, lastAt: NOW, count: 0, eventIds: [], events: [], details }],
      async () => undefined,
      lease,
    );
    await test.state.users.change(ana.id, { datasets: ['*'] });
    await round();
    expect(await told()).toEqual([{ place: ANA, text: expect.stringMatching(/^👂 till07 example com: 1 alert\n/) }]);
  });

  it('does not tell what is muted there', async () => {
    await listen(ana, 'prod-db');
    await listen(ana, 'vault');
    await listening.load();
    muted = ['prod db'];
    await hear(['prod db'], 1);
    await hear(['prod db', 'vault'], 1);
    await round();
    muted = [];
    await hear(['prod db'], 1);
    await round();
    expect((await told()).map(({ text }) => text.split('\n')[0])).toEqual(['👂 vault: 1 event', '👂 prod-db: 1 event']);
  });

  it('forgets what waits for those who listen no more', async () => {
    await listen(ana, 'prod-db');
    await listening.load();
    for (let i = 0; i < 4; i++) {
      await hear(['prod db'], 1);
      await round();
    }
    const [kept] = await test.state.listening.listeners();
    await test.state.listening.remove(kept?.id ?? '');
    clock += HOUR;
    await round();
    expect(await told()).toHaveLength(2);
    expect(await test.state.read((db) => db.selectFrom('listening_accounts').select('listener').execute())).toEqual([]);
    expect(published.at(-1)).toEqual([]);
  });
});
