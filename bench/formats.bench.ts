/** Measures the readers on one core, in processor time: `node bench/formats.bench.ts`. */
import { decode } from '../src/decode/decode.ts';
import { parseCef } from '../src/formats/cef.ts';
import { parseJsonObject } from '../src/formats/json-object.ts';
import { parseKeyValue } from '../src/formats/key-value.ts';
import { parseLeef } from '../src/formats/leef.ts';
import { parseSyslog } from '../src/formats/syslog.ts';
import type { Origin } from '../src/model/record.ts';

const LINES = 4_096;
const RUNS = 9;
const RUN_MS = 300;
const receivedAt = Date.UTC(2026, 6, 27, 9, 12, 3);
const origin: Origin = { transport: 'tcp', address: '192.0.2.10' };

const users = ['alice', 'bob', 'carol', 'dora', 'erin'];
const of = (n: number) => users[n % users.length] ?? '';
const host = (n: number) => `pam${n % 40}.example.com`;
const address = (n: number) => `192.0.2.${n % 250}`;

const cefLine = (n: number) =>
  `CEF:0|Example|Vault|3.27.0|${300 + (n % 60)}|Password viewed|${n % 10}|rt=${receivedAt - n} suser=${of(n)} src=${address(n)} spt=${1024 + n} ` +
  `dhost=db${n % 90}.example.com dst=198.51.100.${n % 250} duser=root act=view outcome=success cs1Label=Reason cs1=Change ${1000 + n} approved ` +
  `externalId=${n} msg=The password of root was shown to ${of(n)}`;
const kvLine = (n: number) =>
  `date=2026-07-27 time=09:12:03 devname="fw${n % 9}" logid="0100032001" type="event" level="information" user="${of(n)}" ui="https(${address(n)})" ` +
  `action="login" status="success" reason="none" msg="Administrator ${of(n)} logged in successfully"`;
const leefLine = (n: number) =>
  `LEEF:2.0|Example|Vault|3.27.0|${n % 60}|^|devTime=${receivedAt - n}^usrName=${of(n)}^src=${address(n)}^srcPort=${1024 + n}^dst=198.51.100.7^cat=auth^sev=5`;
const jsonLine = (n: number) =>
  `{"id":"${n}","actor":{"type":"user","user":{"id":"U${n}","name":"${of(n)}"}},"action":"user_login","context":{"ip_address":"${address(n)}"},"n":${n}}`;
const sshdLine = (n: number) =>
  `<38>Jul 27 09:12:03 ${host(n)} sshd[${n}]: Accepted publickey for ${of(n)} from ${address(n)} port ${1024 + n} ssh2`;
const syslogCef = (n: number) => `<134>1 2026-07-27T09:12:03.${100 + (n % 900)}Z ${host(n)} vault ${n} - - ${cefLine(n)}`.slice(0, 315);

const made = (line: (n: number) => string): string[] => Array.from({ length: LINES }, (_, n) => line(n));
const fresh = (lines: readonly string[]) => lines.map((line) => Buffer.from(line).toString('latin1'));

let sink = 0;

interface Bench {
  readonly name: string;
  readonly bytes: number;
  readonly pass: () => void;
}

function overTexts(name: string, line: (n: number) => string, read: (text: string) => unknown): Bench {
  const texts = fresh(made(line));
  const pass = () => {
    for (const text of texts) if (read(text) !== undefined) sink += 1;
  };
  return { name, bytes: mean(texts.map((text) => text.length)), pass };
}

function overBytes(name: string, line: (n: number) => string): Bench {
  const records = made(line).map((text, n) => ({ seq: n + 1, receivedAt, source: 'bench', origin, bytes: Buffer.from(text) }));
  const pass = () => {
    for (const record of records) sink += decode(record, { timeZone: 'Europe/Berlin' }).notes.length;
  };
  return { name, bytes: mean(records.map(({ bytes }) => bytes.length)), pass };
}

const mean = (values: readonly number[]): number => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Microseconds of this thread's processor time a line (so that a busy machine does not count): the median of the runs, each at least `RUN_MS` long, after one run to warm up. */
function measure(bench: Bench): number {
  const run = () => {
    let passes = 0;
    const start = process.threadCpuUsage();
    let micros = 0;
    do {
      bench.pass();
      passes += 1;
      const { user, system } = process.threadCpuUsage(start);
      micros = user + system;
    } while (micros < RUN_MS * 1000);
    return micros / (passes * LINES);
  };
  run();
  return median(Array.from({ length: RUNS }, run));
}

const benches: readonly Bench[] = [
  overTexts('parseCef', cefLine, parseCef),
  overTexts('parseLeef', leefLine, parseLeef),
  overTexts('parseKeyValue', kvLine, parseKeyValue),
  overTexts('parseJsonObject', jsonLine, parseJsonObject),
  overTexts('parseSyslog, RFC 3164', sshdLine, (text) => parseSyslog(text, { receivedAt, timeZone: 'Europe/Berlin' })),
  overTexts('parseSyslog, RFC 5424', syslogCef, (text) => parseSyslog(text, { receivedAt })),
  overBytes('decode, RFC 5424 + CEF', syslogCef),
  overBytes('decode, RFC 3164 sshd', sshdLine),
  overBytes('decode, key=value', (n) => `<189>${kvLine(n)}`),
  overBytes('decode, JSON', jsonLine),
];

const row = (name: string, ...cells: string[]) => `${name.padEnd(26)}${cells.map((cell) => cell.padStart(14)).join('')}`;
console.log(row('', 'bytes/line', 'µs/line', 'lines/s'));
for (const bench of benches) {
  const micros = measure(bench);
  console.log(row(bench.name, String(bench.bytes), micros.toFixed(2), Math.round(1e6 / micros).toLocaleString('en-US')));
}
if (sink < 0) console.log(sink);
