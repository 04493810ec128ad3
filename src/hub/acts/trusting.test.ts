import { describe, expect, it } from 'vitest';
import { SlackAllowListSimulator } from '../../../test/simulators/slack-allow-list.ts';
import type { ListKind, NamedList } from '../../model/named-list.ts';
import { settingsSchema } from '../../settings.ts';
import { TrustedNetworkLists } from './trusting.ts';

const NOW = Date.UTC(2026, 10, 21);
const about = { reason: 'r', author: 'a', createdAt: 0 };

const list = (name: string, kind: ListKind, ...entries: readonly (string | readonly [value: string, expiresAt: number])[]): NamedList => ({
  name,
  kind,
  fields: [],
  ...about,
  entries: entries.map((entry) =>
    typeof entry === 'string' ? { value: entry, ...about } : { value: entry[0], expiresAt: entry[1], ...about },
  ),
});

const LISTS = [
  list('trusted_ranges', 'cidr', '192.0.2.0/24', '198.51.100.7', '2001:db8::/32', ['203.0.113.0/24', NOW - 1]),
  list('trusted_networks', 'asn', '64496'),
  list('vpn_ranges', 'cidr', '198.51.100.16/28'),
  list('guests', 'cidr', '203.0.113.128/25'),
];

const trust = (slack: SlackAllowListSimulator, lists: readonly NamedList[] = LISTS) =>
  new TrustedNetworkLists({
    settings: () => settingsSchema.parse({ acts: { systems: { slack: { type: 'slack_sessions', token: slack.token } } } }),
    lists: () => lists,
    now: () => NOW,
    fetch: slack.fetch,
  });

/** Slack as an administrator left it: an address with the bits of its host. */
const slackWith = (options: ConstructorParameters<typeof SlackAllowListSimulator>[1] = {}) =>
  new SlackAllowListSimulator({ cidrs: ['192.0.2.5/24', '8.8.8.8/24'], asns: [34_245] }, options);

async function seen(of: TrustedNetworkLists) {
  const compared = await of.compare(undefined);
  if (!compared.ok) throw new Error(compared.error.message);
  return compared.value;
}

describe('the networks that Slack trusts', () => {
  it.each(['trusted_asn', 'trusted_asns'] as const)(
    'are compared with the lists, whatever Slack calls the numbers (%s)',
    async (asnName) => {
      expect(await seen(trust(slackWith({ asnName })))).toMatchObject({
        system: 'slack',
        inSystem: ['192.0.2.0/24', '8.8.8.0/24', 'AS34245'],
        onlyInSystem: ['8.8.8.0/24', 'AS34245'],
        onlyInLists: ['198.51.100.16/28', '198.51.100.7/32', 'AS64496'],
        notTaken: ['2001:db8::/32'],
      });
    },
  );

  it.each(['trusted_asn', 'trusted_asns'] as const)('are merged: what is there stays as it was spelled (%s)', async (asnName) => {
    const slack = slackWith({ asnName });
    const { version } = await seen(trust(slack));
    const changed = await trust(slack).change({ system: 'slack', version, add: true, remove: ['AS34245'] });
    expect(changed).toMatchObject({
      ok: true,
      value: {
        added: ['198.51.100.16/28', '198.51.100.7/32', 'AS64496'],
        removed: ['AS34245'],
        now: { onlyInSystem: ['8.8.8.0/24'], onlyInLists: [] },
      },
    });
    expect(slack.list).toEqual({ cidrs: ['192.0.2.5/24', '8.8.8.8/24', '198.51.100.16/28', '198.51.100.7/32'], asns: [64_496] });
    expect(slack.calls.map(({ method }) => method.split('.').at(-1))).toEqual(['getItem', 'getItem', 'updateItem', 'getItem']);
  });

  it('are not written when somebody has changed them since they were looked at', async () => {
    const slack = slackWith();
    const { version } = await seen(trust(slack));
    slack.list.asns.push(64_500);
    const changed = await trust(slack).change({ system: undefined, version, add: true, remove: [] });
    expect(changed).toMatchObject({ ok: false, error: { code: 'EAR_API_CONFLICT' } });
    expect(slack.list.asns).toEqual([34_245, 64_500]);
    expect(slack.calls.some(({ method }) => method.endsWith('updateItem'))).toBe(false);
  });

  it('are not written when the lists have more than was looked at: nobody has agreed to that', async () => {
    const slack = slackWith();
    const { version } = await seen(trust(slack));
    const more = trust(slack, [...LISTS, list('vpn_ranges', 'cidr', '0.0.0.0/0')]);
    const changed = await more.change({ system: undefined, version, add: true, remove: [] });
    expect(changed).toMatchObject({ ok: false, error: { code: 'EAR_API_CONFLICT', message: expect.stringContaining('the lists') } });
    expect(slack.calls.some(({ method }) => method.endsWith('updateItem'))).toBe(false);
  });

  it.each(['trusted_asn', 'trusted_asns'] as const)(
    'stay where Slack answers by both names, and one of them is empty (%s)',
    async (asnName) => {
      const slack = slackWith({ asnName, hasBoth: true });
      const { version } = await seen(trust(slack));
      expect(await trust(slack).change({ system: undefined, version, add: true, remove: [] })).toMatchObject({ ok: true });
      expect(slack.list.asns).toEqual([34_245, 64_496]);
    },
  );

  it.each([
    [{ add: false, remove: [] }, 'nothing to change'],
    [{ add: false, remove: ['AS1'] }, 'does not trust AS1 now'],
  ])('are not written for %j', async (wish, words) => {
    const slack = slackWith();
    const { version } = await seen(trust(slack));
    const changed = await trust(slack).change({ system: undefined, version, ...wish });
    expect(changed).toMatchObject({ ok: false, error: { code: 'EAR_API_CONFLICT', message: expect.stringContaining(words) } });
    expect(slack.calls.some(({ method }) => method.endsWith('updateItem'))).toBe(false);
  });

  it('are an error where Slack says no without a word, and has not done it', async () => {
    const slack = slackWith();
    const { version } = await seen(trust(slack));
    // Of the read before, and of the write.
    slack.calls.splice(0);
    const of = trust(slack);
    const answer = slack.answer.bind(slack);
    slack.answer = (path, body, authorization) => {
      if (path.endsWith('updateItem')) slack.script('silent_no');
      return answer(path, body, authorization);
    };
    const changed = await of.change({ system: undefined, version, add: true, remove: [] });
    expect(changed).toMatchObject({
      ok: false,
      error: {
        code: 'EAR_ACT_REFUSED',
        message: expect.stringMatching(/^slack did not take what was written: it trusts 192\.0\.2\.0\/24/),
      },
    });
  });

  it('are good where the connection breaks after Slack has done it: what was read again counts', async () => {
    const slack = slackWith();
    const { version } = await seen(trust(slack));
    const answer = slack.answer.bind(slack);
    slack.answer = (path, body, authorization) => {
      if (path.endsWith('updateItem')) slack.script('reset_after_write');
      return answer(path, body, authorization);
    };
    expect(await trust(slack).change({ system: undefined, version, add: true, remove: [] })).toMatchObject({ ok: true });
  });

  it('are an error that says what to mend', async () => {
    const refused = (words: RegExp) => ({ ok: false, error: { code: 'EAR_ACT_REFUSED', message: expect.stringMatching(words) } });
    expect(await trust(slackWith({ hasScope: false })).compare(undefined)).toMatchObject(refused(/missing_scope.*the scope admin/));
    const slack = slackWith();
    slack.script({ error: 'not_an_enterprise' });
    expect(await trust(slack).compare(undefined)).toMatchObject(refused(/part of Slack Enterprise plans/));
  });

  it('say so when Slack asks for patience', async () => {
    const slack = slackWith();
    slack.script('limited');
    expect(await trust(slack).compare(undefined)).toMatchObject({ ok: false, error: { message: expect.stringContaining('429') } });
  });

  it('are of a system that is there', async () => {
    const slack = slackWith();
    expect(await trust(slack).compare('other')).toMatchObject({
      ok: false,
      error: { code: 'EAR_ACT_SYSTEM', message: 'There is no other: name one of slack.' },
    });
    const none = new TrustedNetworkLists({ settings: () => settingsSchema.parse({}), lists: () => [], fetch, now: () => NOW });
    expect(await none.compare(undefined)).toMatchObject({ ok: false, error: { code: 'EAR_ACT_SYSTEM' } });
  });
});
