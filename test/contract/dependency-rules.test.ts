import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The rules of dependency live in biome.json. This proves that they look: each planted violation must be found. */
const PLANTED: readonly [why: string, file: string, source: string][] = [
  ['model depends on nobody', 'src/model/planted.ts', '../store/store.ts'],
  ['lib holds no domain word', 'src/lib/planted.ts', '../model/event.ts'],
  ['a format knows lib alone', 'src/formats/planted.ts', '../decode/decode.ts'],
  ['a stage never imports another stage', 'src/decode/planted.ts', '../normalize/normalize.ts'],
  ['nor its deeper folders', 'src/sources/syslog/planted.ts', '../../alert/alerting.ts'],
  ['a stage names no product', 'src/normalize/planted.ts', '../integrations/linux/mapping.ts'],
  ['detect sees only the contract of the store', 'src/detect/planted.ts', '../store/engine/engine.ts'],
  ['an integration never knows the store', 'src/integrations/linux/planted.ts', '../../store/store.ts'],
  ['the pipeline names no product', 'src/pipeline/planted.ts', '../integrations/linux/mapping.ts'],
  ['the API is given what it serves', 'src/api/routes/planted.ts', '../../pipeline/pump.ts'],
  ['a stage does not know who joins it', 'src/notify/planted.ts', '../hub/clicks/clicks.ts'],
  ['nor does the API', 'src/api/planted.ts', '../hub/acts/acting.ts'],
  ['the page knows the contract alone', 'web/pages/planted.ts', '../../src/api/routes/alerts.ts'],
  ['the page draws its own charts', 'web/pages/planted.ts', 'recharts'],
];

const ALLOWED: readonly [why: string, file: string, source: string][] = [
  ['decoding uses formats', 'src/decode/planted.ts', '../formats/cef.ts'],
  ['normalizing reads the decoded contract', 'src/normalize/planted.ts', '../decode/decoded.ts'],
  ['the page reads the contract', 'web/pages/planted.ts', '../../src/api/contract/alerts.ts'],
  ['the pipeline joins stages', 'src/pipeline/planted.ts', '../decode/decode.ts'],
];

/** Biome's findings of one kind, as `file`s, over a tree of planted files under the repository's own biome.json. */
function findings(files: Readonly<Record<string, string>>, rule: string): Set<string> {
  const root = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
  const config = JSON.parse(readFileSync('biome.json', 'utf8')) as Record<string, unknown>;
  writeFileSync(join(root, 'biome.json'), JSON.stringify({ ...config, $schema: undefined, vcs: { enabled: false } }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  const { stdout } = spawnSync('biome', ['lint', '--reporter=github', '--max-diagnostics=none'], { cwd: root, encoding: 'utf8' });
  rmSync(root, { recursive: true });
  return new Set(
    stdout
      .split('\n')
      .filter((line) => line.includes(rule))
      .map((line) => relative(root, /file=([^,]+)/.exec(line)?.[1] ?? root)),
  );
}

const planted = (cases: typeof PLANTED) =>
  Object.fromEntries(
    cases.map(([, file, imported], i) => [file.replace('planted', `planted-${i}`), `export { planted } from '${imported}';\n`]),
  );

describe('dependency rules', () => {
  it('find every planted violation', () => {
    const files = planted(PLANTED);
    expect([...findings(files, 'noRestrictedImports')].sort()).toEqual(Object.keys(files).sort());
  });

  it('find nothing where the direction is right', () => {
    expect([...findings(planted(ALLOWED), 'noRestrictedImports')]).toEqual([]);
  });

  it('find a cycle', () => {
    const cycle = {
      'src/lib/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
      'src/lib/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
    };
    expect(findings(cycle, 'noImportCycles').size).toBeGreaterThan(0);
  });
});
