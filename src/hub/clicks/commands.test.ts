import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSlackApi } from '../../../test/simulators/slack-api.ts';
import { signedCommand } from '../../../test/simulators/slack-clicks.ts';
import { FakeEngine } from '../../../test/support/api.ts';
import { commandDoor, NOTHING_WAITS } from '../../../test/support/click-doors.ts';
import { blockOf, hitOf } from '../../../test/support/detected.ts';
import { putOutbox } from '../../../test/support/outbox.ts';
import { ruleOf as sigmaRule } from '../../../test/support/sigma-rule.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { untoldAlerting } from '../../../test/support/untold-alerting.ts';
import { type Alerts, createAlerts } from '../../alert/alerts.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { type Person, PersonNames } from '../../model/person.ts';
import { queueWhispers } from '../../notify/whisper-rows.ts';
import type { IngestStatus } from '../../pipeline/ingest-contract.ts';
import { settingsSchema } from '../../settings.ts';
import type { NewClick } from '../../store/state/clicks.ts';
import { EngineError } from '../../store/store.ts';
import { silent } from '../../telemetry/telemetry.ts';
import { earId } from '../listening/ears.ts';
import type { CommandsDeps } from './commands.ts';
import { Muting } from './muting.ts';
import { TypedCommands } from './typed-commands.ts';

const SECRET = 'made-up-signing-secret';
const NOW = Date.UTC(2026, 0, 1, 12);
const RULE = sigmaRule('s: { user.name: alice }\ncondition: s');
const ANA: Person = {
  id: 'ana',
  displayName: 'Ana *Silva*',
  names: ['asilva', 'EXAMPLE\\ana'],
  emails: ['ana@example.com'],
  groups: [],
  active: true,
  privileged: false,
  sources: [],
};

describe('a command', () => {
  let test: TestState;
  let alerts: Alerts;
  let engine: FakeEngine;
  let ingest: CommandsDeps['ingest'];
  let intake: IngestStatus;
  let audits: AuditEvent[];
  let refreshed: number;
  let muting: Muting;

  beforeEach(async () => {
    test = await testState(() => NOW);
    alerts = createAlerts(test.state, () => NOW);
    engine = new FakeEngine();
    intake = { rawLog: { open: true, bytes: 0, maxBytes: 1 }, sources: [], rules: { loaded: 1, rejected: 0 } };
    ingest = { closedBecause: undefined, status: async () => intake };
    audits = [];
    refreshed = 0;
    muting = new Muting({
      state: test.state,
      onQueued: () => undefined,
      audit: (event) => void audits.push(event),
      telemetry: silent,
      now: () => NOW,
    });
    await test.state.users.create({ name: 'vera', displayName: '', role: 'viewer', datasets: ['*'] });
    await test.state.users.create({ name: 'ron', displayName: '', role: 'analyst', datasets: ['windows.*'] });
    const alerting = untoldAlerting(test.state, () => NOW);
    const hits = ['linux.auth', 'linux.auth', 'windows.security'].map((dataset, i) =>
      hitOf({ seq: i + 1, user: `user${i}`, at: NOW, fields: { 'event.dataset': dataset } }),
    );
    await alerting.commitBlock(blockOf(1, 3, hits));
    const page = await alerts.list({ about: 'user0' });
    if (page.ok) await alerts.change(page.value.alerts[0]?.id ?? '', { act: { kind: 'take' }, actor: 'vera' });
  });
  afterEach(() => test.remove());

  const deps = (apiUrl = 'https://slack.com/api/'): CommandsDeps => ({
    settings: settingsSchema.parse({
      notifiers: {
        security: {
          base_url: 'https://earshot.example.com/',
          type: 'slack_bot',
          token: 'xoxb-made-up',
          api_url: apiUrl,
          channel: 'C0123456789',
          signing_secret: SECRET,
          people: { UVERA0: 'vera', URON00: 'Ron', UGONE0: 'gone' },
        },
        other: {
          type: 'slack_bot',
          token: 'xoxb-made-up',
          channel: 'C0000000042',
          signing_secret: SECRET,
          people: { URON00: 'Ron' },
        },
      },
    }),
    state: test.state,
    alerts,
    engine,
    ingest,
    lookUps: { names: new PersonNames([ANA], []) },
    listening: {
      refresh: async () => {
        refreshed += 1;
      },
    },
    lineFaults: () => [],
    audit: (event) => void audits.push(event),
    muting,
    ruleBook: { loaded: { rules: [RULE], correlations: [], baselines: [], silences: [] } },
    telemetry: silent,
    fetch,
  });
  const door = (apiUrl?: string) => {
    const given = deps(apiUrl);
    const keep = (click: NewClick) => test.state.clicks.keep([click]);
    return commandDoor(new TypedCommands(given, NOTHING_WAITS, () => NOW), { settings: given.settings, keep, now: () => NOW });
  };
  const ask = async (user: string, text: string, secret = SECRET, at = NOW, channel = 'C0000000007') => {
    const { headers, body } = signedCommand(user, text, secret, at, { channel_id: channel });
    const answer = await door().take('slack_bot', { headers, body: Buffer.from(body) });
    return answer.kind === 'answer' ? answer.text : answer.kind;
  };

  it('tells each what they may see', async () => {
    expect(await ask('UVERA0', ' Status ')).toContain(
      'Alerts that you may see: 2 open (2 high), 1 acknowledged, 0 snoozed; yours: 1.\nEarshot takes in',
    );
    expect(await ask('URON00', 'status')).toContain('1 open (1 high), 0 acknowledged, 0 snoozed; yours: 0.');
  });

  it('says what the hub cannot do', async () => {
    engine.up = false;
    ingest = { ...ingest, closedBecause: 'the disk is full' };
    expect(await ask('UVERA0', 'status')).toContain(
      'cannot do all of its work: the event engine does not answer; nothing is taken in: the disk is full.',
    );
  });

  it('says which sources do not work to who may see all, to others how many, and what waits', async () => {
    const [works, broken] = [
      { name: 'vault', type: 'syslog', listening: [], refusals: [] },
      { name: 'slack', type: 'slack_audit', listening: [], refusals: [], fault: 'the token was revoked' },
    ];
    intake = { ...intake, sources: [works, broken], rawLog: { ...intake.rawLog, oldestReceivedAt: NOW - 300_000 } };
    expect(await ask('UVERA0', 'status')).toContain(
      'cannot do all of its work: the source slack does not work: the token was revoked; what came in waits to be judged or stored, the first of it for 5 min.',
    );
    expect(await ask('URON00', 'status')).toContain('cannot do all of its work: 1 of 2 sources does not work; what came in waits');
    ingest = { ...ingest, status: () => Promise.reject(new Error('restarting')) };
    expect(await ask('UVERA0', 'status')).toContain('cannot do all of its work: the intake does not answer.');
  });

  it('says what could not be told', async () => {
    await putOutbox(test.state, [{ id: 'new' }], NOW - 60_000);
    expect(await ask('UVERA0', 'status')).toContain('Earshot takes in, judges and tells.');
    await putOutbox(test.state, [{ id: 'old' }, { id: 'around', kind: 'context' }], NOW - 600_000);
    expect(await ask('UVERA0', 'status')).toContain('cannot do all of its work: 1 message waits to be told, the first for 10 min.');
    await test.state.transaction((tx) => tx.updateTable('outbox').set({ state: 'dead' }).where('alert_id', '=', 'old').execute());
    expect(await ask('UVERA0', 'status')).toContain('cannot do all of its work: 1 message was given up in the last 24 hours.');
  });

  it('tells strangers nothing but what to do', async () => {
    expect(await ask('USTRANGER', 'status')).toMatch(/^Nothing was done: Earshot does not know who you are/);
    expect(await ask('UGONE0', 'status')).toMatch(/^Nothing was done: Earshot has no user gone/);
    expect(await ask('USTRANGER', '')).toContain('/earshot status');
    expect(await ask('USTRANGER', '<!channel> drop table')).toMatch(/^There is no such command\.\n`\/earshot status`/);
  });

  const row = (name: string, actions: Readonly<Record<string, number>>, at = NOW) => ({
    key: name.toLowerCase(),
    name,
    count: `${Object.values(actions).reduce((a, b) => a + b, 0)}`,
    first: `${at - 60_000}`,
    last: `${at}`,
    actions: Object.keys(actions),
    times: Object.values(actions).map((count) => `${count}`),
    total: '9',
    names: '4',
  });

  it('says who touched something: people once, whatever their names, and what they did', async () => {
    engine.rows = [
      row('asilva', { viewed: 3, opened: 1 }),
      row('<!channel>', { viewed: 2 }),
      row('ana@example.com', { viewed: 2 }),
      row('', { '': 1 }),
    ];
    const said = await ask('UVERA0', 'Who touched  “prod-db”  since 1h');
    expect(said.split('\n')).toEqual([
      expect.stringMatching(/^\*prod-db\*: 2 names, 9 events, from <!date\^1767265200\^/),
      expect.stringMatching(/^• \*Ana ∗Silva∗ \(asilva, ana@example.com\)\*: 6 events, <!date.+ to <!date.+>; viewed 5, opened 1$/),
      expect.stringMatching(/^• \*&lt;!channel&gt;\*: 2 events, .+; viewed 2$/),
      'and without a name: 1 event',
      '<https://earshot.example.com/explorer?q=%22prod-db%22&from=2026-01-01T11%3A00%3A00.000Z&to=2026-01-01T12%3A00%3A00.000Z|See the events>',
    ]);
    expect(engine.asked).toHaveLength(1);
    expect(Object.values(engine.asked[0]?.statement.params ?? {})).toContain('prod db');
    expect(audits).toMatchObject([
      { action: 'search', actor: 'vera', about: { kind: 'who_touched', query: '"prod-db"', via: 'slack', via_person: 'UVERA0' } },
    ]);
  });

  it('looks among what the asker may see alone, and says so', async () => {
    expect(await ask('URON00', 'who touched prod-db')).toMatch(/Of the datasets that you may see alone\.$/);
    expect(Object.values(engine.asked[0]?.statement.params ?? {}).join(' ')).toContain('windows');
    expect(await ask('USTRANGER', 'who touched prod-db')).toMatch(/^Nothing was done: Earshot does not know who you are/);
    expect(engine.asked).toHaveLength(2);
  });

  it('says that a search was cut, and where', async () => {
    engine.rows = [row('bob', { viewed: 9 })];
    engine.faultAfter = { asked: 1, error: new EngineError({ code: 'timeout', message: 'too slow' }) };
    const said = await ask('UVERA0', 'who touched prod-db');
    expect(said).toContain('bob*: 9 events');
    expect(said).toMatch(/The search was cut: it took too long\. Before <!date\^1767265200\^[^>]+> nothing was looked at/);
  });

  it('says that nobody touched it only of what was looked at', async () => {
    expect(await ask('UVERA0', 'who touched prod-db')).not.toContain('stored');
    intake = { ...intake, rawLog: { ...intake.rawLog, oldestReceivedAt: NOW - 600_000 } };
    expect(await ask('UVERA0', 'who touched prod-db')).toMatch(
      /^Nobody: .*\nWhat came in since <!date\^1767268200\^[^>]+> is not all stored yet: it may be missing here\.\n/,
    );
    expect(await ask('UVERA0', 'who touched prod-db yesterday')).not.toContain('not all stored');
    ingest = { ...ingest, status: () => Promise.reject(new Error('restarting')) };
    expect(await ask('UVERA0', 'who touched prod-db')).toContain('Whether all that came in is stored is not known');
  });

  it('answers later what takes longer than Slack waits', async () => {
    const slack = await startSlackApi({ now: () => NOW });
    const commands = door(slack.apiUrl);
    const app = createServer(async (request, response) => {
      const { headers } = request;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const answer = await commands.take('slack_bot', { headers, body: Buffer.concat(chunks) });
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => void app.listen(0, '127.0.0.1', resolve));
    const address = app.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
    const hanging = Promise.withResolvers<void>();
    engine.hang = hanging.promise;
    engine.rows = [row('bob', { viewed: 9 })];
    const { json, ms } = await slack.command({ url, user: 'UVERA0', text: 'who touched prod-db' });
    expect(json).toMatchObject({ text: expect.stringMatching(/^Looking/) });
    expect(ms).toBeLessThan(3_000);
    expect(slack.responses).toEqual([]);
    hanging.resolve();
    await slack.until(() => slack.responses.length === 1);
    expect(slack.responses[0]).toMatchObject({
      user: 'UVERA0',
      args: { response_type: 'ephemeral', text: expect.stringContaining('• *bob*: 18 events') },
    });
    app.close();
    await slack.stop();
  });

  it.each(['who touched', 'who touched   yesterday', 'who touched x since nonsense', 'who touched "x" since 2099-01-01'])(
    '%s is answered with how to ask',
    async (text) => {
      expect(await ask('UVERA0', text)).toMatch(/^Say what: `\/earshot who touched prod-db`/);
      expect(engine.asked).toHaveLength(0);
    },
  );

  it('lets the security team listen, says what they would have heard, and records it', async () => {
    engine.rows = [row('asilva', { viewed: 3 }), row('bob', { viewed: 2 })];
    const said = await ask('URON00', 'Listen  “Title of Rule-A” quiet 22:00-7:00 at most 5');
    expect(said.split('\n')).toEqual([
      `From now on you hear of events and alerts with *Title of Rule-A*: at most 5 messages an hour, but not from 22:00 to 07:00 (${Intl.DateTimeFormat().resolvedOptions().timeZone}).`,
      'In the last seven days that would have been 1 alert, 27 events, most of them by Ana ∗Silva∗ (asilva) (9), bob (6).',
      '• *Title of rule-a*',
    ]);
    const asked = Object.values(engine.asked[0]?.statement.params ?? {});
    expect(asked).toContain('title of rule a');
    expect(asked.join(' ')).toContain('windows');
    expect(refreshed).toBe(1);
    expect(await test.state.listening.listeners()).toMatchObject([
      { ownerName: 'ron', phrase: 'title of rule a', place: 'URON00', person: 'URON00', perHour: 5, quiet: { from: 1_320, to: 420 } },
    ]);
    expect(audits).toMatchObject([
      { action: 'listening_add', outcome: 'success', actor: 'ron', about: { words: 'Title of Rule-A', place: 'URON00', via: 'slack' } },
    ]);
  });

  it('keeps quiet hours and budget of a place until something else is said, and tells what one listens for', async () => {
    await ask('URON00', 'listen prod-db at most 5');
    await ask('URON00', 'listen vault quiet 22:00-07:00');
    expect(await ask('URON00', 'listen PROD DB quiet none')).toMatch(
      /^As before, you hear .+\*PROD DB\*: at most 5 messages an hour, at any hour\./,
    );
    expect(await ask('URON00', 'listen')).toBe(
      '• *prod-db*, told to you; at most 5 messages an hour, at any hour\n• *vault*, told to you; at most 5 messages an hour, at any hour',
    );
    expect(await ask('URON00', 'listen stop "Prod-DB"')).toBe('You listen no more for *prod-db*.');
    expect(await ask('URON00', 'listen stop prod-db')).toMatch(/^Nothing was done: you do not listen for that\.\n• \*vault\*/);
    expect(await ask('URON00', 'listen stop all')).toBe('You listen no more for *vault*.');
    expect(await ask('URON00', 'listen list')).toMatch(/^You listen for nothing\./);
    expect(audits.map(({ action }) => action)).toEqual([...Array(3).fill('listening_add'), 'listening_stop', 'listening_stop']);
  });

  it('says what could not be delivered, and why', async () => {
    await ask('URON00', 'listen prod-db');
    const [{ owner = '', notifier = '', place = '' } = {}] = await test.state.listening.listeners();
    const whisper = { notifier, place, listener: earId({ owner, notifier, place }), answer: [] };
    await test.state.transaction(async (tx) => {
      await queueWhispers(
        tx,
        ['a', 'b', 'c'].map((key) => ({ ...whisper, key })),
        NOW,
      );
      await tx.updateTable('whispers').set({ state: 'dead', why: 'Slack: <!here> gone' }).where('key', '!=', 'c').execute();
    });
    expect(await ask('URON00', 'listen list')).toMatch(/\n2 messages could not be delivered\. The last: Slack: &lt;!here&gt; gone$/);
  });

  it('lets others listen once it is granted, and in channels where alerts are told', async () => {
    expect(await ask('UVERA0', 'listen prod-db')).toMatch(
      /^Nothing was done: \*prod-db\*: vera, with the role viewer, may not listen until/,
    );
    expect(audits).toMatchObject([{ action: 'listening_add', outcome: 'failure', actor: 'vera' }]);
    await test.state.listening.grant({ kind: 'user', who: 'vera', datasets: ['linux.*'], grantedBy: 'root' });
    expect(await ask('UVERA0', 'listen prod-db')).toMatch(/^From now on you hear/);
    // The command is typed in another channel than the notifier's.
    expect(await ask('URON00', 'listen prod-db here')).toMatch(/alerts are not told in this channel \(C0000000007\)/);
    await test.state.listening.grant({ kind: 'channel', who: 'C0000000007', datasets: ['windows.*'], grantedBy: 'root' });
    expect(await ask('URON00', 'listen prod-db here')).toMatch(/^From now on this channel hears/);
    const kept = await test.state.listening.listeners();
    expect(kept.map(({ person, place }) => `${person} ${place}`).sort()).toEqual(['URON00 C0000000007', 'UVERA0 UVERA0']);
    expect(await ask('USTRANGER', 'listen prod-db')).toMatch(/^Nothing was done: Earshot does not know who you are/);
  });

  it.each([
    ['listen "', /cannot be listened for: there is no letter/],
    ['listen a', /cannot be listened for: it has single letters/],
    [`listen ${'x'.repeat(101)}`, /cannot be listened for: it is longer/],
    ['listen prod-db quiet nonsense', /^Say for what/],
    ['listen prod-db quiet 22:00-22:00', /^Say for what/],
    ['listen prod-db at most 0', /^Say for what/],
    ['listen prod-db at most 61', /^Say for what/],
    ['listen stop', /^Nothing was done: you do not listen for that/],
    ['listens prod-db', /^There is no such command/],
  ])('%s does nothing', async (text, said) => {
    expect(await ask('URON00', text)).toMatch(said);
    expect(await test.state.listening.listeners()).toEqual([]);
  });

  const inChannel = (user: string, text: string) => ask(user, text, SECRET, NOW, 'C0123456789');

  it('mutes a rule or somebody in the channel where alerts are told, by who may', async () => {
    const { id, name } = RULE;
    expect(await inChannel('UVERA0', 'mute bob')).toMatch(/^Nothing was done: vera, with the role viewer, may read alerts and not mute/);
    expect(await inChannel('URON00', `mute rule ${name} for 2h`)).toMatch(/only who may see all of them may do that/);
    await test.state.users.change((await test.state.users.byName('ron'))?.id ?? '', { datasets: ['*'] });
    expect(await inChannel('URON00', 'mute rule nonsense')).toMatch(/^Nothing was done: no rule nonsense runs/);
    expect(muting.mutes).toEqual([]);
    expect(await inChannel('URON00', `mute rule ${name.toUpperCase()} for 2h because of <!here>`)).toMatch(
      /^Done: the rule \*.+\* is muted in this channel until <!date/,
    );
    expect(await inChannel('URON00', 'mute Bob')).toMatch(/^Done: \*Bob\* is muted in this channel until/);
    expect(muting.mutes).toMatchObject([
      { kind: 'subject', what: 'bob', place: 'C0123456789', isAlertPlace: true, until: NOW + 3_600_000, author: 'ron' },
      { kind: 'rule', what: id, reason: 'of <!here>', until: NOW + 7_200_000 },
    ]);
    expect(await inChannel('UVERA0', 'mute list')).toMatch(
      /^Muted in this channel:\n• \*Bob\* until .+, by ron\n• the rule .+: of &lt;!here&gt;$/,
    );
    expect(await inChannel('UVERA0', 'unmute bob')).toMatch(/^Nothing was done: vera/);
    expect(await inChannel('URON00', 'unmute BOB')).toBe('Done: *Bob* is told here again.');
    expect(await inChannel('URON00', `unmute rule ${name}`)).toMatch(/^Done: the rule/);
    expect(await inChannel('URON00', 'unmute bob')).toMatch(
      /^Nothing was done: that is not muted here\.\nNothing is muted in this channel/,
    );
    expect(audits.map(({ action }) => action)).toEqual(['mute_add', 'mute_add', 'mute_end', 'mute_end']);
  });

  it('goes by the notifier that tells alerts in the channel', async () => {
    expect(await ask('URON00', 'mute bob', SECRET, NOW, 'C0000000042')).toMatch(/is muted in this channel/);
    expect(await ask('URON00', 'listen bob here', SECRET, NOW, 'C0000000042')).toMatch(/^From now on this channel hears/);
    expect(muting.mutes).toMatchObject([{ notifier: 'other', place: 'C0000000042' }]);
    expect(await test.state.listening.listeners()).toMatchObject([{ notifier: 'other', place: 'C0000000042' }]);
    // The other one does not know her.
    expect(await ask('UVERA0', 'mute bob', SECRET, NOW, 'C0000000042')).toMatch(/is muted for you/);
  });

  it('mutes elsewhere for whoever asks alone, whatever their role', async () => {
    expect(await ask('UVERA0', 'mute prod-db for 1d')).toMatch(/^Done: \*prod-db\* is muted for you until/);
    expect(muting.mutes).toMatchObject([{ place: 'UVERA0', isAlertPlace: false, what: 'prod-db' }]);
    expect(await ask('URON00', 'unmute prod-db')).toMatch(/^Nothing was done/);
    expect(await ask('UVERA0', 'unmute all')).toBe('Done: *prod-db* is told here again.');
    expect(await ask('UVERA0', 'mute x for 31d')).toMatch(/^Say what, and for how long/);
    expect(await ask('USTRANGER', 'mute x')).toMatch(/^Nothing was done: Earshot does not know who you are/);
  });

  it('is not heard unsigned, late, or in another form', async () => {
    expect(await ask('UVERA0', 'status', 'other')).toBe('refused');
    expect(await ask('UVERA0', 'status', SECRET, NOW - 301_000)).toBe('refused');
    expect(await ask('constructor', 'status')).toBe('unreadable');
    expect(await ask('UVERA0', 'x'.repeat(4_001))).toBe('unreadable');
    expect(await door().take('slack_webhook', { headers: {}, body: Buffer.alloc(0) })).toEqual({ kind: 'refused' });
  });
});
