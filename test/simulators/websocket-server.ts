import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The server's end of a WebSocket (RFC 6455), as far as a simulator needs it: texts, pings and closing. */
export interface ServerSocket {
  send(text: string): void;
  ping(): void;
  /** Ends it in order; `1000` and the like. */
  close(code: number): void;
  /** Ends it as a network does that fails. */
  destroy(): void;
}

export interface SocketListener {
  onText(text: string): void;
  onClose(): void;
}

/** Section 1.3 of the RFC. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [TEXT, CLOSE, PING] = [0x1, 0x8, 0x9];

/** Answers an `upgrade`, and speaks from then on. Messages in several frames are not understood: no client of ours sends them. */
export function acceptWebSocket(request: IncomingMessage, stream: Duplex, listener: SocketListener): ServerSocket {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
  stream.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  const write = (opcode: number, payload: Buffer) =>
    void (stream.writable && stream.write(Buffer.concat([headOf(opcode, payload), payload])));
  const close = (code: number) => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    write(CLOSE, payload);
    stream.end();
  };
  let kept: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]);
    for (let frame = readClientFrame(kept); frame !== undefined; frame = readClientFrame(kept)) {
      kept = kept.subarray(frame.length);
      if (frame.opcode === TEXT) listener.onText(frame.payload.toString('utf8'));
      if (frame.opcode === CLOSE) close(1_000);
    }
  });
  stream.on('error', () => stream.destroy());
  stream.once('close', () => listener.onClose());
  return {
    send: (text) => write(TEXT, Buffer.from(text)),
    ping: () => write(PING, Buffer.from('ping')),
    close,
    destroy: () => stream.destroy(),
  };
}

/** Servers do not mask. */
function headOf(opcode: number, { length }: Buffer): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  const long = length > 0xffff;
  const head = Buffer.alloc(long ? 10 : 4);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(long ? 127 : 126, 1);
  if (long) head.writeBigUInt64BE(BigInt(length), 2);
  else head.writeUInt16BE(length, 2);
  return head;
}

/** The first frame, once it is there whole; clients mask. */
function readClientFrame(bytes: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly length: number } | undefined {
  const [first, second] = [bytes[0], bytes[1]];
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const at = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < at + 4) return undefined;
  const size = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const length = at + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, length)).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return { opcode: first & 0x0f, payload: Buffer.from(payload), length };
}
