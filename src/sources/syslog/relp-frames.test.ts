import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RelpFrame, RelpFrames } from './relp-frames.ts';

function read(chunks: readonly Buffer[], max = 100): { frames: string[]; fault?: string } {
  const parser = new RelpFrames(max);
  const frames: RelpFrame[] = [];
  let fault: string | undefined;
  for (const chunk of chunks) {
    const pushed = parser.push(chunk, frames);
    if (!pushed.ok) fault = pushed.error;
    if (!pushed.ok) break;
  }
  const shown = frames.map((f) => `${f.txnr} ${f.command} ${f.data.toString('latin1')}${f.cut ? ' CUT' : ''}`);
  return fault === undefined ? { frames: shown } : { frames: shown, fault };
}

const splits = (stream: string): Buffer[][] => {
  const bytes = Buffer.from(stream, 'latin1');
  const ways = [[bytes], [...bytes].map((b) => Buffer.from([b]))];
  for (let at = 1; at < bytes.length; at++) ways.push([bytes.subarray(0, at), bytes.subarray(at)]);
  return ways;
};

describe('RelpFrames', () => {
  it.each<[string, string, string[]]>([
    ['a frame', '2 syslog 5 hello\n', ['2 syslog hello']],
    ['a frame without data', '3 close 0\n', ['3 close ']],
    ['a frame without data, with the blank', '3 close 0 \n', ['3 close ']],
    ['two frames', '2 syslog 1 a\n3 syslog 1 b\n', ['2 syslog a', '3 syslog b']],
    ['line ends in the data', '2 syslog 4 a\n\nb\n3 close 0\n', ['2 syslog a\n\nb', '3 close ']],
    ['the greatest number of librelp', '1000000000 syslog 1 a\n', ['1000000000 syslog a']],
    [
      'an open',
      '1 open 46 relp_version=0\nrelp_software=x\ncommands=syslog\n',
      ['1 open relp_version=0\nrelp_software=x\ncommands=syslog'],
    ],
    ['data that is too long', `2 syslog 150 ${'x'.repeat(150)}\n3 close 0\n`, [`2 syslog ${'x'.repeat(100)} CUT`, '3 close ']],
    ['data of exactly the bound', `2 syslog 100 ${'x'.repeat(100)}\n`, [`2 syslog ${'x'.repeat(100)}`]],
  ])('reads %s, whole and split at any byte', (_, stream, frames) => {
    for (const chunks of splits(stream)) expect(read(chunks)).toEqual({ frames });
  });

  it.each([
    ['no number', 'syslog 1 a\n', /not a RELP frame/],
    ['a number too long', '12345678901 syslog 1 a\n', /not a RELP frame/],
    ['a command with digits', '1 sys1og 1 a\n', /not a RELP frame/],
    ['a command too long', `1 ${'x'.repeat(33)} 1 a\n`, /not a RELP frame/],
    ['a length that is no number', '1 syslog x a\n', /not a RELP frame/],
    ['a length of more than the world', '1 syslog 999999999 a\n', /above/],
    ['a length that is too short', '1 syslog 1 ab\n', /does not end with LF/],
    ['an announced body that is missing', '1 syslog 5\n', /has none/],
    ['plain syslog', '<13>hello\n', /not a RELP frame/],
  ])('refuses %s, wherever it is split, and keeps what came before', (_, bad, message) => {
    for (const chunks of splits(`9 syslog 2 ok\n${bad}`)) {
      const { frames, fault } = read(chunks);
      expect(frames).toEqual(['9 syslog ok']);
      expect(fault).toMatch(message);
    }
  });

  it('gives back what was framed, however it is split', () => {
    const frame = fc.tuple(
      fc.integer({ min: 0, max: 1_000_000_000 }),
      fc.stringMatching(/^[a-z]{1,32}$/),
      fc.uint8Array({ maxLength: 120 }),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 10 }), fc.integer({ min: 1, max: 64 }), (wanted, size) => {
        const stream = Buffer.concat(
          wanted.map(([txnr, command, data]) =>
            Buffer.concat([Buffer.from(`${txnr} ${command} ${data.length} `), data, Buffer.from('\n')]),
          ),
        );
        const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) => stream.subarray(i * size, (i + 1) * size));
        expect(read(chunks, 1000).frames).toEqual(wanted.map(([t, c, d]) => `${t} ${c} ${Buffer.from(d).toString('latin1')}`));
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array()), (chunks) => void read(chunks.map((c) => Buffer.from(c)))));
  });
});
