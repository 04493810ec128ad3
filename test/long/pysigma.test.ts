import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRules } from '../../src/detect/sigma/load.ts';
import { leaves } from '../../src/detect/sigma/tree.ts';
import { compileRules } from '../../src/detect/stream/rule-set.ts';
import { FieldSet } from '../../src/model/field-set.ts';
import { seeded } from '../support/events-for-rules.ts';
import { draftFor } from '../support/rule-events.ts';

const RULES = new URL('../../../shared/corpora/sigma/rules_selected', import.meta.url).pathname;
const SCRIPT = new URL('../support/pysigma.py', import.meta.url).pathname;
const EVENTS_EACH = 20;

const folder = mkdtempSync(join(tmpdir(), 'earshot-pysigma-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Python with pySigma in an environment of its own; undefined where there is none to be had. */
function python(): string | undefined {
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'ignore' });
    const run = join(folder, 'bin', 'python');
    execFileSync(run, ['-m', 'pip', 'install', '-q', 'pysigma==2.0.1', 'pysigma-backend-sqlite==2.1.1'], { stdio: 'ignore' });
    return run;
  } catch {
    return undefined;
  }
}
const run = existsSync(RULES) ? python() : undefined;
if (run === undefined) console.warn(`skipped: pySigma cannot be installed here, or the public rules are not at ${RULES}`);

describe.skipIf(run === undefined)('pySigma beside ours', () => {
  it('gives the same, but for numbers spelled as texts and letters outside ASCII, which SQLite compares as it does', () => {
    // Keywords need a column of the whole text, which the backend is not told of here.
    const rules = loadRules(RULES, { mapping: 'none' }).rules.filter((rule) =>
      leaves(rule.tree).every(({ fields }) => fields !== undefined),
    );
    const random = seeded(2_026);
    const asked = rules.flatMap((rule) => {
      const judge = compileRules([rule], { routing: false });
      return Array.from({ length: EVENTS_EACH }, (_, i) => {
        const drawn = [...draftFor(rule.tree, random, i % 3 === 2).fields].filter(([, value]) => typeof value !== 'object');
        const event = Object.fromEntries(drawn);
        const hits = judge.match({ fields: FieldSet.of(event), text: '', timestamp: 0, source: 'test' });
        return { file: join(RULES, rule.file), event, ours: hits.length > 0 };
      });
    });
    const input = asked.map(({ file, event }) => JSON.stringify({ file, event })).join('\n');
    const tally = (how: 'plain' | 'alike') => {
      const answer = execFileSync(run ?? '', [SCRIPT, how], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
      const theirs = JSON.parse(answer) as (boolean | null)[];
      const count = (a: boolean, b: boolean) => asked.filter(({ ours }, i) => ours === a && theirs[i] === b).length;
      return { both: count(true, true), neither: count(false, false), onlyOurs: count(true, false), onlyTheirs: count(false, true) };
    };
    const [plain, alike] = [tally('plain'), tally('alike')];
    console.log(JSON.stringify({ rules: rules.length, events: asked.length, plain, alike }));
    expect(alike.both).toBeGreaterThan(5_000);
    // Networks as the beginnings of texts, and what `alike` itself changes: `.7` is a number there, and `-O` in lower case none of `-O`.
    expect(alike.onlyOurs + alike.onlyTheirs).toBeLessThan(10);
  }, 300_000);
});
