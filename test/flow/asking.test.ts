import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SlackApiSimulator } from '../simulators/slack-api.ts';
import { type SmtpSimulator, startSmtp, type TakenMail } from '../simulators/smtp.ts';
import { certificateAuthority } from '../support/certificates.ts';
import { eventually, type HubProcess } from '../support/hub-process.ts';
import { SlackHub } from '../support/slack-hub.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const [ANA, VERA] = ['UANA000001', 'UVERA00001'];
const PUBLIC = 'https://earshot.example.com';
const folder = mkdtempSync(join(tmpdir(), 'earshot-ask-'));
let at: SlackHub;
let hub: HubProcess;
let slack: SlackApiSimulator;
let server: SmtpSimulator;

beforeAll(async () => {
  const authority = certificateAuthority(folder);
  const pair = authority.issue('localhost');
  server = await startSmtp({ tls: { key: readFileSync(pair.key, 'utf8'), cert: readFileSync(pair.certificate, 'utf8') } });
  const people = ['alice', 'bob', 'carol', 'dave'].map((id) => `${id},${id} Example,${id}@example.com`);
  writeFileSync(join(folder, 'people.csv'), `id,name,emails\n${people.join('\n')}\nmute,Mute Example,\n`);
  at = await SlackHub.start({
    settings: (bot, { token }) => ({
      api: { public_url: PUBLIC },
      people: { files: [join(folder, 'people.csv')] },
      notifiers: {
        security: { ...bot, token, signing_secret: 'made-up-signing-secret', people: { [ANA]: 'ana', [VERA]: 'vera' } },
        mail: {
          type: 'mail',
          host: 'localhost',
          port: server.port,
          ca_file: authority.certificate,
          from: 'earshot@example.com',
          to: ['soc@example.com'],
        },
      },
      routes: [{ name: 'all', when: { query: '*' }, to: ['security', 'mail'] }],
      asking: { by: 'mail' },
    }),
  });
  ({ hub, slack } = at);
  await at.post('/api/users', { name: 'ana', role: 'analyst', datasets: ['*'] });
  await at.post('/api/users', { name: 'vera', role: 'viewer', datasets: ['*'] });
});

afterAll(async () => {
  await at.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const url = () => `http://127.0.0.1:${hub.ports.api}`;
const mailTo = (user: string): Promise<TakenMail> =>
  eventually(async () => server.mails.find(({ to }) => to.includes(`${user}@example.com`)));

/** The address behind a link of the mail, as the test reaches it: what is in front of the hub is not here. */
function linkIn({ text }: TakenMail, said: 'me' | 'not_me'): string {
  const link = new RegExp(`${PUBLIC}(/answer/[^?\\s]+\\?said=${said})$`, 'm').exec(text)?.[1];
  if (link === undefined) throw new Error(`the mail has no link: ${text}`);
  return `${url()}${link}`;
}

const form = (link: string, body: Readonly<Record<string, string>>) =>
  fetch(link.replace(/\?.*$/, ''), { method: 'POST', body: new URLSearchParams(body) });

interface Detail {
  readonly state: string;
  readonly history: readonly { change: string; actor: string; note: string; about: Record<string, string> }[];
}
const detail = async (id: string) => (await hub.get(`/api/alerts/${id}`)).json as Detail;
const replies = (ts: string) => slack.messages.filter(({ threadTs }) => threadTs === ts);

it('asks by the button in Slack, and brings the answer into the alert, its message and its thread; it decides nothing', async () => {
  const message = await at.toldOf('alice');
  const before = slack.responses.length;
  await slack.click({ message, user: ANA, action: 'ask_person', choice: 'alice', url: `${url()}/slack/interactivity`, times: 2 });
  await slack.until(() => slack.responses.length > before);
  expect(slack.responses[before]?.args.text).toContain('alice Example is asked by mail (question ');

  const mail = await mailTo('alice');
  expect(mail.to).toEqual(['alice@example.com']);
  expect(mail.subject).toMatch(/^Was this you\? \(question [0-9A-F]{4}-[0-9A-F]{4}\)$/);
  expect(mail.text).toContain('ana of your security team would like to know');
  expect(mail.text).toContain('What: vault opened (Segura)');
  // Nothing of what found it, nor the raw event.
  for (const hidden of ['Vault Opened', 'HIGH', 'alice opened a vault', '/alerts/', 'attack']) expect(mail.raw).not.toContain(hidden);

  // Scanners of mail follow links.
  for (const said of ['me', 'not_me'] as const) expect((await fetch(linkIn(mail, said))).status).toBe(200);
  const { id } = await at.alertOf(message);
  expect((await detail(id)).history.filter(({ change }) => change === 'answered')).toEqual([]);

  const given = await form(linkIn(mail, 'me'), { said: 'me', note: 'It was the drill of <b>Friday</b>.' });
  expect([given.status, await given.text()]).toEqual([200, expect.stringContaining('Your answer is in: <strong>it was me</strong>')]);
  const { state, history } = await detail(id);
  expect(state).toBe('open');
  expect(history.at(-1)).toMatchObject({
    change: 'answered',
    actor: 'earshot',
    note: 'It was the drill of <b>Friday</b>.',
    about: { person: 'alice Example', said: 'me', by: 'ana' },
  });
  await slack.until(() => replies(message.ts).some(({ text }) => text.includes('alice Example says: it was me')));
  const reply = replies(message.ts).find(({ text }) => text.includes('says: it was me'));
  expect(JSON.stringify(reply?.blocks)).toContain('It was the drill of &lt;b&gt;Friday&lt;/b&gt;.');
  expect(reply?.broadcast).toBeUndefined();
  await slack.until(() => at.shown('alice').includes('alice Example says: it was me'));
  // Once, whatever Slack sent twice.
  expect(server.mails.filter(({ to }) => to.includes('alice@example.com'))).toHaveLength(1);

  const again = await form(linkIn(mail, 'not_me'), { said: 'not_me' });
  expect([again.status, await again.text()]).toEqual([410, expect.stringContaining('This question was answered')]);
});

it('tells loudly that it was not them, and wakes an alert that sleeps', async () => {
  const message = await at.toldOf('bob');
  const { id } = await at.alertOf(message);
  expect((await at.post(`/api/alerts/${id}/ask`, {})).status).toBe(200);
  expect((await at.post(`/api/alerts/${id}/ask`, { person: 'bob' })).status).toBe(409);
  const mail = await mailTo('bob');
  await at.post(`/api/alerts/${id}/state`, { state: 'snoozed', until: 'now+4h' });
  expect((await form(linkIn(mail, 'not_me'), { said: 'not_me' })).status).toBe(200);

  await slack.until(() => replies(message.ts).some(({ broadcast }) => broadcast === true));
  const loud = replies(message.ts).find(({ broadcast }) => broadcast === true);
  expect(loud?.text).toContain('bob Example says: it was NOT me');
  const told = await eventually(async () => server.mails.find(({ subject }) => subject.includes('bob Example says: it was NOT me')));
  expect(told).toMatchObject({ to: ['soc@example.com'], raw: expect.stringMatching(/^Importance: high\r$/im) });
  const { state, history } = await detail(id);
  expect(state).toBe('open');
  expect(history.map(({ change }) => change).slice(-2)).toEqual(['answered', 'woke']);
});

it('records who asked, and what was said', async () => {
  const q = 'event.dataset:earshot.audit event.action:person_*';
  const lines = await eventually(async () => {
    const { json } = await hub.get(`/api/events?q=${encodeURIComponent(q)}`);
    const all = (json as { events: { fields: Record<string, unknown> }[] }).events.map(({ fields }) => fields);
    return all.filter((fields) => fields['event.action'] === 'person_answered').length === 2 && all;
  });
  const ofAlice = lines.filter((fields) => fields['user.target.name'] === 'alice').toReversed();
  expect(ofAlice.map((fields) => fields['event.action'])).toEqual(['person_asked', 'person_asked_sent', 'person_answered']);
  expect(ofAlice[0]).toMatchObject({ 'user.name': 'ana', 'earshot.audit.to': 'alice@example.com' });
  expect(ofAlice[2]).toMatchObject({ 'source.ip': '127.0.0.1', 'earshot.audit.said': 'me', 'earshot.audit.asked_by': 'ana' });
  // The secret of a link is in no record.
  const mail = await mailTo('alice');
  const secret = /answer\/[0-9a-f]{16}\.([A-Za-z0-9_-]{43})/.exec(mail.text)?.[1] ?? '-';
  expect(JSON.stringify(lines) + hub.log).not.toContain(secret);
});

it('keeps an answer after the alert was resolved, and says that somebody should look again', async () => {
  const message = await at.toldOf('carol');
  const { id } = await at.alertOf(message);
  await at.post(`/api/alerts/${id}/ask`, {});
  const mail = await mailTo('carol');
  await at.post(`/api/alerts/${id}/state`, { state: 'resolved', resolution: 'benign' });
  await form(linkIn(mail, 'not_me'), { said: 'not_me', note: 'I am on leave.' });
  await slack.until(() => replies(message.ts).some(({ broadcast }) => broadcast === true));
  expect(JSON.stringify(replies(message.ts).at(-1)?.blocks)).toContain('The alert is resolved: look at it again.');
  expect((await detail(id)).state).toBe('resolved');
});

it('asks nobody for who may only read, and nobody whose mail is not known', async () => {
  const message = await at.toldOf('dave');
  const before = slack.responses.length;
  await slack.click({ message, user: VERA, action: 'ask_person', choice: 'dave', url: `${url()}/slack/interactivity` });
  await slack.until(() => slack.responses.length > before);
  expect(slack.responses[before]?.args.text).toContain('vera, with the role viewer, may read alerts and not change them');
  const unknown = await at.toldOf('erin');
  const { id } = await at.alertOf(unknown);
  expect((await at.post(`/api/alerts/${id}/ask`, {})).json).toMatchObject({
    code: 'EAR_ASK_REFUSED',
    detail: expect.stringContaining('the identity directory does not know erin'),
  });
  expect(server.mails.filter(({ to }) => to.some((each) => /dave|erin/.test(each)))).toEqual([]);
});
