import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryIntake } from '../../../test/support/memory-intake.ts';
import { RecordingTelemetry } from '../../../test/support/recording-telemetry.ts';
import type { ListenAddress, RunningSource } from '../source.ts';
import { type SyslogSettings, syslogSettings } from './settings.ts';
import { startSyslogSource } from './syslog-source.ts';

const anyPort = { listen: '127.0.0.1:0' };
const onAnyPort = { udp: anyPort, tcp: anyPort, relp: anyPort };

let running: RunningSource<SyslogSettings> | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await running?.stop();
  running = undefined;
});

async function start(settings: object = {}) {
  const intake = new MemoryIntake();
  const telemetry = new RecordingTelemetry();
  const source = await startSyslogSource({
    name: 'office',
    settings: syslogSettings.parse({ ...onAnyPort, ...settings }),
    intake,
    telemetry,
    now: () => 1_000,
  });
  running = source;
  const at = (transport: ListenAddress['transport']): ListenAddress => {
    const address = source.addresses().find((a) => a.transport === transport);
    if (address === undefined) throw new Error(`no ${transport} listener`);
    return address;
  };
  return { intake, telemetry, source, at };
}

async function dial({ port, host }: ListenAddress, allowHalfOpen = false): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Reads what comes back until `done` likes it. */
function answers(socket: Socket, done: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (done(text)) resolve(text);
    });
  });
}

const dropped = (reason: string) => ['earshot_dropped_events_total', { source: 'office', reason }] as const;
const refused = (reason: string) => ['earshot_refused_connections_total', { source: 'office', reason }] as const;

describe('syslog over TCP', () => {
  it('stores what comes, in order, with who sent it, whatever the framing', async () => {
    const { intake, at } = await start();
    const socket = await dial(at('tcp'));
    socket.end('<13>one\n9 <13>two\n!<13>three\r\n\n<13>four');
    await intake.atLeast(4);
    expect(intake.messages).toEqual(['<13>one', '<13>two\n!', '<13>three', '<13>four']);
    expect(intake.stored[0]).toMatchObject({ source: 'office', receivedAt: 1000 });
    expect(intake.stored[0]?.origin).toEqual({ transport: 'tcp', address: '127.0.0.1', port: socket.localPort, timeZone: 'UTC' });
  });

  it('uses one origin object for a connection, and marks what is cut', async () => {
    const { intake, at, telemetry } = await start({ max_message_bytes: 480 });
    const socket = await dial(at('tcp'));
    socket.end(`<13>a\n<13>${'x'.repeat(10_000_000)}\n<13>b\n9 <13>half`);
    await intake.atLeast(4);
    expect(intake.messages.map((m) => m.length)).toEqual([5, 480, 5, 8]);
    const truncated = intake.stored.filter((batch) => batch.origin.truncated === true);
    expect(truncated.map((batch) => batch.messages.length)).toEqual([1, 1]);
    expect(new Set(intake.stored.map((batch) => batch.origin)).size).toBe(2);
    const cut = (reason: string) => telemetry.value('earshot_truncated_events_total', { source: 'office', reason });
    await telemetry.until(() => cut('too_long') === 1 && cut('unfinished') === 1);
  });

  it('closes a connection whose counts make no sense, keeps what came before, and says so', async () => {
    const { intake, at, telemetry } = await start();
    const socket = await dial(at('tcp'));
    socket.write('5 <13>agarbage 5 <13>b');
    await once(socket.resume(), 'close').catch(() => undefined);
    await intake.atLeast(1);
    expect(intake.messages).toEqual(['<13>a']);
    expect(telemetry.value(...dropped('bad_frame'))).toBe(1);
    expect(telemetry.logs.map((l) => l.message).join()).toContain('octet counting');
  });

  it('stops reading while the raw log is full, and loses nothing', async () => {
    const { intake, at, telemetry } = await start();
    intake.open = false;
    const socket = await dial(at('tcp'));
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 1);
    const line = `<13>${'x'.repeat(1000)}\n`;
    const sent = 20_000;
    let written = 0;
    const write = () => {
      while (written < sent) {
        written += 1;
        if (!socket.write(line)) {
          socket.once('drain', write);
          return;
        }
      }
      socket.end();
    };
    write();
    // Turns of the loop in which everything could be read that the network has.
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(intake.appends).toBe(0);
    expect(written).toBeLessThan(sent);
    intake.open = true;
    await intake.atLeast(sent);
    expect(intake.count).toBe(sent);
  });

  it('ends a connection that is silent for too long, but not while the silence is ours', async () => {
    const { intake, at, telemetry } = await start({ idle_timeout_secs: 1 });
    const connections = () => telemetry.value('earshot_connections', { source: 'office' });
    intake.open = false;
    await dial(at('tcp'));
    await telemetry.until(() => connections() === 1);
    await sleep(1_500);
    expect(connections()).toBe(1);
    intake.open = true;
    await telemetry.until(() => connections() === 0);
  });

  it('tries again what the raw log refused', async () => {
    const { intake, at, telemetry } = await start();
    intake.failure = new Error('disk full');
    const socket = await dial(at('tcp'));
    socket.write('<13>a\n');
    await telemetry.until(() => telemetry.logs.some((l) => l.message.includes('disk full')));
    expect(intake.count).toBe(0);
    intake.failure = undefined;
    await intake.atLeast(1);
    expect(intake.messages).toEqual(['<13>a']);
  });

  it('holds thousands of idle connections, and still hears each', async () => {
    const { intake, at, telemetry } = await start();
    const idle = await Promise.all(Array.from({ length: 2000 }, () => dial(at('tcp'))));
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 2000);
    for (const [i, socket] of idle.entries()) socket.write(`<13>${i}\n`);
    await intake.atLeast(2000);
    expect(new Set(intake.messages).size).toBe(2000);
    for (const socket of idle) socket.destroy();
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 0);
  });

  it('holds connections to their limits, in all and by address', async () => {
    const { at, telemetry } = await start({ max_connections: 2, max_connections_per_peer: 1 });
    const first = await dial(at('tcp'));
    const second = await dial(at('relp'));
    await once(second.resume(), 'close').catch(() => undefined);
    expect(telemetry.value(...refused('too_many_from_peer'))).toBe(1);
    first.destroy();
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 0);
    await dial(at('relp'));
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 1);
  });

  it('refuses who is not named', async () => {
    const { intake, at, telemetry, source } = await start({ allow: ['192.0.2.0/24'] });
    for (const _ of ['once', 'again']) {
      const socket = await dial(at('tcp'));
      socket.write('<13>a\n');
      await once(socket.resume(), 'close').catch(() => undefined);
    }
    expect(telemetry.value(...refused('not_allowed'))).toBe(2);
    expect(intake.count).toBe(0);
    const why = 'office: a tcp connection from 127.0.0.1 was refused or cut: neither "peers" nor "allow" names it';
    expect(source.refusals?.()).toEqual([{ address: '127.0.0.1', why, times: 2, lastAt: 1_000 }]);
  });

  it('hears the last words when it stops', async () => {
    const { intake, at, source, telemetry } = await start();
    const socket = await dial(at('tcp'), true);
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 1);
    socket.resume().once('end', () => socket.end('<13>last\n'));
    await source.stop();
    expect(intake.messages).toEqual(['<13>last']);
  });
});

describe('syslog over UDP', () => {
  it('stores each datagram as it is', async () => {
    const { intake, at } = await start({ peers: [{ cidr: '127.0.0.0/8', datasets: ['pam'] }] });
    const sender = createSocket('udp4');
    for (const message of ['<13>one', '', '<13>two\nlines', '5 x']) sender.send(message, at('udp').port, '127.0.0.1');
    await intake.atLeast(3);
    sender.close();
    expect(intake.messages).toEqual(['<13>one', '<13>two\nlines', '5 x']);
    expect(intake.stored[0]?.origin).toEqual({ transport: 'udp', address: '127.0.0.1', datasets: ['pam'], timeZone: 'UTC' });
  });

  it('counts what it drops while the raw log is full, and who may not send', async () => {
    const { intake, at, telemetry, source } = await start();
    const sender = createSocket('udp4');
    intake.open = false;
    sender.send('<13>one', at('udp').port, '127.0.0.1');
    await telemetry.until(() => telemetry.value(...dropped('no_room')) === 1);
    intake.open = true;
    await source.reload(syslogSettings.parse({ ...onAnyPort, allow: ['192.0.2.0/24'] }));
    sender.send('<13>two', at('udp').port, '127.0.0.1');
    await telemetry.until(() => telemetry.value(...dropped('not_allowed')) === 1);
    sender.close();
    expect(intake.count).toBe(0);
  });
});

describe('RELP', () => {
  const open = '1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n';

  it('acknowledges what is on disk, in order, and nothing before', async () => {
    const { intake, at } = await start();
    const socket = await dial(at('relp'));
    socket.write(open);
    expect(await answers(socket, (text) => text.endsWith('commands=syslog\n'))).toBe(
      '1 rsp 59 200 OK\nrelp_version=0\nrelp_software=earshot\ncommands=syslog\n',
    );
    let release: () => void = () => undefined;
    intake.hold = new Promise((resolve) => {
      release = resolve;
    });
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    socket.write('2 syslog 5 <13>a\n3 syslog 5 <13>b\n4 nonsense 0\n');
    await intake.until(() => intake.appends > 0);
    expect(heard).toBe('');
    const all = answers(socket, (text) => text.includes('\n4 rsp'));
    release();
    expect(await all).toBe('2 rsp 6 200 OK\n3 rsp 6 200 OK\n4 rsp 28 500 unknown command nonsense\n');
    const farewell = answers(socket, (text) => text.includes('serverclose'));
    socket.write('5 close 0\n');
    expect(await farewell).toBe('5 rsp 6 200 OK\n0 serverclose 0\n');
    expect(intake.messages).toEqual(['<13>a', '<13>b']);
    expect(intake.stored[0]?.origin.transport).toBe('relp');
  });

  it('does not answer what it could not store: the connection closes, and the sender keeps it', async () => {
    const { intake, at } = await start();
    const socket = await dial(at('relp'));
    socket.write(open);
    await answers(socket, (text) => text.endsWith('commands=syslog\n'));
    intake.failure = new Error('disk full');
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    socket.write('2 syslog 5 <13>a\n');
    await once(socket, 'close').catch(() => undefined);
    expect(heard).toBe('');
  });

  it('counts what is sent again after a broken connection, and stores it', async () => {
    const { intake, at, telemetry } = await start();
    const first = await dial(at('relp'));
    first.write(`${open}2 syslog 5 <13>a\n3 syslog 5 <13>b\n`);
    await answers(first, (text) => text.includes('3 rsp'));
    first.destroy();
    await telemetry.until(() => telemetry.value('earshot_connections', { source: 'office' }) === 0);
    const second = await dial(at('relp'));
    second.write(`${open}2 syslog 5 <13>b\n3 syslog 5 <13>c\n`);
    await answers(second, (text) => text.includes('3 rsp'));
    expect(telemetry.value('earshot_resent_events_total', { source: 'office' })).toBe(1);
    expect(intake.messages).toEqual(['<13>a', '<13>b', '<13>b', '<13>c']);
  });

  it('closes on what is not RELP', async () => {
    const { at, telemetry } = await start();
    const socket = await dial(at('relp'));
    socket.write('<13>plain syslog on the wrong port\n');
    await once(socket.resume(), 'close').catch(() => undefined);
    expect(telemetry.value(...refused('bad_frame'))).toBe(1);
  });

  it('finishes its answers when it stops, and says goodbye', async () => {
    const { intake, at, source } = await start();
    const socket = await dial(at('relp'));
    socket.write(`${open}2 syslog 5 <13>a\n`);
    await intake.until(() => intake.appends > 0);
    const heard = answers(socket, (text) => text.includes('serverclose'));
    socket.once('end', () => socket.end());
    await source.stop();
    expect(await heard).toContain('2 rsp 6 200 OK\n0 serverclose 0\n');
  });
});

const hasIPv6 = Object.values(networkInterfaces()).some((interfaces) => interfaces?.some(({ address }) => address === '::1'));

describe.skipIf(!hasIPv6)('IPv6', () => {
  const everyDoor = (host: string) => ({ udp: { listen: `${host}:0` }, tcp: { listen: `${host}:0` }, relp: { listen: `${host}:0` } });
  const sendByAll = async (at: (transport: ListenAddress['transport']) => ListenAddress, host: string) => {
    const sender = createSocket(host === '::1' ? 'udp6' : 'udp4');
    sender.send('<13>udp', at('udp').port, host, () => sender.close());
    (await dial({ ...at('tcp'), host })).end('<13>tcp\n');
    (await dial({ ...at('relp'), host })).write('1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n2 syslog 8 <13>relp\n');
  };
  const fromWhere = (intake: MemoryIntake) =>
    intake.stored.map(({ origin, messages }) => `${messages.join()} from ${origin.address} for ${origin.datasets}`).sort();

  it('is listened on, and open as loopback is', async () => {
    const { intake, at } = await start(everyDoor('[::1]'));
    await sendByAll(at, '::1');
    await intake.atLeast(3);
    expect(fromWhere(intake)).toEqual(['relp', 'tcp', 'udp'].map((by) => `<13>${by} from ::1 for undefined`));
    expect(at('tcp').host).toBe('::1');
  });

  it('on all addresses, hears IPv4 too and knows it as such', async () => {
    const peers = [
      { cidr: '127.0.0.0/8', datasets: ['four'] },
      { cidr: '::1/128', datasets: ['six'] },
    ];
    const { intake, at } = await start({ ...everyDoor('[::]'), peers });
    await sendByAll(at, '::1');
    await intake.atLeast(3);
    expect(fromWhere(intake)).toEqual(['relp', 'tcp', 'udp'].map((by) => `<13>${by} from ::1 for six`));
    intake.stored.splice(0);
    await sendByAll(at, '127.0.0.1');
    await intake.atLeast(3);
    expect(fromWhere(intake)).toEqual(['relp', 'tcp', 'udp'].map((by) => `<13>${by} from 127.0.0.1 for four`));
  });

  it('on all addresses, lets nobody in whom no rule names', async () => {
    const { intake, at, telemetry } = await start({ ...everyDoor('[::]'), peers: [{ cidr: '2001:db8::/32' }] });
    await sendByAll(at, '::1');
    await telemetry.until(() => telemetry.value(...refused('not_allowed')) === 2 && telemetry.value(...dropped('not_allowed')) === 1);
    expect(intake.count).toBe(0);
  });
});

describe('reload', () => {
  it('opens and closes listeners, and leaves connections alone', async () => {
    const { intake, at, source } = await start();
    const socket = await dial(at('tcp'));
    socket.write('<13>before\n');
    await intake.atLeast(1);
    await source.reload(syslogSettings.parse({ ...onAnyPort, relp: false, tcp: { listen: '127.0.0.1:0' } }));
    expect(source.addresses().map((a) => a.transport)).toEqual(['udp', 'tcp']);
    socket.write('<13>after\n');
    await intake.atLeast(2);
    expect(intake.messages).toEqual(['<13>before', '<13>after']);
  });

  it('changes nothing when the new settings cannot be had', async () => {
    const { source, at } = await start();
    const before = source.addresses();
    const taken = at('tcp').port;
    const settings = syslogSettings.parse({ ...onAnyPort, relp: { listen: `127.0.0.1:${taken}` } });
    await expect(source.reload(settings)).rejects.toMatchObject({ code: 'EAR_SOURCE_LISTEN' });
    expect(source.addresses()).toEqual(before);
  });
});
