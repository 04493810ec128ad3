// How many messages a second the framers cut on one core. Run: node bench/framing.bench.ts
import { nothingFramed } from '../src/sources/framed.ts';
import { type RelpFrame, RelpFrames } from '../src/sources/syslog/relp-frames.ts';
import { TcpFrames } from '../src/sources/syslog/tcp-frames.ts';

const MESSAGES = 200_000;
const MESSAGE_BYTES = 315;
const CHUNK_BYTES = 64 * 1024;
const RUNS = 7;
const MAX_BYTES = 256 * 1024;

const message = `<134>1 2026-11-20T10:00:00.000Z pam01.example.com pam - - - ${'x'.repeat(MESSAGE_BYTES)}`.slice(0, MESSAGE_BYTES);

/** Chunks as a socket gives them: 64 KiB each, whatever is in them. */
function chunksOf(frame: (i: number) => string): Buffer[] {
  const stream = Buffer.from(Array.from({ length: MESSAGES }, (_, i) => frame(i)).join(''));
  return Array.from({ length: Math.ceil(stream.length / CHUNK_BYTES) }, (_, i) =>
    Buffer.from(stream.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)),
  );
}

const tcp = (chunks: readonly Buffer[]) => {
  const frames = new TcpFrames(MAX_BYTES);
  let count = 0;
  for (const chunk of chunks) {
    const framed = nothingFramed();
    frames.push(chunk, framed);
    count += framed.messages.length;
  }
  return count;
};

const relp = (chunks: readonly Buffer[]) => {
  const parser = new RelpFrames(MAX_BYTES);
  let count = 0;
  for (const chunk of chunks) {
    const frames: RelpFrame[] = [];
    parser.push(chunk, frames);
    count += frames.length;
  }
  return count;
};

const cases: [string, Buffer[], (chunks: readonly Buffer[]) => number][] = [
  ['lines (LF)', chunksOf(() => `${message}\n`), tcp],
  ['lines (CRLF)', chunksOf(() => `${message}\r\n`), tcp],
  ['octet counting', chunksOf(() => `${MESSAGE_BYTES} ${message}`), tcp],
  ['RELP', chunksOf((i) => `${i + 1} syslog ${MESSAGE_BYTES} ${message}\n`), relp],
];

for (const [name, chunks, run] of cases) {
  const seconds = Array.from({ length: RUNS + 2 }, () => {
    const start = performance.now();
    if (run(chunks) !== MESSAGES) throw new Error(`${name}: messages are missing`);
    return (performance.now() - start) / 1000;
  }).slice(2);
  const median = seconds.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
  console.log(
    `${name.padEnd(16)} ${Math.round(MESSAGES / median)
      .toLocaleString('en')
      .padStart(12)} messages/s`,
  );
}
