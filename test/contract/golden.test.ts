import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/decode/decode.ts';
import { MAPPINGS } from '../../src/integrations/index.ts';
import { toDocument } from '../../src/model/document.ts';
import type { RawRecord } from '../../src/model/record.ts';
import { checkFields } from '../../src/normalize/check-mappings.ts';
import { createNormalizer } from '../../src/normalize/normalize.ts';

const RECEIVED_AT = Date.UTC(2026, 0, 2, 3, 4, 6);
const ORIGIN = { transport: 'tcp', address: '192.0.2.99', port: 40_000 } as const;

/** Fields beside ECS: each format's own, each product's own, Earshot's. */
const FREE = [
  'cef.',
  'leef.',
  'json.',
  'key_value.',
  'vendor.',
  'earshot.',
  ...new Set(MAPPINGS.map(({ product, prefix = product }) => `${prefix}.`)),
];

const root = fileURLToPath(new URL('../../src/', import.meta.url));
const fixtures = globSync('{normalize,integrations/*}/fixtures/*.log', { cwd: root }).sort();
const normalize = createNormalizer({ integrations: MAPPINGS });

/** `x.log`, one message a line, becomes `x.ecs.json`. A new product needs no test of its own; `npx vitest run -u` writes what you then read. */
describe('golden documents', () => {
  it.each(fixtures)('%s', async (name) => {
    const messages = readFileSync(`${root}${name}`, 'latin1')
      .split('\n')
      .filter((line) => line !== '');
    const documents = messages.map((message, i) => {
      const record: RawRecord = {
        seq: i + 1,
        receivedAt: RECEIVED_AT,
        source: 'syslog',
        origin: ORIGIN,
        bytes: Buffer.from(message, 'latin1'),
      };
      const { timestamp, fields: found } = normalize(record, decode(record));
      const fields = found.toFields();
      expect(checkFields(fields, FREE), message).toEqual([]);
      return toDocument({
        node: 1,
        seq: record.seq,
        receivedAt: RECEIVED_AT,
        timestamp,
        source: record.source,
        fields,
        raw: record.bytes,
        hits: [],
      });
    });
    await expect(`${JSON.stringify(documents, null, 2)}\n`).toMatchFileSnapshot(`${root}${name.replace(/\.log$/, '.ecs.json')}`);
  });
});
