import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readRules } from '../../src/detect/sigma/load.ts';
import { SCHEMA_CASES } from '../support/schema-cases.ts';

const SIGMA = new URL('../../../shared/corpora/sigma/', import.meta.url).pathname;
const SPEC = join(SIGMA, 'spec');
const DOCS = new URL('../../docs/detection.md', import.meta.url);
const there = existsSync(SPEC);
if (!there) console.warn(`skipped: the schemas of the specification are not at ${SPEC}`);

const SCHEMAS = { detection: 'detection-rule', correlation: 'correlation-rules', filter: 'filters' } as const;

/** Whether the specification's schema for what the document is takes it. */
function schemaTakes(text: string): boolean {
  const document: unknown = parse(text);
  if (typeof document !== 'object' || document === null) return false;
  const kind = 'correlation' in document ? 'correlation' : 'filter' in document ? 'filter' : 'detection';
  const schema: unknown = JSON.parse(readFileSync(join(SPEC, `sigma-${SCHEMAS[kind]}-schema.json`), 'utf8'));
  // Without formats, which the specification leaves to the reader: `id` is a UUID by its own pattern in ours.
  const ajv = new Ajv2020({ strict: false, formats: { uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, date: true } });
  return ajv.validate(schema as object, document);
}

/** Whether we take it, or would if what it refers to were there. */
const weTake = (text: string): boolean =>
  readRules('a.yml', text).rejected.every(({ reason }) => /^the rule `[^`]+` is not there/.test(reason));

function documents(): readonly (readonly [string, string])[] {
  const files = readdirSync(SIGMA, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /\.ya?ml$/.test(entry.name),
  );
  return files.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const parts = readFileSync(path, 'utf8').split(/^(?:---.*|# -+ next example -+.*)$/m);
    return parts.filter((part) => parse(part) !== null).map((part, i) => [`${path.slice(SIGMA.length)} ${i + 1}`, part] as const);
  });
}

describe.skipIf(!there)('the schemas of the specification', () => {
  it('take of its own documents and of the public rules what we take', () => {
    const all = documents();
    expect(all.length).toBeGreaterThan(640);
    expect(all.filter(([, text]) => schemaTakes(text) !== weTake(text)).map(([name]) => name)).toEqual([]);
  }, 120_000);

  it.each(SCHEMA_CASES)('$what', ({ text, schema, ours }) => {
    expect({ schema: schemaTakes(text), ours: weTake(text) }).toEqual({ schema, ours });
  });

  it('differ where the documentation says so', () => {
    const word = (taken: boolean) => (taken ? 'taken' : 'rejected');
    const rows = SCHEMA_CASES.filter(({ schema, ours }) => schema !== ours).map(
      ({ what, schema, ours, why }) => `| ${what} | ${word(schema)} | ${word(ours)} | ${why} |`,
    );
    const table = ['| document | schema | Earshot | why |', '|---|---|---|---|', ...rows].join('\n');
    expect(readFileSync(DOCS, 'utf8')).toContain(table);
  });
});
