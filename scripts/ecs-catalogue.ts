/**
 * Writes `src/model/ecs-catalogue.gen.ts` from ECS's own `generated/csv/fields.csv`:
 *
 *     node scripts/ecs-catalogue.ts path/to/fields.csv
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { TYPE_LETTERS } from '../src/model/ecs-types.ts';

const OUTPUT = new URL('../src/model/ecs-catalogue.gen.ts', import.meta.url);

interface Row {
  readonly version: string;
  readonly name: string;
  readonly type: string;
  readonly array: boolean;
}

/** Only the first seven columns are read, and ECS quotes none of them. Its long descriptions run over several lines: those are no rows. */
function readRows(csv: string): Row[] {
  const [header = '', ...lines] = csv.split('\n');
  if (!header.startsWith('ECS_Version,Indexed,Field_Set,Field,Type,Level,Normalization,')) {
    throw new Error('The first line is not that of fields.csv: ECS_Version,Indexed,Field_Set,Field,Type,Level,Normalization,…');
  }
  return lines
    .filter((line) => /^\d+\.\d+\.\d+[^,]*,(true|false),/.test(line))
    .map((line) => {
      const [version = '', , , name = '', type = '', , normalization = ''] = line.split(',');
      return { version, name, type, array: normalization === 'array' };
    });
}

/** Front coding: how many leading segments are those of the line before, the type's letter, `*` for an array, the other segments. */
function encode(rows: readonly Row[]): string[] {
  let before: string[] = [];
  return rows.map(({ name, type, array }) => {
    const letter = Object.entries(TYPE_LETTERS).find(([, word]) => word === type)?.[0];
    if (letter === undefined) throw new Error(`${name}: the type ${type} has no letter in src/model/ecs-types.ts`);
    const segments = name.split('.');
    let shared = 0;
    while (shared < segments.length - 1 && segments[shared] === before[shared]) shared++;
    before = segments;
    return `${shared}${letter}${array ? '*' : ''} ${segments.slice(shared).join('.')}`;
  });
}

const path = argv[2];
if (path === undefined) {
  console.error('Use: node scripts/ecs-catalogue.ts path/to/fields.csv');
  exit(2);
}
const rows = readRows(readFileSync(path, 'utf8')).sort((a, b) => (a.name < b.name ? -1 : 1));
const lines = encode(rows);
writeFileSync(
  OUTPUT,
  `// Written by scripts/ecs-catalogue.ts: do not edit.
// From the Elastic Common Schema (https://github.com/elastic/ecs), Copyright Elasticsearch B.V., Apache License 2.0.

export const ECS_VERSION = '${rows[0]?.version ?? ''}';

/** One line a field; \`ecs.ts\` tells how to read it. */
export const ECS_CATALOGUE = \`
${lines.join('\n')}
\`;
`,
);
console.error(`${rows.length} fields`);
