import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { headerOf, type SmtpOptions, type SmtpSimulator, startSmtp } from '../../../test/simulators/smtp.ts';
import { certificateAuthority } from '../../../test/support/certificates.ts';
import type { ToldAlert } from '../../model/alert.ts';
import type { Notification } from '../../notify/notifier.ts';
import { mail } from './mail-notifier.ts';

const alert: ToldAlert = {
  id: 'a1',
  kind: 'rule',
  ruleId: 'r',
  ruleName: 'vault/opened',
  ruleVersion: 'v',
  title: 'Vault opened',
  level: 'high',
  group: { 'user.name': 'alice' },
  count: 2,
  firstAt: 1_700_000_000_000,
  lastAt: 1_700_000_060_000,
  evidence: [
    {
      eventId: '1-1',
      timestamp: 1_700_000_000_000,
      dataset: 'segura.pam',
      action: 'vault_opened',
      outcome: 'success',
      user: 'alice',
      host: 'vault1.example.com',
      sourceIp: '192.0.2.7',
      message: 'alice opened a vault',
      matches: [{ field: 'event.action', value: 'vault_opened', leaf: 'vault_opened' }],
    },
  ],
  tags: [],
  nextSteps: ['Ask alice.'],
  state: 'open',
};

const notification: Notification = { key: 'a1.opened.mail', kind: 'opened', alerts: [alert], more: 0, possibleRepeat: false, joined: [] };
const PAGE = 'https://earshot.example.com';

describe('mail', () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-mail-'));
  let ca = '';
  let tls: { key: string; cert: string };
  let server: SmtpSimulator | undefined;

  beforeAll(() => {
    const authority = certificateAuthority(folder);
    const pair = authority.issue('localhost');
    ca = authority.certificate;
    tls = { key: readFileSync(pair.key, 'utf8'), cert: readFileSync(pair.certificate, 'utf8') };
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = async (options: SmtpOptions = { tls }) => {
    server = await startSmtp(options);
    return server;
  };
  const send = (more: object = {}, what: Notification = notification, signal: AbortSignal = AbortSignal.timeout(5_000)) =>
    mail.send(what, {
      config: mail.config.parse({
        host: 'localhost',
        port: server?.port,
        ca_file: ca,
        from: 'earshot@example.com',
        to: ['soc@example.com'],
        ...more,
      }),
      fetch,
      signal,
      pageUrl: PAGE,
    });

  it('sends over TLS that begins in the clear', async () => {
    const { mails } = await start();
    const { verdict } = await send();
    expect(verdict).toBe('delivered');
    const [taken] = mails;
    expect(taken).toMatchObject({
      from: 'earshot@example.com',
      to: ['soc@example.com'],
      secure: true,
      subject: '[HIGH] Vault opened: alice',
    });
    expect(taken?.text).toContain('alice, vault_opened (success), on vault1.example.com, from 192.0.2.7');
    expect(taken?.text).toContain('2023-11-14 22:13:20 UTC');
    expect(taken?.text).toContain('1. Ask alice.');
    expect(taken?.text).toContain('https://earshot.example.com/alerts/a1');
    expect(taken?.html).toContain('<a href="https://earshot.example.com/alerts/a1"');
    expect(headerOf(taken?.raw ?? '', 'auto-submitted')).toBe('auto-generated');
  });

  it('says how it ended only where that is known', async () => {
    const { mails } = await start();
    const evidence = alert.evidence.map((each) => ({ ...each, outcome: 'unknown' }));
    await send({}, { ...notification, alerts: [{ ...alert, evidence }] });
    expect(mails[0]?.text).toContain('alice, vault_opened, on vault1.example.com');
  });

  it('sends over TLS from the start, and signs in', async () => {
    const { mails } = await start({ tls, implicit: true, login: { user: 'earshot', password: 'geheim' } });
    expect((await send({ tls: 'implicit', user: 'earshot', password: 'geheim' })).verdict).toBe('delivered');
    expect(mails).toMatchObject([{ secure: true, user: 'earshot' }]);
  });

  it('says nothing to a server that offers no TLS, or whose certificate is not of the authority', async () => {
    const { mails } = await start({});
    expect(await send({ user: 'earshot', password: 'geheim' })).toMatchObject({
      verdict: 'retry',
      why: expect.stringMatching(/^mail: no TLS/),
    });
    await server?.stop();
    await start({ tls });
    const refused = await send({ ca_file: undefined });
    expect(refused).toMatchObject({ verdict: 'retry', why: expect.stringMatching(/^mail: the server's certificate is not trusted/) });
    expect(refused).not.toHaveProperty('ambiguous');
    expect(mails).toEqual([]);
  });

  it('signs in before it sends, and goes to the dead letters with a wrong password', async () => {
    const { mails } = await start({ tls, login: { user: 'earshot', password: 'geheim' } });
    expect(await send({ user: 'earshot', password: 'falsch' })).toEqual({
      verdict: 'reject',
      why: 'mail: the sign-in (user, password) was refused: 535 authentication failed',
      target: true,
    });
    expect(await send()).toMatchObject({ verdict: 'reject', target: true, why: expect.stringContaining('530') });
    expect(mails).toEqual([]);
  });

  it.each([
    [
      { at: 'MAIL', code: 451, text: 'later' },
      { verdict: 'retry', why: 'mail: the sender (from) was refused: 451 later' },
    ],
    [
      { at: 'MAIL', code: 421, text: 'going down' },
      { verdict: 'retry', why: 'mail: the sender (from) was refused: 421 going down' },
    ],
    [
      { at: 'MAIL', code: 553, text: 'not yours' },
      { verdict: 'reject', why: 'mail: the sender (from) was refused: 553 not yours', target: true },
    ],
    [
      { at: 'MAIL', code: 552, text: 'too big' },
      { verdict: 'reject', why: 'mail: the sender (from) was refused: 552 too big' },
    ],
    [
      { at: 'RCPT', code: 550, text: 'no such user' },
      { verdict: 'reject', why: 'mail: no recipient (to) was taken: 550 no such user', target: true },
    ],
    [
      { at: 'RCPT', code: 450, text: 'greylisted' },
      { verdict: 'retry', why: 'mail: no recipient (to) was taken: 450 greylisted' },
    ],
    [
      { at: 'DATA', code: 452, text: 'disk full' },
      { verdict: 'retry', why: 'mail: the mail was refused: 452 disk full' },
    ],
    [
      { at: 'DATA', code: 554, text: 'spam' },
      { verdict: 'reject', why: 'mail: the mail was refused: 554 spam' },
    ],
  ] as const)('takes a refusal %j for what it is', async (step, verdict) => {
    const { script, mails } = await start();
    script(step);
    expect(await send()).toEqual(verdict);
    expect(mails).toEqual([]);
    expect((await send()).verdict).toBe('delivered');
  });

  it('does not send what is larger than the server takes', async () => {
    await start({ tls, size: 1_000 });
    const refused = await send();
    expect(refused).toMatchObject({ verdict: 'reject', why: expect.stringContaining('larger') });
    // It may be taken when it is taken apart.
    expect(refused).not.toHaveProperty('target');
  });

  it('tells those who can be told, and says who could not', async () => {
    const { script, mails } = await start();
    script({ at: 'RCPT', code: 550, text: 'gone', address: 'former@example.com' });
    expect(await send({ to: ['soc@example.com', 'former@example.com'] })).toMatchObject({
      verdict: 'delivered',
      missed: 'not taken by the mail server for former@example.com: 550 gone',
    });
    expect(mails).toMatchObject([{ to: ['soc@example.com'] }]);
  });

  it('does not know what became of a mail whose answer is missing', async () => {
    const { script, mails } = await start();
    script({ at: 'DATA', drop: true, take: true });
    expect(await send()).toMatchObject({ verdict: 'retry', ambiguous: true });
    script({ at: 'DATA', hang: true });
    expect(await send({}, notification, AbortSignal.timeout(300))).toEqual({
      verdict: 'retry',
      why: 'mail: no answer in time',
      ambiguous: true,
    });
    expect((await send({}, { ...notification, possibleRepeat: true })).verdict).toBe('delivered');
    const [first, repeat] = mails;
    // Mail systems that look for it show it once.
    expect(repeat?.messageId).toBe(first?.messageId);
    expect(repeat?.text).toContain('This may be a repeat');
  });

  it('knows that nothing was sent where nobody listens, or nobody greets', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    expect(await send({ port }, notification, AbortSignal.timeout(300))).toEqual({ verdict: 'retry', why: 'mail: no answer in time' });
    await new Promise((resolve) => silent.close(resolve));
    expect(await send({ port })).toEqual({ verdict: 'retry', why: 'mail: the server cannot be reached (ECONNREFUSED)' });
  });

  it('keeps what belongs together in one thread', async () => {
    const { mails } = await start();
    await send();
    await send({}, { ...notification, key: 'a1.grew-20.mail', kind: 'grew', joined: [{ alertId: 'a1', users: ['bob'], hosts: [] }] });
    await send({}, { ...notification, key: 'burst.x', alerts: [alert, { ...alert, id: 'a2' }] });
    const [opened, grew, burst] = mails;
    expect(opened?.references).toEqual([]);
    expect(grew?.references).toEqual([opened?.messageId]);
    expect(headerOf(grew?.raw ?? '', 'in-reply-to')).toBe(opened?.messageId);
    expect(grew?.subject).toBe('Re: [HIGH] Vault opened: alice');
    expect(grew?.text).toContain('New in it: user bob.');
    expect(burst?.references[0]).toBe(opened?.messageId);
    expect(burst?.subject).toBe('2 alerts: 2 high');
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(3);
  });

  it('says that an alert which slept is open again, and whatever was asked since that it was not them', async () => {
    const { mails } = await start();
    await send({}, { ...notification, kind: 'grew', joined: [{ alertId: 'a1', users: [], hosts: [], woke: 'its time is over' }] });
    expect(mails[0]?.text).toContain('Open again: its time is over.');
    expect(mails[0]?.text).not.toContain('Still going on');
    const line = { at: 0, actor: 'earshot', note: '', count: 1 } as const;
    const answered = {
      ...line,
      change: 'answered',
      about: { ask: 'a', person: 'Alice', said: 'not_me', stand: 'says that it was NOT them' },
    } as const;
    const later = ['b', 'c', 'd', 'e'].map(
      (ask) => ({ ...line, change: 'asked', about: { ask, person: ask, stand: 'no answer yet' } }) as const,
    );
    const asks = [answered, ...later];
    await send({}, { ...notification, kind: 'said', said: 'a', alerts: [{ ...alert, asks }] });
    expect(mails[1]?.subject).toBe('[HIGH] Alice says: it was NOT me: Vault opened');
    await send({}, { ...notification, alerts: [{ ...alert, asks }] });
    expect(mails[2]?.text).toContain('Alice was asked by mail whether it was them: says that it was NOT them.');
    expect(mails[2]?.text.match(/was asked by mail/g)).toHaveLength(3);
  });

  it('lets nothing that an event says become a header, a link or markup', async () => {
    const { mails } = await start();
    const hostile = 'x\r\nBcc: evil@example.net\r\n\r\n<img src="https://evil.example.net/p.png"> www.evil.example.net \u202Egnp';
    const [evidence] = alert.evidence;
    await send(
      {},
      {
        ...notification,
        alerts: [{ ...alert, title: hostile, evidence: evidence === undefined ? [] : [{ ...evidence, user: hostile, message: hostile }] }],
      },
    );
    const [taken] = mails;
    expect(taken?.to).toEqual(['soc@example.com']);
    expect(headerOf(taken?.raw ?? '', 'bcc')).toBe('');
    expect(taken?.subject).toMatch(/^\[HIGH\] x Bcc: evil@example\.net <img/);
    for (const body of [taken?.text ?? '', taken?.html ?? '']) {
      expect(body).not.toMatch(/https?:\/\/evil/);
      expect(body).not.toContain('www.evil');
      expect(body).not.toContain('\u202E');
    }
    expect(taken?.html).not.toContain('<img');
    // What a mail program loads by itself.
    expect(taken?.html).not.toMatch(/<[^>]*\bsrc=|url\(|<link|@import/);
  });

  it.each([
    [{ host: 'mail.example.com', tls: 'none' }, 'tls'],
    [{ tls: 'none', allow_plain: true, host: 'mail.example.com', user: 'a', password: 'b' }, 'password'],
    [{ user: 'a' }, 'password'],
    [{ ca_file: '/nowhere.pem' }, 'ca_file'],
    [{ to: [] }, 'to'],
    [{ to: ['a@example.com\r\nBcc: b@example.com'] }, 'to'],
    [{ from: 'Earshot <earshot@example.com>' }, 'from'],
  ])('refuses the settings %j', (more, place) => {
    const parsed = mail.config.safeParse({ host: 'localhost', from: 'earshot@example.com', to: ['soc@example.com'], ...more });
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([place]);
  });
});
