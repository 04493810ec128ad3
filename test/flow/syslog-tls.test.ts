import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningSource } from '../../src/sources/source.ts';
import { type SyslogSettings, syslogSettings } from '../../src/sources/syslog/settings.ts';
import { startSyslogSource } from '../../src/sources/syslog/syslog-source.ts';
import { certificateAuthority, type KeyPair } from '../support/certificates.ts';
import { MemoryIntake } from '../support/memory-intake.ts';
import { RecordingTelemetry } from '../support/recording-telemetry.ts';

let folder: string;
let running: RunningSource<SyslogSettings> | undefined;
let port = 0;
const intake = { now: new MemoryIntake() };
let telemetry: RecordingTelemetry;
let authority: ReturnType<typeof certificateAuthority>;
let hub: KeyPair;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-tls-'));
  authority = certificateAuthority(folder);
  hub = authority.issue('hub.example.com');
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true });
});

async function hear(tls: object, rest: object = {}) {
  intake.now = new MemoryIntake();
  telemetry = new RecordingTelemetry();
  running = await startSyslogSource({ name: 'office', settings: settings(tls, rest), intake: intake.now, telemetry, now: Date.now });
  port = running.addresses()[0]?.port ?? 0;
}

const settings = (tls: object, rest: object = {}): SyslogSettings =>
  syslogSettings.parse({
    udp: false,
    tcp: false,
    relp: false,
    tls: {
      listen: `127.0.0.1:${port}`,
      certificate_file: hub.certificate,
      key_file: hub.key,
      client_ca_file: authority.certificate,
      ...tls,
    },
    ...rest,
  });

async function dial(pair?: KeyPair, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const own = pair === undefined ? {} : { cert: readFileSync(pair.certificate), key: readFileSync(pair.key) };
  const ca = readFileSync(authority.certificate);
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'hub.example.com', ...own, ...options });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('secureConnect', resolve).once('close', () => resolve()));
  return socket;
}

const refused = (reason: string) => telemetry.value('earshot_refused_connections_total', { source: 'office', reason });

describe('syslog over TLS', () => {
  it('takes no TLS before 1.2', async () => {
    await hear({});
    const old = await dial(undefined, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    expect(old.destroyed).toBe(true);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await dial(undefined, { minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).toBe(version);
      socket.end('<13>a\n');
    }
    await intake.now.atLeast(2);
  });

  it('knows peers by certificates of our authority alone', async () => {
    const peers = [{ certificate: 'pam.example.com', datasets: ['pam'] }];
    await hear({ client_certificates: 'require' }, { peers });
    const pam = await dial(authority.issue('pam.example.com'));
    pam.write('8 <13>pam\n');
    await intake.now.atLeast(1);
    expect(intake.now.stored[0]?.origin).toMatchObject({ transport: 'tls', certificate: 'pam.example.com', datasets: ['pam'] });

    const other = certificateAuthority(folder, 'another authority').issue('pam.example.com');
    for (const pair of [other, undefined]) (await dial(pair)).write('<13>x\n');
    await telemetry.until(() => refused('handshake') === 2);
    expect(intake.now.count).toBe(1);
  });

  it('refuses a good certificate with a name that no peer has, off loopback rules', async () => {
    await hear({ client_certificates: 'require' }, { peers: [{ certificate: 'pam.example.com' }], allow: ['192.0.2.0/24'] });
    (await dial(authority.issue('other.example.com'))).write('<13>x\n');
    await telemetry.until(() => refused('not_allowed') === 1);
    expect(intake.now.count).toBe(0);
  });

  it('takes a forged certificate for none where certificates are only requested', async () => {
    await hear({ client_certificates: 'request' }, { peers: [{ certificate: 'pam.example.com', datasets: ['pam'] }] });
    const forged = certificateAuthority(folder, 'another authority').issue('pam.example.com');
    (await dial(forged)).end('<13>x\n');
    await intake.now.atLeast(1);
    expect(intake.now.stored[0]?.origin.certificate).toBeUndefined();
    expect(intake.now.stored[0]?.origin.datasets).toBeUndefined();
  });

  it('cuts who does not finish the handshake, and holds its place until then', async () => {
    await hear({ handshake_timeout_secs: 1 });
    const silent = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 1);
    await once(silent.resume(), 'close');
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 0);
    expect(refused('handshake')).toBe(1);
  });

  it('refuses addresses before any handshake', async () => {
    await hear({}, { allow: ['192.0.2.0/24'] });
    expect((await dial()).destroyed).toBe(true);
    expect(refused('not_allowed')).toBe(1);
    expect(telemetry.value('earshot_connections', { source: 'office' })).toBe(0);
  });

  it('takes renewed certificates for new connections, keeps the old ones open, and keeps the old certificate when the new is broken', async () => {
    await hear({});
    const before = await dial();
    const old = before.getPeerCertificate().fingerprint256;

    writeFileSync(hub.key, 'not a key');
    await expect(running?.reload(settings({}))).rejects.toMatchObject({ code: 'EAR_CONFIG_INVALID' });
    expect((await dial()).getPeerCertificate().fingerprint256).toBe(old);

    const renewed = authority.issue('hub.example.com');
    writeFileSync(hub.key, readFileSync(renewed.key));
    writeFileSync(hub.certificate, readFileSync(renewed.certificate));
    await telemetry.until(() => telemetry.logs.some((l) => l.message.includes('new certificates')));
    expect((await dial()).getPeerCertificate().fingerprint256).not.toBe(old);
    before.write('<13>still here\n');
    await intake.now.atLeast(1);
  });

  it('names the file it cannot read', async () => {
    await expect(hear({ certificate_file: join(folder, 'missing.pem') })).rejects.toThrow(
      'sources.office.tls.certificate_file: cannot read',
    );
  });
});
