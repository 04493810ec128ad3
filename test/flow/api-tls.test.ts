import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { certificateAuthority } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';

let folder: string;
let hub: HubProcess;
let port: number;
let authority: ReturnType<typeof certificateAuthority>;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-api-tls-'));
  authority = certificateAuthority(folder);
  use('hub.example.com');
  port = await freePort();
  const tls = { certificate_file: file('certificate.pem'), key_file: file('key.pem') };
  hub = await HubProcess.create({ api: { listen: `127.0.0.1:${port}`, public_url: 'https://hub.example.com', tls } });
  await hub.start();
});
afterAll(async () => {
  await hub.kill();
  for (const path of [folder, hub.dataDir]) rmSync(path, { recursive: true });
});

/** Puts a new certificate where the hub reads it. */
function use(commonName: string): void {
  const pair = authority.issue(commonName);
  copyFileSync(pair.key, file('key.pem'));
  copyFileSync(pair.certificate, file('certificate.pem'));
}

const trusting = () => ({ host: '127.0.0.1', port, ca: readFileSync(authority.certificate) });

async function ask(path: string, body?: object): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  const asked = request({
    ...trusting(),
    servername: 'hub.example.com',
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: { host: 'hub.example.com', 'content-type': 'application/json' },
    agent: false,
  });
  asked.end(body && JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode ?? 0, headers: answer.headers, text };
}

/** The name in the certificate that a new connection is shown. */
async function shown(): Promise<string | undefined> {
  const socket: TLSSocket = connect({ ...trusting(), checkServerIdentity: () => undefined });
  await once(socket, 'secureConnect');
  const name: unknown = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return typeof name === 'string' ? name : undefined;
}

it('people sign in over TLS, with a cookie for this host and TLS alone', async () => {
  const link = await eventually(async () => /Make the first, within a day: (\S+)/.exec(hub.log)?.[1]);
  expect(link).toMatch(/^https:\/\/hub\.example\.com\/setup#/);
  const made = await ask('/api/setup', { code: link.split('#')[1], name: 'ada', password: 'correct horse battery' });
  expect(made.status).toBe(200);
  expect(made.headers['set-cookie']?.[0]).toMatch(
    /^__Host-earshot_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  expect(made.headers).toMatchObject({ 'strict-transport-security': 'max-age=31536000', 'cross-origin-opener-policy': 'same-origin' });
  // The code of the link is in no log.
  expect(hub.log.split(link)).toHaveLength(2);
});

it('speaks nothing else on that port', async () => {
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
});

it('uses a renewed certificate for new connections, and keeps the old one when the new cannot be used', async () => {
  expect(await shown()).toBe('hub.example.com');
  use('renewed.example.com');
  await eventually(async () => (await shown()) === 'renewed.example.com');
  writeFileSync(file('certificate.pem'), 'no certificate');
  await eventually(async () => hub.log.includes('the certificates before them stay in use'));
  expect(await shown()).toBe('renewed.example.com');
});

it('a command that listens nowhere needs no certificates', async () => {
  const config = file('elsewhere.yaml');
  const tls = '{ certificate_file: /nowhere/a.pem, key_file: /nowhere/a.key }';
  writeFileSync(config, `api: { tls: ${tls} }\ndata_dir: ${file('elsewhere')}\n`);
  expect(await earshot(['user', 'create', 'ada', '--config', config])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^https:\/\/127\.0\.0\.1:8484\/setup#/),
  });
  expect(await earshot(['check', '--config', config])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('api.tls.certificate_file'),
  });
});

it('a hub that could be reached from elsewhere without TLS does not start, and says what to set', async () => {
  const config = file('open.yaml');
  const open = (more: string) => writeFileSync(config, `api: { listen: '0.0.0.0:${port + 1}'${more} }\ndata_dir: ${file('open')}\n`);
  open('');
  expect(await earshot(['check', '--config', config])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('set api.tls, or api.behind_proxy'),
  });
  expect(await earshot(['run', '--config', config])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('set api.tls, or api.behind_proxy'),
  });
  open(', behind_proxy: true');
  expect(await earshot(['check', '--config', config])).toMatchObject({ code: 0 });
});
