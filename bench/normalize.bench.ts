/** Measures decoding and normalizing on one core, in processor time: `node bench/normalize.bench.ts`. */
import { decode } from '../src/decode/decode.ts';
import { MAPPINGS } from '../src/integrations/index.ts';
import type { Origin, RawRecord } from '../src/model/record.ts';
import { createNormalizer } from '../src/normalize/normalize.ts';

const LINES = 4_096;
const RUNS = 9;
const RUN_MS = 300;
const receivedAt = Date.UTC(2026, 6, 27, 9, 12, 3);
const origin: Origin = { transport: 'tcp', address: '192.0.2.10', port: 40_000 };

const users = ['alice', 'bob', 'carol', 'dora', 'erin'];
const user = (n: number) => users[n % users.length] ?? '';
const ip = (n: number) => `192.0.2.${n % 256}`;

/** Values differ from line to line, so that nothing is found by identity. */
const WORKLOADS: Readonly<Record<string, (n: number) => string>> = {
  'RFC 5424 and CEF, 14 keys': (n) =>
    `<134>1 2026-07-27T09:12:0${n % 10}.123Z pam0${n % 5}.example.com vault ${1000 + n} CEF - CEF:0|Example|Vault|8.1|${n % 300}|Password viewed|5|rt=${receivedAt + n} src=${ip(n)} spt=${20_000 + n} dst=198.51.100.${n % 256} dpt=22 suser=${user(n)}${n % 97} duser=root act=View outcome=success proto=TCP app=ssh cs1Label=Session ID cs1=s-${n} msg=${user(n)} viewed the password of root`,
  'sshd, accepted': (n) =>
    `<86>Jul 27 09:12:03 web0${n % 5} sshd[${1000 + n}]: Accepted publickey for ${user(n)} from ${ip(n)} port ${20_000 + n} ssh2: ED25519 SHA256:3f1Yw0Tn5q8H0Jr4fD1cA2bB3cC4dD5e${n}`,
  'sshd, failed': (n) =>
    `<86>Jul 27 09:12:03 web0${n % 5} sshd[${1000 + n}]: Failed password for invalid user ${user(n)}${n} from ${ip(n)} port ${20_000 + n} ssh2`,
  'sshd, no form fits': (n) => `<86>Jul 27 09:12:03 web01 sshd[${1000 + n}]: User child is on pid ${n}`,
  sudo: (n) =>
    `<86>Jul 27 09:12:03 web01 sudo[${n}]: ${user(n)} : TTY=pts/${n % 9} ; PWD=/home/${user(n)} ; USER=root ; COMMAND=/usr/bin/systemctl restart unit${n}`,
  'auditd, SYSCALL': (n) =>
    `type=SYSCALL msg=audit(1785143523.${100 + (n % 900)}:${n}): arch=c000003e syscall=59 success=yes exit=0 a0=55d1 a1=55d2 a2=55d3 a3=8 items=2 ppid=4200 pid=${n} auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="insmod" exe="/usr/bin/kmod" key="modules"`,
  'plain syslog': (n) => `<13>Jul 27 09:12:03 app0${n % 5} worker[${n}]: job ${n} of ${user(n)} took ${n % 977} ms`,
};

const normalize = createNormalizer({ integrations: MAPPINGS });

let kept = 0;

/** Microseconds of processor time an event; the median of all runs. */
function measure(work: (record: RawRecord) => void, records: readonly RawRecord[]): number {
  const results: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const end = performance.now() + RUN_MS;
    const start = process.threadCpuUsage();
    let events = 0;
    while (performance.now() < end) {
      for (const record of records) work(record);
      events += records.length;
    }
    const { user: own, system } = process.threadCpuUsage(start);
    results.push((own + system) / events);
  }
  return results.sort((a, b) => a - b)[RUNS >> 1] ?? Number.NaN;
}

console.log(`${'events'.padEnd(28)}${'decode'.padStart(9)}${'normalize'.padStart(11)}${'both'.padStart(9)}  µs an event`);
for (const [name, line] of Object.entries(WORKLOADS)) {
  const records = Array.from(
    { length: LINES },
    (_, n): RawRecord => ({ seq: n + 1, receivedAt, source: 'syslog', origin, bytes: Buffer.from(line(n)) }),
  );
  const decoding = measure((record) => {
    kept += decode(record).text.length;
  }, records);
  const both = measure((record) => {
    kept += normalize(record, decode(record)).timestamp % 2;
  }, records);
  console.log(
    `${name.padEnd(28)}${decoding.toFixed(2).padStart(9)}${(both - decoding).toFixed(2).padStart(11)}${both.toFixed(2).padStart(9)}`,
  );
}
if (kept < 0) console.log(kept);
