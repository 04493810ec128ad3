import { describe, expect, it } from 'vitest';
import { isValidBlock } from '../../../test/simulators/slack-blocks.ts';
import type { Evidence, ToldAlert } from '../../model/alert.ts';
import type { AlertContext } from '../../model/alert-context.ts';
import type { AlertChange } from '../../model/alert-life.ts';
import type { Notification } from '../../notify/notifier.ts';
import { slackMessage, slackReply } from './alert-message.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  eventId: '1-3',
  timestamp: NOON,
  dataset: 'segura.pam',
  action: 'password_withdrawal',
  outcome: 'success',
  user: 'alice',
  targetUser: 'root',
  host: 'db1.example.com',
  sourceIp: '192.0.2.7',
  product: 'Segura',
  message: 'alice withdrew the password of root@db1.example.com',
  matches: [
    { field: 'event.action', value: 'password_withdrawal', leaf: 'selection: event.action: password_withdrawal' },
    { field: 'user.target.name', value: 'root', leaf: 'privileged: user.target.name: root' },
  ],
  ...over,
});

const alert = (over: Partial<ToldAlert> = {}): ToldAlert => ({
  id: '0123456789abcdef0123456789abcdef',
  kind: 'rule',
  ruleId: '4f6e2a9c-0000-4000-8000-000000000001',
  ruleName: 'pam_root_password_withdrawn',
  ruleVersion: 'v1',
  title: 'Password of a root account withdrawn',
  level: 'high',
  group: { 'user.name': 'alice', 'host.name': 'db1.example.com' },
  count: 1,
  firstAt: NOON,
  lastAt: NOON,
  evidence: [evidence()],
  tags: ['attack.t1078'],
  nextSteps: ['Ask alice whether she needed it, by phone.', 'Look for a ticket or an approval.', 'Rotate the password if there is none.'],
  state: 'open',
  ...over,
});

const decision = (change: AlertChange['change'], note = ''): AlertChange => ({
  at: NOON + 600_000,
  change,
  actor: 'carol',
  note,
  count: 1,
  about: {},
});

const notification = (over: Partial<Notification> = {}): Notification => ({
  key: 'k',
  kind: 'opened',
  alerts: [alert()],
  more: 0,
  possibleRepeat: false,
  joined: [],
  ...over,
});

const hostile =
  '<!channel> *bold* `code` ~gone~ _it_ @here :skull: <https://evil.example.com|your bank> & \u202Etxt.exe\u200B\n\nline \u0000two svc_backup';

/** Everything that Slack would show or read. */
const allText = (value: unknown): string => JSON.stringify(value);

function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'text' && typeof inner === 'string' ? [inner] : texts(inner)));
}

describe("Slack's message", () => {
  const golden: readonly [string, Notification, string | undefined][] = [
    [
      'one-alert',
      notification({ alerts: [alert({ usual: { ruleEvents: 7, groupEvents: 0, person: { name: 'alice', ruleEvents: 0 } } })] }),
      'https://earshot.example.com/',
    ],
    [
      'grew',
      notification({
        kind: 'grew',
        possibleRepeat: true,
        alerts: [
          alert({
            count: 100,
            lastAt: NOON + 1_800_000,
            state: 'acknowledged',
            assignee: 'carol',
            decision: decision('acknowledged', 'I am on the phone with her'),
            evidence: ['web1', 'web2', 'web3', 'web4', 'web5'].map((host) => evidence({ host: `${host}.example.com` })),
          }),
        ],
      }),
      undefined,
    ],
    [
      'burst',
      notification({
        alerts: [
          alert({ id: 'a1', level: 'critical', title: 'An account was made an owner' }),
          alert({ id: 'a2', count: 12 }),
          alert({
            id: 'a3',
            kind: 'correlation',
            details: {
              kind: 'correlation',
              type: 'value_count',
              timespanMs: 3_600_000,
              fields: 'user.name',
              condition: 'at least 10',
              value: 11,
              legs: [],
            },
            evidence: [evidence({ user: 'bob' })],
          }),
        ],
        more: 40,
      }),
      'https://earshot.example.com',
    ],
    [
      'resolved',
      notification({
        alerts: [alert({ state: 'resolved', resolution: 'false_positive', decision: decision('resolved', 'ticket 4711, a drill') })],
      }),
      'https://earshot.example.com',
    ],
    [
      'snoozed',
      notification({ alerts: [alert({ state: 'snoozed', snoozedUntil: NOON + 7_200_000, decision: decision('snoozed') })] }),
      'https://earshot.example.com',
    ],
    [
      'hostile',
      notification({
        alerts: [
          alert({
            title: hostile,
            evidence: [evidence({ user: hostile, message: hostile, host: '2001:db8::1' })],
            nextSteps: [],
            usual: { ruleEvents: 1, groupEvents: 0, person: { name: hostile, ruleEvents: 0 } },
          }),
        ],
      }),
      undefined,
    ],
    [
      'bare',
      notification({
        alerts: [alert({ nextSteps: [], evidence: [{ eventId: '1-1', timestamp: NOON, dataset: '', message: '', matches: [] }] })],
      }),
      undefined,
    ],
  ];

  it.each(golden)('%s is as people saw it last', async (name, told, baseUrl) => {
    await expect(`${JSON.stringify(slackMessage(told, baseUrl), null, 2)}\n`).toMatchFileSnapshot(`./golden/${name}.json`);
  });

  it.each(['one-alert', 'resolved', 'burst'])('%s has buttons where clicks are heard, and one alert alone is told', async (name) => {
    const [, told = notification(), baseUrl] = golden.find(([each]) => each === name) ?? [];
    const message = slackMessage(told, baseUrl, true);
    const buttons = message.blocks.filter(({ type }) => type === 'actions');
    await expect(`${JSON.stringify(buttons, null, 2)}\n`).toMatchFileSnapshot(`./golden/buttons-${name}.json`);
    expect(message.blocks.filter(({ type }) => type !== 'actions')).toEqual(slackMessage(told, baseUrl).blocks);
    expect(message.blocks.filter((block) => !isValidBlock(block))).toEqual([]);
  });

  const counts = (presentCount: number, newCount: number) => ({ presentCount, newCount });
  const around: AlertContext = {
    person: 'Alice Smith',
    from: NOON - 3_600_000,
    to: NOON + 3_600_001,
    files: {
      ok: true,
      value: {
        total: 231,
        different: 222,
        files: Array.from({ length: 50 }, (_, i) => ({
          id: `F${i}`,
          name: `Forecast-${i}.xlsx`,
          type: 'xlsx',
          channels: i === 0 ? ['C0123456789'] : [],
          count: i === 0 ? 10 : 1,
          lastAt: NOON - i * 1_000,
        })),
      },
    },
    whereabouts: {
      ok: true,
      value: {
        addresses: {
          present: [{ value: '203.0.113.9', before: 0, beforeDays: 0, within: 240 }],
          ...counts(1, 1),
          usual: [{ value: '192.0.2.7', before: 310, beforeDays: 20, within: 0 }],
        },
        programs: {
          present: Array.from({ length: 8 }, (_, i) => ({ value: `python-requests/2.${i}`, before: 0, beforeDays: 0, within: 30 })),
          ...counts(12, 12),
          usual: [],
        },
        hosts: {
          present: [{ value: 'db1.example.com', before: 3, beforeDays: 1, within: 1 }],
          ...counts(1, 0),
          usual: [{ value: 'db1.example.com', before: 3, beforeDays: 1, within: 1 }],
        },
      },
    },
    deeds: {
      ok: true,
      value: [
        { dataset: 'slack.audit', count: 233, actions: [{ action: 'file_downloaded', count: 231 }], hosts: [], processes: [] },
        {
          dataset: 'windows.sysmon',
          count: 3,
          actions: [
            { action: 'process-created', count: 2 },
            { action: '', count: 1 },
          ],
          hosts: ['lt-042'],
          processes: ['curl.exe', 'python.exe'],
        },
      ],
    },
  };
  const nothing = { present: [], ...counts(0, 0), usual: [] };
  const late = { ok: false, error: 'The search took too long.' } as const;

  const replies: readonly [string, Notification][] = [
    ['reply-context', notification({ kind: 'context', context: around })],
    [
      'reply-context-quiet',
      notification({
        kind: 'context',
        context: {
          ...around,
          files: { ok: true, value: { total: 0, different: 0, files: [] } },
          whereabouts: { ok: true, value: { addresses: nothing, programs: nothing, hosts: nothing } },
          deeds: { ok: true, value: [] },
        },
      }),
    ],
    [
      'reply-context-known',
      notification({
        kind: 'context',
        context: {
          ...around,
          whereabouts: {
            ok: true,
            value: {
              addresses: {
                present: [{ value: '192.0.2.7', before: 310, beforeDays: 20, within: 12 }],
                ...counts(1, 0),
                usual: [{ value: '192.0.2.7', before: 310, beforeDays: 20, within: 12 }],
              },
              programs: nothing,
              hosts: nothing,
            },
          },
        },
      }),
    ],
    [
      'reply-context-ended',
      notification({
        kind: 'context',
        context: {
          ...around,
          files: late,
          whereabouts: late,
          deeds: {
            ok: true,
            value: [
              {
                dataset: 'slack.audit',
                count: 12,
                actions: ['file_downloaded', 'anomaly', 'user_login', 'user_sessions_reset_by_anomaly_event_response'].map((action) => ({
                  action,
                  count: 3,
                })),
                hosts: [],
                processes: [],
              },
            ],
          },
        },
      }),
    ],
    ['reply-context-missing', notification({ kind: 'context', context: { ...around, files: late, whereabouts: late, deeds: late } })],
    [
      'reply-joined',
      notification({
        kind: 'grew',
        alerts: [alert({ count: 14, lastAt: NOON + 1_800_000 })],
        joined: [
          { alertId: alert().id, users: ['bob'], hosts: [] },
          { alertId: alert().id, users: [], hosts: ['db2.example.com'] },
        ],
      }),
    ],
    ['reply-grew', notification({ kind: 'grew', possibleRepeat: true, alerts: [alert({ count: 100, lastAt: NOON + 1_800_000 })] })],
    [
      'reply-woke',
      notification({
        kind: 'grew',
        alerts: [alert({ count: 12, lastAt: NOON + 1_800_000, decision: { ...decision('woke', 'its time is over'), actor: 'earshot' } })],
        joined: [{ alertId: alert().id, users: [], hosts: [], woke: 'its time is over' }],
      }),
    ],
    [
      'reply-burst',
      notification({
        kind: 'grew',
        alerts: [alert({ id: 'a1', count: 10 }), alert({ id: 'a2', level: 'low', title: 'A console was opened', count: 100 })],
        more: 3,
        joined: [{ alertId: 'a1', users: [], hosts: ['db2.example.com'] }],
      }),
    ],
  ];

  it.each(replies)('in a thread, %s is as people saw it last', async (name, told) => {
    const reply = slackReply(told, 'https://earshot.example.com');
    await expect(`${JSON.stringify(reply, null, 2)}\n`).toMatchFileSnapshot(`./golden/${name}.json`);
  });

  it('says how it ended only where that is known', () => {
    const said = (outcome: string) =>
      allText(slackMessage(notification({ alerts: [alert({ evidence: [evidence({ outcome })] })] }), undefined).blocks);
    expect(said('failure')).toContain('alice, password_withdrawal (failure), target root');
    expect(said('unknown')).toContain('alice, password_withdrawal, target root');
  });

  it('says of silence who is silent and since when, and counts no events', () => {
    const details = { kind: 'silence', lastAt: NOON - 3_600_000, expectedMs: 1_800_000, silentMs: 3_600_000, learned: true } as const;
    const quiet = alert({ kind: 'silence', group: { 'host.name': 'db1' }, count: 0, firstAt: NOON - 3_600_000, evidence: [], details });
    const said = texts(slackMessage(notification({ alerts: [quiet] }), undefined));
    expect(said.filter((text) => /^\*(Host|Last heard|Overdue since)\*/.test(text))).toHaveLength(3);
    expect(said).toContain('Silent for 1 h; it used to speak at least every 30 min');
    expect(said.join('\n')).not.toMatch(/Events|unusual|0 events/);
    expect(allText(slackReply(notification({ kind: 'grew', alerts: [quiet] }), undefined))).not.toMatch(/0 events/);
  });

  it('says level, title, user, host, action and product in the text, for keyword notifications', () => {
    const { text } = slackMessage(notification(), undefined);
    for (const word of [
      'HIGH',
      'Password of a root account withdrawn',
      'alice',
      'root',
      'db1.example.com',
      'password_withdrawal',
      'Segura',
    ]) {
      expect(text).toContain(word);
    }
  });

  it.each([
    [{ ruleEvents: 0, groupEvents: 0 }, 'The rule had matched nothing in 30 days.'],
    [{ ruleEvents: 9, groupEvents: 0, person: { name: 'alice', ruleEvents: 3 } }, 'The rule has matched before, but not this.'],
    [{ ruleEvents: 9, groupEvents: 9 }, 'This has happened before.'],
    [{ ruleEvents: 90, groupEvents: 10 }, 'This happens often.'],
  ])('says how unusual %j is', (usual, told) => {
    expect(allText(slackMessage(notification({ alerts: [alert({ usual })] }), undefined))).toContain(`*How unusual*\\n${told}`);
  });

  it.each([
    ['planned', '', 'waits to be confirmed', /^⏳ \*Planned\* by carol, .*: Earshot signs Ben out; it waits to be confirmed$/],
    ['confirmed', '', 'confirmed', /^⏳ \*Confirmed\* by carol, .*: Earshot signs Ben out$/],
    ['done', '', 'done, not proven yet', /^🚪 \*Ben was signed out\*, .* \(done, not proven yet\)$/],
    ['proven', 'by the entry reset of noon', 'done and proven', /^🚪 \*Ben was signed out\*\. Proven by the entry reset of noon$/],
    ['refused', 'taken back', 'not done', /^✖ \*Not done\*: Earshot signs Ben out: taken back \(carol\)$/],
    ['failed', 'Slack: not_an_admin', 'failed', /^⚠ \*Failed, nothing was done\*: Earshot signs Ben out: Slack: not.an.admin$/],
    [
      'unknown',
      'no answer',
      'not known yet whether it was done',
      /^⚠ \*Not known yet whether it was done\*: Earshot signs Ben out: no answer$/,
    ],
  ])('says of an act that is %s what is known', (state, note, stand, told) => {
    const about = { act: '0123456789abcdef', state, stand, effect: 'signs Ben out', did: 'Ben was signed out' };
    const acts = [{ ...decision('acted', note), about }];
    const shown = texts(slackMessage(notification({ alerts: [alert({ acts })] }), undefined).blocks);
    expect(shown.filter((text) => told.test(text))).toHaveLength(1);
  });

  it('offers to sign out who acts, and a plan to a second person', () => {
    const about = { act: '0123456789abcdef', state: 'planned', stand: 'waits for a second person', effect: 'e', did: 'd' };
    const told = alert({ signOut: ['alice', 'a'.repeat(80)], acts: [{ ...decision('acted'), about }] });
    const { blocks } = slackMessage(notification({ alerts: [told] }), undefined, true);
    expect(blocks.every(isValidBlock)).toBe(true);
    const actions = blocks.flatMap((block) => (block.type === 'actions' ? [block] : []));
    const menu = actions.at(-1)?.elements.find((element) => element.action_id === 'sign_out');
    expect(menu?.type === 'static_select' ? menu.options.map(({ value }) => value) : []).toEqual([
      'all:alice',
      'mobile:alice',
      'web:alice',
    ]);
    expect(actions[0]).toMatchObject({ block_id: `earshot_act:0123456789abcdef:${told.id}`, elements: [{ action_id: 'confirm_act' }, {}] });
    const clicked = (over: Partial<ToldAlert>) => texts(slackMessage(notification({ alerts: [alert(over)] }), undefined, true).blocks);
    expect(clicked({})).not.toContain('Sign out …');
    expect(clicked({ signOut: ['alice'], state: 'resolved' })).not.toContain('Sign out …');
  });

  it('has the buttons of each plan below the plan that they confirm, and none for what cannot be read whole', () => {
    const plan = (act: string, effect: string) => ({
      ...decision('acted'),
      about: { act, state: 'planned', stand: 'waits for a second person', effect, did: 'd' },
    });
    const acts = [plan('0'.repeat(16), 'signs Ben out'), plan('1'.repeat(16), 'signs Eva out'), plan('2'.repeat(16), 'x'.repeat(2_000))];
    const { blocks } = slackMessage(notification({ alerts: [alert({ acts })] }), undefined, true);
    expect(blocks.every(isValidBlock)).toBe(true);
    const above = (act: string) => blocks[blocks.findIndex((block) => block.type === 'actions' && block.block_id.includes(act)) - 1];
    expect(texts(above('0'.repeat(16)))[0]).toContain('signs Ben out');
    expect(texts(above('1'.repeat(16)))[0]).toContain('signs Eva out');
    expect(allText(blocks)).not.toContain(`earshot_act:${'2'.repeat(16)}`);
    expect(allText(blocks)).toContain('waits for a second person, on the page, where all of it can be read');
  });

  it('says that a sleeping alert is open again, where there is no thread', () => {
    const joined = [{ alertId: alert().id, users: [], hosts: [], woke: 'its level rose' }];
    const one = slackMessage(notification({ kind: 'grew', joined }), undefined);
    expect(one.text).toMatch(/^\[HIGH\] Open again: Password/);
    const burst = slackMessage(
      notification({
        kind: 'grew',
        alerts: [alert(), alert({ id: 'a2' })],
        joined: [...joined, { ...joined[0], alertId: 'a2', users: [], hosts: [], woke: 'x' }],
      }),
      undefined,
    );
    expect(burst.text).toMatch(/^Open again: 2 alerts/);
    expect(allText(burst)).toContain('⏰ open again: its level rose');
  });

  const answered = (said: 'me' | 'not_me', text = 'Alice Example') => ({
    ...decision('answered', text),
    about: { ask: 'a', person: text, by: 'ana', stand: text, said },
  });

  it('offers to ask who acts, and asks once more before a mail goes out', () => {
    const { blocks } = slackMessage(notification({ alerts: [alert({ askable: ['alice', 'a'.repeat(80)] })] }), undefined, true);
    expect(blocks.every(isValidBlock)).toBe(true);
    const menu = blocks
      .flatMap((block) => (block.type === 'actions' ? [...block.elements] : []))
      .find((element) => element.action_id === 'ask_person');
    if (menu?.type !== 'static_select') throw new Error('there is no menu');
    expect(menu.options.map(({ value }) => value)).toEqual(['alice']);
    expect(menu.confirm?.confirm.text).toBe('Send the mail');
  });

  it.each([
    ['me', 'open', /^💬 \*Alice Example says: it was me\.\*/],
    ['not_me', 'resolved', /^🚨 \*Alice Example says: it was NOT me\.\*.*\nThe alert is resolved: look at it again\.$/s],
  ] as const)('tells in the thread that it was %s', (said, state, told) => {
    const asks = [answered('me', 'Bob'), answered(said)].map((line, i) => ({ ...line, about: { ...line.about, ask: `${i}` } }));
    const of = notification({ kind: 'said', said: '1', alerts: [alert({ asks, state })] });
    const { blocks } = slackReply(of, undefined);
    expect(blocks.every(isValidBlock)).toBe(true);
    expect(texts(blocks)[0]).toMatch(told);
    // Where there is no thread, it is a message of its own.
    expect(slackMessage(of, undefined)).toEqual(slackReply(of, undefined));
  });

  it('tells that it was not them however many were asked since', () => {
    const about = (ask: string) => ({ ask, person: `Person ${ask}`, by: 'ana', stand: 'no answer yet', state: 'sent' });
    const later = ['b', 'c', 'd', 'e'].map((ask) => ({ ...decision('asked'), about: about(ask) }));
    for (const asks of [
      [answered('not_me'), ...later],
      [...later, answered('not_me')],
    ]) {
      const alerts = [alert({ asks })];
      expect(texts(slackReply(notification({ kind: 'said', said: 'a', alerts }), undefined).blocks)[0]).toMatch(
        /^🚨 \*Alice Example says: it was NOT me/,
      );
      const shown = texts(slackMessage(notification({ alerts }), undefined).blocks).filter((text) => /^(🚨|✉)/u.test(text));
      expect(shown).toHaveLength(3);
      expect(shown.filter((text) => text.includes('NOT me'))).toHaveLength(1);
    }
  });

  it('lets no event text mention, link, format, hide or break lines', () => {
    const usual = { ruleEvents: 1, groupEvents: 0, person: { name: hostile, ruleEvents: 0 } };
    for (const alerts of [
      [
        alert({
          title: hostile,
          evidence: [evidence({ user: hostile, message: hostile })],
          nextSteps: [hostile],
          usual,
          acts: ['planned', 'done', 'failed', 'unknown'].map((state) => ({
            ...decision('acted', hostile),
            about: { act: '0', state, stand: hostile, effect: hostile, did: hostile },
          })),
          asks: [answered('me', hostile), answered('not_me', hostile), { ...answered('me', hostile), change: 'asked' }],
        }),
      ],
    ]) {
      for (const told of [notification({ alerts }), notification({ alerts: [...alerts, ...alerts] })]) {
        const message = slackMessage(told, undefined);
        const shown = message.blocks.flatMap((block) => (block.type === 'header' ? [] : texts(block)));
        for (const text of [message.text, ...shown]) {
          const ours = text
            .replaceAll(/<!date\^[^>]*>/g, '')
            .replaceAll(/^(🔴|🟠|🟡|🔵|⚪|👀|💤|✅|↩|⏰|👤|⏳|🚪|⚠|💬|🚨|✉)? ?\*[^*\n]*\*/gmu, '');
          expect(ours).not.toMatch(/[<>*`~]|@here|:skull:|&(?!amp;|lt;|gt;)/);
          for (const hidden of ['\u202E', '\u200B', '\u0000']) expect(text).not.toContain(hidden);
        }
        expect(allText(message)).toContain('svc_backup');
        expect(message).toMatchObject({ parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false });
      }
    }
  });

  it('holds the bounds of Block Kit for the longest of everything, and cuts no character or entity in half', () => {
    const long = '🦉<&>'.repeat(2_000);
    const matches = Array.from({ length: 20 }, () => ({ field: long, value: long, leaf: long }));
    const kept = Array.from({ length: 10 }, (_, i) =>
      evidence({
        user: `${i}${long}`,
        host: `${i}${long}`,
        action: `${i}${long}`,
        sourceIp: `${i}${long}`,
        product: `${i}${long}`,
        targetUser: `${i}${long}`,
        outcome: long,
        message: long,
        matches,
      }),
    );
    const usual = { ruleEvents: 1, groupEvents: 0, person: { name: long, ruleEvents: 0 } };
    const huge = alert({ title: long, ruleName: long, evidence: kept, nextSteps: Array.from({ length: 20 }, () => long), usual });
    for (const told of [notification({ alerts: [huge] }), notification({ alerts: Array.from({ length: 8 }, () => huge), more: 1_000 })]) {
      const message = slackMessage(told, 'https://earshot.example.com');
      expect(message.text.length).toBeLessThanOrEqual(4_000);
      expect(message.blocks.length).toBeLessThanOrEqual(50);
      for (const block of message.blocks) {
        const bound = block.type === 'header' ? 150 : 'fields' in block ? 2_000 : 3_000;
        for (const text of texts(block)) {
          expect(text.length).toBeLessThanOrEqual(bound);
          expect(text.length).toBeGreaterThan(0);
          expect(text.isWellFormed()).toBe(true);
          if (block.type !== 'header') expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
        }
      }
    }
  });
});
