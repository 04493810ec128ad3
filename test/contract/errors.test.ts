import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/lib/errors.ts';
import { METRICS } from '../../src/telemetry/metrics.ts';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name: join('src', name), text: readFileSync(join('src', name), 'utf8') }));

/** Everything that any source but its own list names with this pattern. */
function named(pattern: RegExp, list: string): Set<string> {
  return new Set(
    sources.filter(({ name }) => name !== list).flatMap(({ text }) => [...text.matchAll(pattern)].map(([, word = '']) => word)),
  );
}

describe('error codes', () => {
  const used = named(/'(EAR_[A-Z_]+)'/g, 'src/lib/errors.ts');

  it.each(Object.entries(ERRORS))('%s is used, documented, and says what to do', (code, hint) => {
    expect(used).toContain(code);
    expect(readFileSync('docs/reference/errors.md', 'utf8')).toContain(`\`${code}\``);
    expect(hint).toMatch(/^[A-Z].*[.…]$/);
  });

  it('are all in the list', () => {
    expect([...used].filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([]);
  });
});

describe('metrics', () => {
  const used = named(/\.(?:count|gauge|observe)\(\s*'(earshot_[a-z_]+)'/g, 'src/telemetry/metrics.ts');

  it.each(Object.entries(METRICS))('%s is set somewhere, documented, and named as Prometheus wants it', (name, { type, help }) => {
    expect(used).toContain(name);
    expect(readFileSync('docs/reference/metrics.md', 'utf8')).toContain(`\`${name}\``);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).toMatch(/^\S.*\.$/);
  });
});
