// Measures the store: encoding, and the engine's CPU, memory and disk per event. Run: node bench/store.bench.ts [blocks] [rows per block]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../src/model/event.ts';
import { encodeBlock } from '../src/store/encode.ts';
import { startEngine } from '../src/store/engine/engine.ts';
import { insertBlock } from '../src/store/insert-block.ts';
import { migrate } from '../src/store/migrations.ts';
import { sql } from '../src/store/sql.ts';
import { silent } from '../src/telemetry/telemetry.ts';

const BLOCKS = Number(process.argv[2] ?? 25);
const ROWS = Number(process.argv[3] ?? 20_000);
const CLOCK_TICKS = 100;

const pick = <T>(items: readonly T[], n: number): T => items[n % items.length] as T;
const random = (most: number): number => Math.floor(Math.random() * most);

/** An event of a privileged session as CEF gives it: some thirty fields, about 450 bytes of raw text. */
function sample(seq: number, now: number): Event {
  const user = `user${Math.floor(5000 * Math.random() ** 3)}`;
  const ip = `198.51.${random(256)}.${random(256)}`;
  const host = `srv-${random(400)}.example.com`;
  const action = pick(['session_start', 'session_end', 'password_checkout', 'command', 'login', 'login_failed'], random(6));
  const session = Math.random().toString(16).slice(2, 14);
  const raw = `<134>1 2026-11-20T12:00:00Z pam01.example.com pxm - - - CEF:0|Example|PXM|8.1|${100 + random(30)}|Task ${action}|${random(10)}|suser=${user} duser=root src=${ip} dst=192.0.2.${random(250)} dhost=${host} dpt=22 spt=${random(65000)} act=${action} outcome=success app=ssh cs1Label=SessionId cs1=${session} cs2Label=Ticket cs2=CHG${random(99999)} request=/api/v1/sessions/${session} msg=${user} used the account root on ${host} over ssh in session ${session}`;
  return {
    node: 1,
    seq,
    receivedAt: now,
    timestamp: now - random(2000),
    source: 'pam',
    raw: Buffer.from(raw),
    hits: [],
    fields: {
      'event.dataset': 'example.pam',
      'event.module': 'example',
      'event.kind': 'event',
      'event.category': ['session'],
      'event.type': ['start'],
      'event.action': action,
      'event.outcome': 'success',
      'event.code': `${100 + random(30)}`,
      'event.severity': random(10),
      'user.name': user,
      'user.target.name': 'root',
      'source.ip': ip,
      'source.port': random(65_000),
      'destination.ip': `192.0.2.${random(250)}`,
      'destination.port': 22,
      'destination.domain': host,
      'host.name': 'pam01.example.com',
      'observer.vendor': 'Example',
      'observer.product': 'PXM',
      'observer.version': '8.1',
      'network.application': 'ssh',
      'url.path': `/api/v1/sessions/${session}`,
      message: `${user} used the account root on ${host} over ssh in session ${session}`,
      'log.syslog.appname': 'pxm',
      'log.syslog.severity.code': 6,
      'log.syslog.facility.code': 16,
      'related.user': [user, 'root'],
      'related.ip': [ip],
      'related.hosts': [host],
      'cef.extensions.cs1': session,
      'cef.extensions.cs2': `CHG${random(99_999)}`,
    },
  };
}

const cpuSecs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
};
const memoryMib = (pid: number, name: 'VmHWM' | 'VmRSS'): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
const engine = await startEngine({ dataDir: join(folder, 'data'), runDir: join(folder, 'run'), telemetry: silent });
try {
  await migrate(engine);
  for (const statement of process.argv.slice(4)) await engine.command({ text: statement, params: {} });
  const pid = engine.pid ?? 0;
  const keep = { name: 'default', days: 90 };
  let encodeSecs = 0;
  let insertSecs = 0;
  let bytes = 0;
  let hubSecs = 0;
  const before = cpuSecs(pid);
  for (let i = 0; i < BLOCKS; i++) {
    const now = Date.now();
    const events = Array.from({ length: ROWS }, (_, n) => sample(1 + i * ROWS + n, now));
    const beforeEncode = process.cpuUsage();
    const block = encodeBlock(events, { retentionOf: () => keep });
    const encoded = process.cpuUsage(beforeEncode);
    encodeSecs += (encoded.user + encoded.system) / 1e6;
    bytes += block.body.length;
    const beforeInsert = process.cpuUsage();
    const started = performance.now();
    const inserted = await insertBlock(engine, block);
    insertSecs += (performance.now() - started) / 1000;
    const used = process.cpuUsage(beforeInsert);
    hubSecs += (used.user + used.system) / 1e6;
    if (!inserted.ok) throw new Error(inserted.error.message);
  }
  const events = BLOCKS * ROWS;
  const engineSecs = cpuSecs(pid) - before;
  const [disk] = await engine.query<{ bytes: string; parts: string }>(
    sql`SELECT sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts WHERE database = 'earshot' AND table = 'events' AND active`,
    { timeoutMs: 10_000, maxMemoryBytes: 1e8, maxRows: 1 },
  );
  const perMillion = (secs: number): string => ((secs / events) * 1e6).toFixed(2);
  console.log(
    `${events} events in blocks of ${ROWS}; ${(bytes / events).toFixed(0)} B/event as RowBinary\n` +
      `encode      ${perMillion(encodeSecs)} us/event of CPU\n` +
      `hub, insert ${perMillion(hubSecs)} us/event of CPU\n` +
      `engine      ${perMillion(engineSecs)} CPU s per million, merges included\n` +
      `insert only ${(events / insertSecs).toFixed(0)} events/s, one block at a time\n` +
      `disk        ${(Number(disk?.bytes) / events).toFixed(0)} B/event in ${disk?.parts} parts\n` +
      `memory      engine peak ${memoryMib(pid, 'VmHWM').toFixed(0)} MiB, now ${memoryMib(pid, 'VmRSS').toFixed(0)} MiB`,
  );
} finally {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
}
