import { addressBits } from '../../src/enrich/networks.ts';

/** A small file in MaxMind's DB format 2.0, for tests: networks by their first address and prefix (of 128 bits), each with a map. */
export function mmdb(
  networks: readonly { readonly address: string; readonly bits: number; readonly data: Record<string, unknown> }[],
): Buffer {
  const nodes: [Slot, Slot][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  let dataBytes = 0;
  for (const { address, bits, data: value } of networks) {
    const path = pathOf(address).slice(0, address.includes(':') ? bits : 96 + bits);
    let node = 0;
    for (const [i, digit] of [...path].entries()) {
      const pair = nodes[node] ?? [undefined, undefined];
      const side = digit === '0' ? 0 : 1;
      if (i === path.length - 1) pair[side] = { data: dataBytes };
      else {
        const next = pair[side];
        if (typeof next === 'number') node = next;
        else {
          nodes.push([undefined, undefined]);
          pair[side] = nodes.length - 1;
          node = nodes.length - 1;
        }
      }
    }
    const encoded = encode(value);
    data.push(encoded);
    dataBytes += encoded.length;
  }
  const tree = Buffer.alloc(nodes.length * 8);
  nodes.forEach((pair, i) => {
    pair.forEach((slot, side) => {
      const record = slot === undefined ? nodes.length : typeof slot === 'number' ? slot : nodes.length + 16 + slot.data;
      tree.writeUInt32BE(record, i * 8 + side * 4);
    });
  });
  const metadata = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_780_000_000,
    database_type: 'Made-Up',
    description: { en: 'for tests' },
    ip_version: 6,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 32,
  };
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), encode(metadata)]);
}

type Slot = undefined | number | { readonly data: number };

/** The tree holds IPv4 under ::/96. */
function pathOf(address: string): string {
  const bits = addressBits(address) ?? '';
  return address.includes(':') ? bits : '0'.repeat(96) + bits.slice(96);
}

function encode(value: unknown): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(2, bytes.length), bytes]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const entries = Object.entries(value as Record<string, unknown>);
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, each]) => [encode(key), encode(each)])]);
}

/** Type and size: types above 7 take a second byte, and sizes above 28 another. Sizes up to 284. */
function control(type: number, size: number): Buffer {
  const [first, more] = size < 29 ? [size, []] : [29, [size - 29]];
  return Buffer.from(type <= 7 ? [(type << 5) | first, ...more] : [first, type - 7, ...more]);
}
