import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SlackApiSimulator, startSlackApi } from '../../../test/simulators/slack-api.ts';
import { signedCommand } from '../../../test/simulators/slack-clicks.ts';
import { FakeEngine } from '../../../test/support/api.ts';
import { commandDoor } from '../../../test/support/click-doors.ts';
import { type TestState, testState } from '../../../test/support/state.ts';
import { createAlerts } from '../../alert/alerts.ts';
import { EarshotError } from '../../lib/errors.ts';
import { Spool } from '../../lib/spool.ts';
import { PersonNames } from '../../model/person.ts';
import type { PostedRequest } from '../../notify/notifier.ts';
import { settingsSchema } from '../../settings.ts';
import type { NewClick } from '../../store/state/clicks.ts';
import type { State } from '../../store/state/state.ts';
import { silent } from '../../telemetry/telemetry.ts';
import type { CommandDoor } from './command-door.ts';
import { Muting } from './muting.ts';
import { TypedCommands } from './typed-commands.ts';

const SECRET = 'made-up-signing-secret';
const ANA = 'UANA000001';

interface Life extends Pick<TypedCommands, 'start' | 'stop'> {
  take(told: PostedRequest): ReturnType<CommandDoor['take']>;
}

describe('commands that are typed', () => {
  let test: TestState;
  let slack: SlackApiSimulator;
  let engine: FakeEngine;
  let folder: string;
  let spool: Spool<NewClick>;
  let running: TypedCommands[];
  let said: string[];

  beforeEach(async () => {
    test = await testState(Date.now);
    slack = await startSlackApi({ signingSecret: SECRET, limited: false });
    engine = new FakeEngine();
    folder = mkdtempSync(join(tmpdir(), 'earshot-commands-'));
    spool = await Spool.open(join(folder, 'spool'), 100_000);
    running = [];
    said = [];
    await test.state.users.create({ name: 'ana', displayName: '', role: 'responder', datasets: ['*'] });
  });
  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop()));
    await spool.close();
    await slack.stop();
    await test.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A hub's life, on this state. It takes up what was kept where it is started. */
  const life = (state: State = test.state): Life => {
    const audit = ({ action }: { readonly action: string }) => void said.push(action);
    const bot = { type: 'slack_bot', token: slack.token, channel: slack.channel, api_url: slack.apiUrl, signing_secret: SECRET };
    const muting = new Muting({ state, onQueued: () => undefined, audit, telemetry: silent, now: Date.now });
    const settings = settingsSchema.parse({ notifiers: { security: { ...bot, people: { [ANA]: 'ana' } } } });
    const commands = new TypedCommands(
      {
        settings,
        state,
        alerts: createAlerts(state, Date.now),
        engine,
        ingest: {
          closedBecause: undefined,
          status: async () => ({
            rawLog: { open: true, bytes: 0, maxBytes: 1 },
            sources: [],
            rules: { loaded: 0, rejected: 0 },
          }),
        },
        lookUps: { names: new PersonNames([], []) },
        listening: { refresh: async () => undefined },
        lineFaults: () => [],
        audit,
        muting,
        ruleBook: { loaded: { rules: [], correlations: [], baselines: [], silences: [] } },
        fetch,
        telemetry: silent,
      },
      spool,
    );
    running.push(commands);
    const keep = (click: NewClick) => spool.add(click).catch(() => state.clicks.keep([click]));
    const door = commandDoor(commands, { settings, keep });
    return { start: () => commands.start(), stop: () => commands.stop(), take: (told) => door.take('slack_bot', told) };
  };
  let typed = 0;
  const request = (text: string, more: Readonly<Record<string, string>> = {}) => {
    const answerAt = slack.answerAddress(ANA);
    const { headers, body } = signedCommand(ANA, text, SECRET, Date.now(), {
      response_url: answerAt,
      trigger_id: `1.2.${typed++}`,
      ...more,
    });
    return { headers, body: Buffer.from(body) };
  };
  const take = async (commands: Life, told: PostedRequest) => {
    const answer = await commands.take(told);
    return answer.kind === 'answer' ? answer.text : answer.kind;
  };
  const answers = async (count: number) => {
    await slack.until(() => slack.responses.length >= count);
    return slack.responses.map(({ args }) => String(args.text));
  };
  const mutes = async () => (await test.state.mutes.all()).map(({ what }) => what);
  const never = new Promise<never>(() => undefined);
  const down = () => Promise.reject(new EarshotError('EAR_STATE_DOWN', 'made up'));

  it('run once however often and over whatever way they are told, and are answered each time', async () => {
    const commands = life();
    const told = request('mute bob for 2h');
    const all = await Promise.all([take(commands, told), take(commands, told), take(commands, told)]);
    expect(new Set(all).size).toBe(1);
    expect(all[0]).toMatch(/^Done: \*bob\* is muted for you until/);
    expect(await take(commands, told)).toBe(all[0]);
    expect(said).toEqual(['mute_add']);
    // The next life of the hub hears of it once more.
    expect(await take(life(), told)).toBe(all[0]);
    expect(said).toEqual(['mute_add']);
    expect(await take(commands, request('mute bob for 2h'))).toMatch(/^Done/);
    expect(said).toEqual(['mute_add', 'mute_add']);
  });

  it('are answered with the acknowledgement and not a second time', async () => {
    const commands = life();
    commands.start();
    expect(await take(commands, request('mute list'))).toContain('Nothing is muted for you');
    await vi.waitFor(async () => {
      const rows = await test.state.read((db) => db.selectFrom('clicks').select(['state', 'click']).execute());
      expect(rows).toEqual([{ state: 'told', click: null }]);
    });
    expect(slack.responses).toEqual([]);
  });

  it('are acknowledged in half a second while the database is busy, and run and answered when it is not', async () => {
    const free = Promise.withResolvers<void>();
    const keep: State['clicks']['keep'] = async (clicks) => {
      await free.promise;
      await test.state.clicks.keep(clicks);
    };
    const commands = life({ ...test.state, clicks: { ...test.state.clicks, keep } });
    commands.start();
    const began = performance.now();
    expect(await take(commands, request('mute bob'))).toBe('Looking. What is found comes here in a moment.');
    expect(performance.now() - began).toBeLessThan(500);
    expect(spool.first(9)).toHaveLength(1);
    free.resolve();
    expect(await answers(1)).toEqual([expect.stringMatching(/^Done: \*bob\*/)]);
    expect(await mutes()).toEqual(['bob']);
  });

  it('are acknowledged while the database is down, and run when it is back', async () => {
    let isDown = true;
    const clicks = { ...test.state.clicks };
    const keep: State['clicks']['keep'] = (some) => (isDown ? down() : clicks.keep(some));
    const commands = life({ ...test.state, clicks: { ...clicks, keep } });
    commands.start();
    expect(await take(commands, request('mute bob'))).toMatch(/^Looking/);
    isDown = false;
    expect(await answers(1)).toEqual([expect.stringMatching(/^Done: \*bob\*/)]);
  });

  it('are not acknowledged where neither file nor database takes them', async () => {
    await spool.close();
    spool = await Spool.open(join(folder, 'full'), 1);
    const commands = life({ ...test.state, clicks: { ...test.state.clicks, keep: down } });
    await expect(take(commands, request('mute bob'))).rejects.toThrow('made up');
  });

  it('that a kill left in the file are run and answered by the next life, once', async () => {
    // A hub that ends before the database has it.
    const dying = life({ ...test.state, clicks: { ...test.state.clicks, keep: () => never } });
    running.pop();
    const told = request('mute bob');
    expect(await take(dying, told)).toMatch(/^Looking/);
    await spool.close();
    spool = await Spool.open(join(folder, 'spool'), 100_000);
    for (let start = 0; start < 2; start++) {
      const commands = life();
      commands.start();
      expect(await answers(1)).toEqual([expect.stringMatching(/^Done: \*bob\*/)]);
      await commands.stop();
    }
    // Slack did not hear the acknowledgement: it tells of it again.
    expect(await take(life(), told)).toMatch(/^Done: \*bob\*/);
    expect(said).toEqual(['mute_add']);
    expect(slack.responses).toHaveLength(1);
  });

  it('that a kill met between what they change and their answer change nothing a second time, and say so', async () => {
    const dying = life({ ...test.state, clicks: { ...test.state.clicks, run: down } });
    expect(await take(dying, request('mute bob'))).toMatch(/^Looking/);
    expect(await mutes()).toEqual(['bob']);
    // Somebody ends it meanwhile.
    await test.state.transaction((tx) => tx.deleteFrom('mutes').execute());
    life().start();
    expect(await answers(1)).toEqual([expect.stringMatching(/^It was done\. Earshot was interrupted/)]);
    expect(await mutes()).toEqual([]);
    expect(said).toEqual(['mute_add']);
  });

  it('that fail are tried again, and said to have failed in the end', async () => {
    const commands = life();
    commands.start();
    engine.hang = Promise.reject(new TypeError('a fault of ours'));
    engine.hang.catch(() => undefined);
    expect(await take(commands, request('who touched prod-db'))).toMatch(/^Looking/);
    expect(await answers(1)).toEqual([expect.stringMatching(/^It could not be worked out: a fault of Earshot/)]);
  });

  it('are told again where the answer did not arrive, as often as Slack takes it', async () => {
    const hanging = Promise.withResolvers<void>();
    engine.hang = hanging.promise;
    const commands = life();
    commands.start();
    expect(await take(commands, request('who touched prod-db'))).toMatch(/^Looking/);
    slack.refuseAnswers(1);
    hanging.resolve();
    expect(await answers(1)).toEqual([expect.stringContaining('prod-db')]);
  }, 10_000);
});
