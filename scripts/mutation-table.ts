import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageJudge } from '../src/cli/judge-message.ts';
import { mutationOf, type RuleResult, testRules } from '../src/detect/test-report.ts';
import { settingsSchema } from '../src/settings.ts';

/** Prints how many changes to the shipped rules their tests notice; with `--write` it goes into docs/detection.md. Fails below 90 %. */
const LEAST_SCORE = 0.9;
const FILE = 'docs/detection.md';
const BEGIN = '<!-- written by `npm run test:mutation -- --write` -->';
const END = '<!-- end of what is written -->';

const { results } = testRules(['rules'], await messageJudge(settingsSchema.parse({})));
const text = table(results);
console.log(text);
if (process.argv.includes('--write')) writeFileSync(FILE, withTable(readFileSync(FILE, 'utf8')));
process.exitCode = mutationOf({ results }).score >= LEAST_SCORE ? 0 : 1;

function table(all: readonly RuleResult[]): string {
  const byFolder = Map.groupBy(all, ({ file }) => dirname(file));
  const rows = [...byFolder].map(([folder, of]) => row(`\`${folder}/\``, of));
  const missed = mutationOf({ results: all }).missed.map(({ rule, change }) => `- \`${rule}\`: ${change.replaceAll('|', '\\|')}`);
  const lines = ['| rules in | rules | cases | changes | noticed | score |', '|---|--:|--:|--:|--:|--:|', ...rows, row('**all**', all)];
  return [...lines, '', missed.length === 0 ? 'No change goes unnoticed.' : `Not noticed:\n\n${missed.join('\n')}`].join('\n');
}

function row(name: string, of: readonly RuleResult[]): string {
  const { tried, noticed, score } = mutationOf({ results: of });
  const cases = of.reduce((sum, each) => sum + each.cases.length, 0);
  return `| ${name} | ${of.length} | ${cases} | ${tried} | ${noticed} | ${(Math.floor(score * 1000) / 10).toFixed(1)} % |`;
}

function withTable(document: string): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`${FILE} has no place for the table: ${BEGIN}`);
  return `${document.slice(0, from + BEGIN.length)}\n${text}\n${document.slice(to)}`;
}
