import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeLines } from './lines.ts';

/**
 * Sends numbered lines over one TCP connection, as fast as they are taken or at a rate, and prints how many it sent.
 * A process of its own, because senders are: its share of the machine belongs to the measurement.
 */
const { values } = parseArgs({
  options: { port: { type: 'string' }, seconds: { type: 'string' }, rate: { type: 'string' }, count: { type: 'string' } },
});
const POOL = 100_000;
const CHUNK = 200;
const seconds = Number(values.seconds ?? 60);
const rate = Number(values.rate ?? 0);
const most = Number(values.count ?? Number.POSITIVE_INFINITY);

const { bytes, numbers, starts } = makeLines(POOL);
process.stdout.write('made\n');
await once(process.stdin, 'data');

const socket = connect(Number(values.port), '127.0.0.1');
await once(socket, 'connect');
const cpuBefore = process.cpuUsage();
const begin = performance.now();
let sent = 0;
while (performance.now() - begin < seconds * 1000 && sent < most) {
  const first = sent % POOL;
  const chunk = Buffer.from(bytes.subarray(starts[first], starts[first + CHUNK]));
  for (let i = 0; i < CHUNK; i++) writeNumber(chunk, (numbers[first + i] ?? 0) - (starts[first] ?? 0), sent + i);
  sent += CHUNK;
  if (!socket.write(chunk)) await once(socket, 'drain');
  if (rate > 0) {
    const ahead = (sent / rate) * 1000 - (performance.now() - begin);
    if (ahead > 4) await sleep(ahead);
  }
}
socket.end();
await once(socket, 'close');
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(`${JSON.stringify({ sent, seconds: (performance.now() - begin) / 1000, cpuSeconds: (user + system) / 1e6 })}\n`);
process.exit(0);

function writeNumber(chunk: Buffer, at: number, number: number): void {
  for (let digit = 8, rest = number; digit >= 0; digit--, rest = Math.floor(rest / 10)) chunk[at + digit] = 48 + (rest % 10);
}
