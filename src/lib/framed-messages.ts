/** Several messages in one buffer: each a length (u32, big-endian) and its bytes. */
export function joinMessages(messages: readonly Uint8Array[]): Buffer {
  const out = Buffer.allocUnsafe(messages.reduce((sum, message) => sum + 4 + message.length, 0));
  let at = 0;
  for (const message of messages) {
    at = out.writeUInt32BE(message.length, at);
    out.set(message, at);
    at += message.length;
  }
  return out;
}

/** Takes {@link joinMessages} apart; the messages share the buffer's memory. Throws a RangeError when it was cut. */
export function splitMessages(joined: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < joined.length; ) {
    const end = at + 4 + joined.readUInt32BE(at);
    if (end > joined.length) throw new RangeError('the last message was cut');
    messages.push(joined.subarray(at + 4, end));
    at = end;
  }
  return messages;
}
