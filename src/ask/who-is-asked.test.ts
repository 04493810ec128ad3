import { describe, expect, it } from 'vitest';
import { type Person, PersonNames } from '../model/person.ts';
import { askingSettings } from './settings.ts';
import { type Asked, whoIsAsked } from './who-is-asked.ts';

const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  displayName: `${id} Example`,
  names: [`${id}.login`],
  emails: [`${id}@example.com`],
  groups: [],
  active: true,
  privileged: false,
  sources: [],
  ...more,
});
const names = new PersonNames(
  [
    person('alice'),
    person('ana'),
    person('nomail', { emails: ['n/a', 'a@example.com, b@example.com', 'x@example.com\r\nBcc: y'] }),
    person('former', { active: false }),
    person('left', { leavingDate: '2026-01-30' }),
    person('leaving', { leavingDate: '2026-01-31' }),
  ],
  [],
);
const evidence = (user: string | undefined, dataset = 'segura.pam') => ({
  eventId: '1-1',
  timestamp: 0,
  dataset,
  message: '',
  matches: [],
  ...(user !== undefined && { user }),
});
const asked = ({ alert = { evidence: [evidence('alice.login')] }, ...more }: Partial<Asked>) =>
  whoIsAsked({
    alert,
    datasets: alert.evidence.map(({ dataset }) => dataset),
    name: undefined,
    asker: 'ana',
    names,
    notFor: askingSettings.parse({}).not_for,
    today: '2026-01-31',
    ...more,
  });

describe('who is asked', () => {
  it('is the one person of the alert, by any of their names', () => {
    expect(asked({})).toMatchObject({ ok: true, value: { person: { id: 'alice', name: 'alice Example', email: 'alice@example.com' } } });
    expect(asked({ name: 'Alice' })).toMatchObject({ ok: true, value: { person: { id: 'alice' } } });
    expect(asked({ alert: { evidence: [evidence('leaving')] } })).toMatchObject({ ok: true });
  });

  it.each([
    [{ alert: { evidence: [evidence(undefined)] } }, 'the alert names nobody'],
    [{ alert: { evidence: [evidence('alice'), evidence('former')] } }, 'say whom: alice, former'],
    [{ name: 'ana' }, 'the alert does not say that ana has done anything'],
    [{ alert: { evidence: [evidence('root')] } }, 'the identity directory does not know root'],
    [{ alert: { evidence: [evidence('nomail')] } }, 'has no mail address of nomail Example'],
    [{ alert: { evidence: [evidence('former')] } }, 'former Example has left'],
    [{ alert: { evidence: [evidence('left')] } }, 'left Example has left'],
    [{ asker: 'alice' }, 'that is yourself'],
    [{ alert: { evidence: [evidence('alice'), evidence('alice', 'o365.audit')] } }, 'about their mailbox, or what opens it (o365.audit'],
    [{ alert: { evidence: [evidence('alice', 'Okta.system')] } }, 'Ask them in person'],
  ])('is nobody where %j', (more, why) => {
    expect(asked(more)).toMatchObject({ ok: false, error: expect.stringContaining(why) });
  });

  it('is nobody where the mailbox is in doubt by what the asker may not see, which is not named', () => {
    const said = asked({ datasets: ['segura.pam', 'o365.audit'] });
    expect(said).toMatchObject({ ok: false, error: expect.stringContaining('what opens it (asking.not_for)') });
  });

  it('is not the other one of an alert, though they are in it', () => {
    const both = { alert: { evidence: [evidence('alice'), evidence('ana')] }, name: 'alice' };
    const found = asked(both);
    expect(found.ok && [found.value.isTheirs('alice.login'), found.value.isTheirs('ana')]).toEqual([true, false]);
  });
});
