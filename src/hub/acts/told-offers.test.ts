import { describe, expect, it } from 'vitest';
import type { Evidence, ToldAlert } from '../../model/alert.ts';
import { type Person, PersonNames } from '../../model/person.ts';
import { settingsSchema } from '../../settings.ts';
import { withOffers } from './told-offers.ts';

const person = (id: string, names: readonly string[], emails: readonly string[] = []): Person => ({
  id,
  displayName: id,
  names,
  emails,
  groups: [],
  active: true,
  privileged: false,
  sources: [],
});
const PEOPLE = new PersonNames(
  [
    person('asmith', ['alice', 'W0EXAMPLE01']),
    person('bmartin', ['ben'], ['ben@example.com']),
    person('robot', ['backup', 'root'], []),
    ...['c1', 'c2', 'c3'].map((id) => person(id, [], [`${id}@example.com`])),
  ],
  [],
);
const SLACK = { slack: { type: 'slack_sessions', token: 'xoxp-made-up' } };

/** Whom the message of an alert offers, by who acts in which datasets. */
function offered(acting: readonly (readonly [dataset: string, user?: string])[], systems: object = SLACK): readonly string[] | undefined {
  const evidence = acting.map(([dataset, user], i): Evidence => {
    const event = { eventId: `1-${i}`, timestamp: 0, dataset, message: '', matches: [] };
    return user === undefined ? event : { ...event, user };
  });
  const alert: ToldAlert = {
    id: 'a',
    kind: 'rule',
    ruleId: 'r',
    ruleName: 'r',
    ruleVersion: 'v1',
    title: 'T',
    level: 'high',
    group: {},
    count: evidence.length,
    firstAt: 0,
    lastAt: 0,
    evidence,
    tags: [],
    nextSteps: [],
    state: 'open',
  };
  return withOffers([alert], settingsSchema.parse({ acts: { systems } }), PEOPLE)[0]?.signOut;
}

describe('a message offers to sign out', () => {
  it('whom the directory knows with a member ID or a mail address, once, by the name in the events', () => {
    expect(
      offered([
        ['linux.auth', 'Ben'],
        ['segura.pam', 'alice'],
        ['linux.auth', 'Ben'],
      ]),
    ).toEqual(['Ben', 'alice']);
  });

  it('nobody whom the system could not find: accounts of machines, and names that no directory knows', () => {
    expect(offered([['linux.auth', 'root'], ['linux.auth', 'mallory'], ['linux.auth', 'eve@example.net'], ['linux.auth']])).toBeUndefined();
    expect(
      offered([
        ['linux.auth', 'root'],
        ['linux.auth', 'ben'],
      ]),
    ).toEqual(['ben']);
  });

  it("who acts in the system's own entries, whether the directory knows them or not", () => {
    expect(offered([['slack.audit', 'mallory'], ['slack.audit']])).toEqual(['mallory']);
  });

  it('three people at most, and none at all where there are more', () => {
    const many = ['c1@example.com', 'c2@example.com', 'c3@example.com'].map((user) => ['linux.auth', user] as const);
    expect(offered(many)).toHaveLength(3);
    expect(offered([...many, ['linux.auth', 'ben']])).toBeUndefined();
  });

  it('nobody where Earshot signs nobody out', () => {
    const vault = { type: 'segura_sessions', url: 'https://vault.example.com', client_id: 'a', client_secret: 'made-up' };
    expect(offered([['linux.auth', 'ben']], {})).toBeUndefined();
    expect(offered([['linux.auth', 'ben']], { vault })).toBeUndefined();
  });
});
