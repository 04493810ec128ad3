import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningSource } from '../../src/sources/source.ts';
import { type SyslogSettings, syslogSettings } from '../../src/sources/syslog/settings.ts';
import { startSyslogSource } from '../../src/sources/syslog/syslog-source.ts';
import { certificateAuthority } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { MemoryIntake } from '../support/memory-intake.ts';
import { missingPeer, type PeerProcess, startRsyslog, startSyslogNg } from '../support/peer-process.ts';
import { RecordingTelemetry } from '../support/recording-telemetry.ts';

const COUNT = 5000;
const noRsyslog = missingPeer('rsyslog');
const noSyslogNg = missingPeer('syslog-ng');

let folder: string;
let peer: PeerProcess | undefined;
let running: RunningSource<SyslogSettings> | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-senders-'));
});

afterEach(async ({ task }) => {
  await peer?.stop('SIGKILL');
  await running?.stop();
  if (task.result?.state === 'fail') console.warn(peer?.output.slice(-2000));
  [peer, running] = [undefined, undefined];
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);
const file = (name: string, content: string) => {
  writeFileSync(at(name), content);
  return at(name);
};

/** Numbered lines with what makes transports stumble: quotes, backslashes, UTF-8, a CEF record, an unequal length. */
const line = (i: number) =>
  `CEF:0|Example|PAM|1.0|100|Session "${i}"|5|msg=número ${i} \\= ok suser=alice@example.com cs1=${'x'.repeat(i % 500)}`;
const writeInput = () => file('input.log', Array.from({ length: COUNT }, (_, i) => `${line(i)}\n`).join(''));

async function hear(settings: object) {
  const intake = new MemoryIntake();
  const telemetry = new RecordingTelemetry();
  running = await startSyslogSource({
    name: 'senders',
    settings: syslogSettings.parse({ udp: false, tcp: false, relp: false, ...settings }),
    intake,
    telemetry,
    now: Date.now,
  });
  return { intake, telemetry, port: running.addresses()[0]?.port ?? 0 };
}

const anyPort = { listen: '127.0.0.1:0' };

/** rsyslog's own names in an RFC 5424 header, and the line as it was in the file. */
const HEADER = /^<157>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}(?:Z|[+-]\d\d:\d\d) \S+ numbered - - - /;

function expectAll(messages: readonly string[]) {
  const bodies = messages.map((message) => {
    expect(message).toMatch(HEADER);
    return message.replace(HEADER, '').trimEnd();
  });
  expect(bodies).toEqual(Array.from({ length: COUNT }, (_, i) => line(i)));
}

function rsyslogConfig(output: string, { modules = '', globals = '' } = {}): string {
  return file(
    'rsyslog.conf',
    `global(workDirectory="${folder}" maxMessageSize="64k" ${globals})
module(load="imfile" mode="inotify")
${modules}
template(name="wire" type="string" string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% %HOSTNAME% numbered - - - %rawmsg-after-pri%")
input(type="imfile" File="${at('input.log')}" Tag="numbered" Severity="notice" Facility="local3" ruleset="out")
ruleset(name="out" queue.type="Direct") { ${output} }
`,
  );
}

const retry = 'action.resumeRetryCount="-1" action.resumeInterval="1"';

describe.skipIf(noRsyslog !== undefined)('rsyslog', () => {
  it.each(['traditional', 'octet-counted'])('over TCP, %s framing', async (framing) => {
    writeInput();
    const { intake, port } = await hear({ tcp: anyPort });
    const output = `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" TCP_Framing="${framing}" template="wire" ${retry})`;
    peer = startRsyslog(folder, rsyslogConfig(output));
    await intake.atLeast(COUNT);
    expectAll(intake.messages);
    expect(intake.stored[0]?.origin).toMatchObject({ transport: 'tcp', address: '127.0.0.1' });
  });

  it('over UDP', async () => {
    file('input.log', Array.from({ length: 100 }, (_, i) => `${line(i)}\n`).join(''));
    const { intake, port } = await hear({ udp: anyPort });
    peer = startRsyslog(folder, rsyslogConfig(`action(type="omfwd" target="127.0.0.1" port="${port}" protocol="udp" template="wire")`));
    await intake.atLeast(100);
    expect(intake.messages.map((message) => message.replace(HEADER, ''))).toEqual(Array.from({ length: 100 }, (_, i) => line(i)));
  });

  it('over TLS with the gtls driver and certificates on both sides; its name binds it, and a renewal breaks nothing', async () => {
    const authority = certificateAuthority(folder);
    const hub = authority.issue('hub.example.com');
    const pam = authority.issue('pam.example.com');
    writeInput();
    const tls = { ...anyPort, certificate_file: hub.certificate, key_file: hub.key, client_ca_file: authority.certificate };
    const settings = {
      tls: { ...tls, client_certificates: 'require' },
      peers: [{ certificate: 'pam.example.com', datasets: ['pam.session'] }],
    };
    const { intake, port, telemetry } = await hear(settings);
    const output = `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" TCP_Framing="octet-counted" template="wire" ${retry}
      StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="hub.example.com")`;
    const globals = `defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="${authority.certificate}" defaultNetstreamDriverCertFile="${pam.certificate}" defaultNetstreamDriverKeyFile="${pam.key}"`;
    peer = startRsyslog(folder, rsyslogConfig(output, { globals }));
    await intake.atLeast(COUNT);
    expectAll(intake.messages);
    expect(intake.stored[0]?.origin).toMatchObject({ transport: 'tls', certificate: 'pam.example.com', datasets: ['pam.session'] });

    const renewed = authority.issue('hub.example.com');
    writeFileSync(hub.key, readFileSync(renewed.key));
    writeFileSync(hub.certificate, readFileSync(renewed.certificate));
    await telemetry.until(() => telemetry.logs.some((l) => l.message.includes('new certificates')));
    writeFileSync(at('input.log'), `${line(COUNT)}\n`, { flag: 'a' });
    await intake.atLeast(COUNT + 1);
    expect(telemetry.value('earshot_connections', { source: 'senders' })).toBe(1);
  });

  it('over RELP, with TLS', async () => {
    const authority = certificateAuthority(folder);
    const hub = authority.issue('hub.example.com');
    // Without a certificate of its own, librelp offers anonymous ciphers only, which nobody should take.
    const pam = authority.issue('pam.example.com');
    writeInput();
    const tls = {
      certificate_file: hub.certificate,
      key_file: hub.key,
      client_ca_file: authority.certificate,
      client_certificates: 'require',
    };
    const { intake, port } = await hear({ relp: { ...anyPort, tls } });
    const output = `action(type="omrelp" target="127.0.0.1" port="${port}" template="wire" ${retry} tls="on" tls.caCert="${authority.certificate}" tls.myCert="${pam.certificate}" tls.myPrivKey="${pam.key}" tls.authMode="name" tls.permittedPeer=["hub.example.com"])`;
    peer = startRsyslog(folder, rsyslogConfig(output, { modules: 'module(load="omrelp")' }));
    await intake.atLeast(COUNT);
    expectAll(intake.messages);
    expect(intake.stored[0]?.origin).toMatchObject({ transport: 'relp', certificate: 'pam.example.com' });
  });

  it('over RELP, while the receiver is killed again and again: every message is there', async () => {
    writeInput();
    const port = await freePort();
    const received = at('received.log');
    const output = `action(type="omrelp" target="127.0.0.1" port="${port}" template="wire" ${retry} timeout="5")`;
    peer = startRsyslog(folder, rsyslogConfig(output, { modules: 'module(load="omrelp")' }));
    for (const killAfter of [500, 700, 900, Number.POSITIVE_INFINITY]) await receive(port, received, killAfter);
    const bodies = new Set(linesOf(received).map((message) => message.replace(HEADER, '').trimEnd()));
    expect(bodies).toEqual(new Set(Array.from({ length: COUNT }, (_, i) => line(i))));
  });
});

describe.skipIf(noSyslogNg !== undefined)('syslog-ng', () => {
  it('RFC 5424 over TLS, with structured data', async () => {
    const authority = certificateAuthority(folder);
    const hub = authority.issue('hub.example.com');
    writeInput();
    const { intake, port } = await hear({ tls: { ...anyPort, certificate_file: hub.certificate, key_file: hub.key } });
    const config = file(
      'syslog-ng.conf',
      `@version: 3.38
options { log-msg-size(65536); stats-freq(0); use-dns(no); };
source s { file("${at('input.log')}" flags(no-parse) follow-freq(0.1) program-override("numbered") default-facility(local3) default-priority(notice)); };
rewrite r { set("a\\"b]c" value(".SDATA.test@32473.quoted")); };
destination d { syslog("127.0.0.1" port(${port}) transport("tls") tls(ca-file("${authority.certificate}") peer-verify(required-trusted))); };
log { source(s); rewrite(r); destination(d); };
`,
    );
    peer = startSyslogNg(folder, config);
    await intake.atLeast(COUNT);
    const header = /^<157>1 \S+ \S+ numbered - - \[test@32473 quoted="a\\"b\\\]c"\](?:\[meta sequenceId="\d+"\])? (?:\ufeff)?/;
    expect(intake.messages[0]).toMatch(header);
    expect(intake.messages.map((message) => message.replace(header, '').trimEnd())).toEqual(
      Array.from({ length: COUNT }, (_, i) => line(i)),
    );
    expect(intake.stored[0]?.origin.transport).toBe('tls');
  });
});

/** Runs a receiver until it has stored so many messages, and kills it; or until everything is there. */
async function receive(port: number, path: string, killAfter: number): Promise<void> {
  const receiver = fork(new URL('../support/relp-receiver.ts', import.meta.url), [`${port}`, path], { execArgv: [] });
  let stored = 0;
  await new Promise<void>((resolve, reject) => {
    receiver.once('exit', (code) => reject(new Error(`the receiver ended with ${code}`)));
    receiver.on('message', (message: { stored?: number }) => {
      stored += message.stored ?? 0;
      const complete = () => new Set(linesOf(path)).size >= COUNT && distinctNumbers(path) === COUNT;
      if (stored >= killAfter || (killAfter === Number.POSITIVE_INFINITY && complete())) resolve();
    });
  });
  receiver.removeAllListeners('exit');
  receiver.kill('SIGKILL');
  await once(receiver, 'exit');
}

const linesOf = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((l) => HEADER.test(l));
const distinctNumbers = (path: string): number => new Set(linesOf(path).map((l) => /número (\d+)/.exec(l)?.[1])).size;
