/**
 * Loaded with `node --import` before the hub: gives its decoder two faults that no decoder should have. A message with `poison-throw` makes
 * it throw; one with `poison-exit` ends its thread, as running out of memory would. Earshot's own events, which tell of searches for these
 * words, are spared.
 */
import { registerHooks } from 'node:module';

const FAULTY = `
export function decode(record, options) {
  if (record.origin.transport === 'internal') return soundDecode(record, options);
  if (record.bytes.includes('poison-throw')) throw new Error('poisoned');
  if (record.bytes.includes('poison-exit')) process.exit(7);
  return soundDecode(record, options);
}
`;

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (!url.endsWith('/src/decode/decode.ts')) return loaded;
    const source = `${loaded.source}`;
    const poisoned = source.replace('export function decode(', 'function soundDecode(');
    if (poisoned === source) throw new Error('the decoder is no longer where the poison is put');
    return { ...loaded, source: `${poisoned}${FAULTY}` };
  },
});
