import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type SmtpOptions, type SmtpSimulator, startSmtp } from '../simulators/smtp.ts';
import { certificateAuthority } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/hub-process.ts';
import { SlackHub } from '../support/slack-hub.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

const folder = mkdtempSync(join(tmpdir(), 'earshot-mail-'));
let at: SlackHub;
let server: SmtpSimulator;
let options: SmtpOptions;

beforeAll(async () => {
  const authority = certificateAuthority(folder);
  const pair = authority.issue('localhost');
  const tls = { key: readFileSync(pair.key, 'utf8'), cert: readFileSync(pair.certificate, 'utf8') };
  options = { port: await freePort(), tls, login: { user: 'earshot', password: 'geheim' } };
  server = await startSmtp(options);
  const mail = {
    type: 'mail',
    host: 'localhost',
    port: server.port,
    ca_file: authority.certificate,
    user: 'earshot',
    password: 'geheim',
    from: 'earshot@example.com',
    to: ['soc@example.com', 'lead@example.com'],
    base_url: 'https://earshot.example.com',
  };
  at = await SlackHub.start({ settings: () => ({ notifiers: { mail }, outbox: { burst: 100, max_backoff_secs: 1 } }) });
});

afterAll(async () => {
  await at.stop();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const mailsOf = (user: string) => server.mails.filter(({ subject }) => subject.endsWith(`: ${user}`));

it('sends an alert to all its addresses, and its growth into the same thread', async () => {
  await at.opened({ user: 'alice' });
  await eventually(async () => mailsOf('alice').length === 1);
  const [opened] = mailsOf('alice');
  expect(opened).toMatchObject({
    to: ['soc@example.com', 'lead@example.com'],
    secure: true,
    user: 'earshot',
    subject: '[HIGH] Vault Opened: alice',
  });
  expect(opened?.text).toContain('alice opened a vault');
  expect(opened?.text).toMatch(/https:\/\/earshot\.example\.com\/alerts\/[0-9a-f]+/);

  await at.opened(...Array.from({ length: 12 }, () => ({ user: 'alice' })));
  await eventually(async () => mailsOf('alice').length === 2);
  expect(mailsOf('alice')[1]).toMatchObject({ subject: 'Re: [HIGH] Vault Opened: alice', references: [opened?.messageId] });
});

it('waits for a server that is down', async () => {
  await server.stop();
  await at.opened({ user: 'bob' });
  await eventually(async () => JSON.stringify((await at.hub.get('/api/outbox')).json).includes('ECONNREFUSED'));
  server = await startSmtp(options);
  await eventually(async () => mailsOf('bob').length === 1);
});

it('sets aside what the server refuses for good, with its words, and names who was missed', async () => {
  for (const address of ['soc@example.com', 'lead@example.com']) server.script({ at: 'RCPT', code: 550, text: 'no such user', address });
  await at.opened({ user: 'carol' });
  await eventually(async () => {
    const { json } = await at.hub.get('/api/outbox');
    return JSON.stringify(json).includes('no recipient (to) was taken: 550 no such user');
  });
  server.script({ at: 'RCPT', code: 550, text: 'gone', address: 'lead@example.com' });
  await at.opened({ user: 'dave' });
  await eventually(async () => mailsOf('dave').length === 1);
  expect(mailsOf('dave')[0]?.to).toEqual(['soc@example.com']);
  await eventually(async () => at.hub.log.includes('not taken by the mail server for lead@example.com: 550 gone'));
});
