/** The encodings that a value can take on before Base64. `utf16` begins with a byte order mark (FF FE, as the specification shows). */
export type Utf16 = 'utf16le' | 'utf16be' | 'utf16';

export function utf16Bytes(text: string, form: Utf16): Buffer {
  const little = Buffer.from(text, 'utf16le');
  if (form === 'utf16le') return little;
  if (form === 'utf16be') return Buffer.from(little).swap16();
  return Buffer.concat([Buffer.from([0xff, 0xfe]), little]);
}

const START = [0, 2, 3] as const;
const END = [0, -3, -2] as const;

/**
 * The three forms that bytes take on in the Base64 of a longer text, by where they begin (mod 3), without the characters that
 * also depend on the neighbors. One of them is in the Base64 of whatever contains the bytes.
 */
export function base64Offsets(bytes: Buffer): string[] {
  return [0, 1, 2].map((i) => {
    const encoded = Buffer.concat([Buffer.alloc(i, ' '), bytes]).toString('base64');
    const end = END[(bytes.length + i) % 3] ?? 0;
    return encoded.slice(START[i], end === 0 ? undefined : end);
  });
}
