import { describe, expect, it } from 'vitest';
import { person } from '../../../test/support/person.ts';
import { toldAlert } from '../../../test/support/told-alert.ts';
import type { Evidence } from '../../model/alert.ts';
import { PersonNames } from '../../model/person.ts';
import { settingsSchema } from '../../settings.ts';
import { withOffers } from './told-offers.ts';

const PEOPLE = new PersonNames(
  [
    person('asmith', { names: ['alice', 'W0EXAMPLE01'] }),
    person('bmartin', { names: ['ben'], emails: ['ben@example.com'] }),
    person('robot', { names: ['backup', 'root'] }),
    ...['c1', 'c2', 'c3'].map((id) => person(id, { emails: [`${id}@example.com`] })),
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
  const alert = toldAlert({ group: {}, count: evidence.length, evidence });
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
