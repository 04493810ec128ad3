const LF = 0x0a;
const CR = 0x0d;

export interface ByteLine {
  /** Without its end (LF or CR LF). */
  readonly bytes: Buffer;
  /** It was longer than the bound: the beginning of it. */
  readonly truncated: boolean;
}

/** Lines as bytes, so that what is no UTF-8 stays what it is, empty ones too. Holds no more than `maxBytes` of a line, however long it is. */
export async function* byteLines(input: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<ByteLine> {
  for await (const lines of lineBatches(input, maxBytes)) yield* lines;
}

/** As {@link byteLines}, those that end in one piece of the input together: waiting for each alone costs more than reading it. */
export async function* lineBatches(input: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<readonly ByteLine[]> {
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    // Two more, for a CR LF that does not count.
    const room = maxBytes + 2 - Math.min(length, maxBytes + 2);
    if (room > 0 && part.length > 0) parts.push(part.subarray(0, room));
    length += part.length;
  };
  const take = (): ByteLine => {
    const [only] = parts;
    const line = parts.length === 1 && only ? only : Buffer.concat(parts);
    const size = length > 0 && length === line.length && line[length - 1] === CR ? length - 1 : length;
    parts = [];
    length = 0;
    return { bytes: line.subarray(0, Math.min(size, maxBytes)), truncated: size > maxBytes };
  };
  for await (const chunk of input) {
    const lines: ByteLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      add(chunk.subarray(from, end));
      lines.push(take());
      from = end + 1;
    }
    add(chunk.subarray(from));
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [take()];
}
