import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidBlock } from '../../../test/simulators/slack-blocks.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Evidence, ToldAlert } from '../../model/alert.ts';
import type { AlertContext } from '../../model/alert-context.ts';
import { ALERT_STATES, RESOLUTIONS } from '../../model/alert-life.ts';
import { LEVELS } from '../../model/severity.ts';
import type { Notification } from '../../notify/notifier.ts';
import { slackMessage, slackReply } from './alert-message.ts';

/** What senders of events write who want something else to be read than what happened. */
const HOSTILE = [
  '<!channel>',
  '<!here|everyone>',
  '<@U0123456789>',
  '<#C0123456789>',
  '<https://evil.example.com|your bank>',
  '@channel',
  '@everyone',
  '```rm -rf```',
  '`',
  '*bold*',
  '_it_',
  '~gone~',
  '\n> quote\n',
  ':rotating_light:',
  '&lt;!channel&gt;',
  '&amp;',
  '<!date^0^{date}|x>',
  '\u202Egnp.exe',
  '\u2066\u200B\uFEFF',
  '\uD800',
  '\u0000\u0007\r\n\t\u2028',
  '🦉'.repeat(100),
  'x'.repeat(100_000),
  '<'.repeat(5_000),
  '',
];

const text = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.array(fc.constantFrom(...HOSTILE.filter((each) => each.length < 1_000)), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const time = fc.oneof(fc.constantFrom(0, 1_767_268_800_000, 8.64e15, 1e18), fc.nat());
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 4 });

const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    eventId: fc.constant('1-1'),
    timestamp: time,
    dataset: text,
    action: maybe(text),
    outcome: maybe(text),
    user: maybe(text),
    targetUser: maybe(text),
    host: maybe(text),
    sourceIp: maybe(text),
    product: maybe(text),
    message: text,
    matches: fc.array(fc.record({ field: text, value: text, leaf: text }), { maxLength: 6 }),
  })
  .map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)) as unknown as Evidence);

const alert: fc.Arbitrary<ToldAlert> = fc
  .record({
    id: fc.stringMatching(/^[0-9a-f]{32}$/),
    kind: fc.constantFrom('rule', 'correlation', 'baseline', 'silence'),
    ruleId: text,
    ruleName: text,
    ruleVersion: text,
    title: text,
    level: fc.constantFrom(...LEVELS),
    group: fc.constant({}),
    count: fc.integer({ min: 1, max: 1e12 }),
    firstAt: time,
    lastAt: time,
    evidence: fc.array(evidence, { maxLength: 5 }),
    tags: fc.array(text, { maxLength: 2 }),
    nextSteps: fc.array(text, { maxLength: 7 }),
    state: fc.constantFrom(...ALERT_STATES),
    assignee: maybe(text),
    resolution: maybe(fc.constantFrom(...RESOLUTIONS)),
    snoozedUntil: maybe(time),
    decision: maybe(
      fc.record({
        at: time,
        change: fc.constantFrom('acknowledged', 'snoozed', 'woke', 'resolved', 'reopened', 'merged'),
        actor: text,
        note: text,
        count: fc.nat(),
        about: fc.constant({}),
      }),
    ),
  })
  .map((drawn) => drawn as ToldAlert);

const seenValue = fc.record({ value: text, before: fc.nat(3), beforeDays: fc.nat(30), within: fc.nat(3) });
const seenKind = fc.record({
  present: fc.array(seenValue, { maxLength: 8 }),
  presentCount: fc.nat(10_000),
  newCount: fc.nat(10_000),
  usual: fc.array(seenValue, { maxLength: 8 }),
});
const partOf = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Result<T, string>> =>
  fc.oneof(
    value.map(ok),
    text.map((error): Result<T, string> => err(error)),
  );
const names = fc.array(text, { maxLength: 6 });

const around: fc.Arbitrary<AlertContext> = fc.record({
  person: text,
  from: time,
  to: time,
  files: partOf(
    fc.record({
      total: fc.nat(10_000),
      different: fc.nat(10_000),
      files: fc.array(fc.record({ id: text, name: text, type: text, channels: names, count: fc.nat(9), lastAt: time }), { maxLength: 50 }),
    }),
  ),
  whereabouts: partOf(fc.record({ addresses: seenKind, programs: seenKind, hosts: seenKind })),
  deeds: partOf(
    fc.array(
      fc.record({
        dataset: text,
        count: fc.nat(),
        actions: fc.array(fc.record({ action: text, count: fc.nat() }), { maxLength: 5 }),
        hosts: names,
        processes: names,
      }),
      { maxLength: 60 },
    ),
  ),
});

const notification: fc.Arbitrary<Notification> = fc
  .record({
    alerts: fc.array(alert, { minLength: 1, maxLength: 8 }),
    more: fc.constantFrom(0, 0, 1, 9_992),
    kind: fc.constantFrom('opened', 'grew'),
    possibleRepeat: fc.boolean(),
    users: fc.array(text, { maxLength: 5 }),
    hosts: fc.array(text, { maxLength: 5 }),
    context: maybe(around),
  })
  .map(({ users, hosts, ...told }) => ({ ...told, key: 'k', joined: [{ alertId: told.alerts[0]?.id ?? '', users, hosts }] }));

/** Texts that Slack reads as mrkdwn; those of plain_text objects are only shown. */
function mrkdwn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwn);
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)];
  return Object.values(value).flatMap(mrkdwn);
}

const OURS = [/<!date\^\d+\^\{date_num\} \{time_secs\}\|[-\d: ]+ UTC>/g, /<https:\/\/earshot\.example\.com\/alerts\/[0-9a-f]+\|([^<>]*)>/g];
const SIGNS = /^(?:🔴|🟠|🟡|🔵|⚪|👀|💤|✅|↩|⏰|👤)? ?\*([^*\n]*)\*/gmu;

describe("Slack's message, whatever an event says", () => {
  it('is one that Slack takes, and mentions, links and formats nothing', () => {
    fc.assert(
      fc.property(notification, fc.constantFrom('https://earshot.example.com/', undefined), (told, url) => {
        for (const { text, blocks } of [slackMessage(told, url), slackMessage(told, url, true), slackReply(told, url)]) {
          expect(text.length).toBeLessThanOrEqual(4_000);
          expect(blocks.length).toBeLessThanOrEqual(50);
          expect(blocks.filter((block) => !isValidBlock(block))).toEqual([]);
          for (const shown of [text, ...mrkdwn(blocks)]) {
            const theirs = OURS.reduce((rest, ours) => rest.replace(ours, '$1'), shown).replace(SIGNS, '$1');
            expect(theirs).not.toMatch(/[<>*`~]|@(?:here|channel|everyone)\b|&(?!amp;|lt;|gt;)/i);
            expect(theirs).not.toMatch(/:[a-z_]+:/);
            expect(shown).not.toMatch(/\p{Bidi_Control}|[\u200B\u2028\uFEFF]|[^\P{Cc}\n]/u);
            expect(shown.isWellFormed()).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
