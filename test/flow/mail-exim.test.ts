import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { certificateAuthority } from '../support/certificates.ts';
import { Exim, type EximOptions } from '../support/exim.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/hub-process.ts';
import { missingPeer } from '../support/peer-process.ts';
import { SlackHub } from '../support/slack-hub.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

const folder = mkdtempSync(join(tmpdir(), 'earshot-exim-'));
let at: SlackHub;
let exim: Exim;
let options: EximOptions;

describe.skipIf(missingPeer('exim'))('mail through a real server', () => {
  beforeAll(async () => {
    const authority = certificateAuthority(folder);
    options = { port: await freePort(), tls: authority.issue('localhost'), login: { user: 'earshot', password: 'geheim' } };
    const mail = {
      type: 'mail',
      host: 'localhost',
      port: options.port,
      ca_file: authority.certificate,
      user: 'earshot',
      password: 'geheim',
      from: 'earshot@example.com',
    };
    const notifiers = {
      soc: { ...mail, to: ['soc@example.com', 'lead@example.com'] },
      gone: { ...mail, to: ['nobody@example.com'] },
      stranger: { ...mail, password: 'falsch', to: ['soc@example.com'] },
    };
    at = await SlackHub.start({ settings: () => ({ notifiers, outbox: { burst: 100, max_backoff_secs: 1 } }) });
    exim = new Exim(folder, options);
  });

  afterAll(async () => {
    await at.stop();
    await exim.stop();
    rmSync(folder, { recursive: true });
  });

  it('is in each mailbox, signed in and over TLS, and what follows is in its thread', async () => {
    await at.opened({ user: 'Zoë O’Neill' });
    await eventually(async () => exim.delivered('soc').length === 1 && exim.delivered('lead').length === 1);
    const [mail = ''] = exim.delivered('soc');
    expect(mail).toMatch(/esmtpsa.*TLS1\.[23]/);
    expect(mail).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
    expect(exim.log).toContain('A=plain:earshot');
    await at.opened(...Array.from({ length: 12 }, () => ({ user: 'Zoë O’Neill' })));
    await eventually(async () => exim.delivered('soc').length === 2);
    const [, messageId = 'none'] = /^Message-ID: (<.*>)/im.exec(mail) ?? [];
    expect(exim.delivered('soc')[1]).toContain(`In-Reply-To: ${messageId}`);
  });

  it('is refused in the words of the server, for an address without a mailbox and for a wrong password', async () => {
    await eventually(async () => {
      const outbox = JSON.stringify((await at.hub.get('/api/outbox')).json);
      return outbox.includes('550 no such user') && outbox.includes('535 Incorrect authentication data');
    });
  });

  it('waits for a server that is down', async () => {
    await exim.stop();
    const before = exim.delivered('soc').length;
    await at.opened({ user: 'bob' });
    await eventually(async () => JSON.stringify((await at.hub.get('/api/outbox')).json).includes('ECONNREFUSED'));
    exim = new Exim(folder, options);
    await eventually(async () => exim.delivered('soc').length === before + 1);
  });
});
