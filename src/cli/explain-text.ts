import type { Baseline } from '../detect/sigma/baseline.ts';
import type { Correlation, Expression } from '../detect/sigma/correlation.ts';
import { logsourceText, type RouteTerm } from '../detect/sigma/logsource.ts';
import type { Rule } from '../detect/sigma/rule.ts';
import type { Silence } from '../detect/sigma/silence-document.ts';
import { leaves, type Tree } from '../detect/sigma/tree.ts';
import type { ExplainedLeaf, ExplainedNode, ExplainedTerm, Explanation } from '../model/explanation.ts';

/** More leaves of one kind are counted. */
const MAX_ALIKE = 5;

/** A rule as Earshot reads it, line by line. */
export function ruleLines(rule: Rule): string[] {
  const { route } = rule;
  const fields = [...new Set(leaves(rule.tree).flatMap((leaf) => leaf.fields ?? ['any text of the event']))];
  return [
    `${rule.name}: ${rule.title} (${rule.level})`,
    ...(rule.description === ''
      ? []
      : rule.description
          .trim()
          .split('\n')
          .map((line) => `  ${line.trim()}`)),
    `id         ${rule.id}, version ${rule.version}${rule.status === undefined ? '' : `, ${rule.status}`}`,
    `file       ${rule.file}`,
    `log source ${logsourceText(rule.logsource)}`,
    ...(route === undefined
      ? ['           no event of Earshot is of it: the rule can never fire here']
      : route.map((term) => `           ${termText(term)}`)),
    `fields     ${fields.join(', ')}`,
    `grouped by ${rule.groupBy.join(', ')}`,
    ...listLines('tags', rule.tags),
    ...listLines('harmless', rule.falsepositives),
    ...listLines('next', rule.nextSteps),
    'condition',
    ...treeLines(rule.tree, 1),
  ];
}

/** A correlation as Earshot reads it. `nameOf`: of what it counts, by id. */
export function correlationLines(correlation: Correlation, nameOf: (id: string) => string): string[] {
  const { name, title, level, id, version, file, line, type, refs, timespanMs, groupNames, bounds, expression } = correlation;
  return [
    `${name}: ${title} (${level})`,
    `id         ${id}, version ${version}`,
    `file       ${file}:${line}`,
    `counts     ${type} of ${refs.map((ref) => nameOf(ref.id)).join(', ')}`,
    `within     ${timespanMs / 1000} s`,
    ...listLines('for each', groupNames),
    ...listLines(
      'holds when',
      bounds.map(({ op, number }) => `${op} ${number}`),
    ),
    ...(expression === undefined ? [] : [`holds when ${expressionText(expression, (ref) => nameOf(refs[ref]?.id ?? ''))}`]),
    ...listLines('tags', correlation.tags),
    ...listLines('harmless', correlation.falsepositives),
    ...listLines('next', correlation.nextSteps),
  ];
}

/** A baseline or silence as Earshot reads it: what it looks for, in words. */
export function wordsLines({ name, title, level, id, version, file, line, ...info }: Baseline | Silence, words: string): string[] {
  return [
    `${name}: ${title} (${level})`,
    `id         ${id}, version ${version}`,
    `file       ${file}:${line}`,
    `looks for  ${words}`,
    ...listLines('tags', info.tags),
    ...listLines('harmless', info.falsepositives),
    ...listLines('next', info.nextSteps),
  ];
}

function expressionText(expression: Expression, nameOf: (ref: number) => string): string {
  if (expression.kind === 'ref') return nameOf(expression.ref);
  if (expression.kind === 'not') return `not ${expressionText(expression.child, nameOf)}`;
  return `(${expression.children.map((child) => expressionText(child, nameOf)).join(` ${expression.kind} `)})`;
}

const listLines = (title: string, items: readonly string[]): string[] =>
  items.map((item, i) => `${(i === 0 ? title : '').padEnd(11)}${item}`);

const termText = ({ fields, values }: RouteTerm): string => `${fields.join(' or ')} is ${values.join(' or ')}`;

function treeLines(tree: Tree, depth: number): string[] {
  const indent = '  '.repeat(depth);
  if (tree.kind === 'leaf') return [`${indent}${tree.label}${pathsText(tree.label, tree.fields)}`];
  if (tree.kind === 'not') return [`${indent}not`, ...treeLines(tree.child, depth + 1)];
  return [`${indent}${tree.kind}`, ...tree.children.flatMap((child) => treeLines(child, depth + 1))];
}

/** Where the rule's field is in Earshot's events, when it is not called so in the rule. */
function pathsText(label: string, paths: readonly string[] | undefined): string {
  if (paths === undefined || paths.some((path) => label.includes(`: ${path}`))) return '';
  return `  (${paths.join(' or ')})`;
}

/** Why a rule fires on an event, or why not, line by line. `event` names the event. */
export function explanationLines(rule: Rule, event: string, { fires, logSource, tree, because }: Explanation): string[] {
  const outside = logSource === undefined || logSource.some(({ truth }) => !truth);
  return [
    `${rule.name}: ${rule.title} (${rule.level}) ${fires ? 'fires' : 'does not fire'} on ${event}`,
    fires ? 'Why:' : 'Why not:',
    ...(outside ? sourceLines(rule, logSource) : []),
    ...(outside && tree.truth
      ? ['  all else is as the rule wants it']
      : alike(because).map((group) => `  ${becauseText(group, tree.truth)}`)),
    'The condition, and what is true of the event:',
    ...nodeLines(tree, 1),
  ];
}

function sourceLines(rule: Rule, terms: readonly ExplainedTerm[] | undefined): string[] {
  if (terms === undefined) return [`  no event of Earshot is of the log source ${logsourceText(rule.logsource)}`];
  return terms
    .filter(({ truth }) => !truth)
    .map(({ fields, values, found }) => {
      const there = Object.entries(found).map(([field, value]) => `${field} is ${quoted(value)}`);
      const has = there.length > 0 ? there.join(', ') : `${fields.join(' and ')} ${fields.length > 1 ? 'are' : 'is'} missing`;
      return `  log source ${logsourceText(rule.logsource)}: ${has}, and must be ${values.join(' or ')}`;
    });
}

/** Leaves that differ only in the value they ask for, together. */
function alike(all: readonly ExplainedLeaf[]): ExplainedLeaf[][] {
  const key = ({ label, field, truth, found, value }: ExplainedLeaf) => JSON.stringify([label.split(':', 1), field, truth, found, value]);
  return [...Map.groupBy(all, key).values()];
}

function becauseText(group: readonly ExplainedLeaf[], truth: boolean): string {
  const [first] = group;
  if (first === undefined) return '';
  const labels = group.slice(0, MAX_ALIKE).map(({ label }) => label);
  const more = group.length > MAX_ALIKE ? ` and ${group.length - MAX_ALIKE} more` : '';
  const under = first.truth === truth ? '' : truth ? ', as it must be' : ', and must not be so';
  return `${labels.join('; ')}${more} (${leafText(first)}${under})`;
}

function nodeLines(node: ExplainedNode, depth: number): string[] {
  const head = `${node.truth ? 'true ' : 'false'} ${'  '.repeat(depth)}`;
  if (node.kind === 'leaf') return [`${head}${node.label} (${leafText(node)})`];
  return [`${head}${node.kind}`, ...childLines(node.children, depth + 1)];
}

/** Of a long list of leaves the true ones are shown, and the first of the others. */
function childLines(children: readonly ExplainedNode[], depth: number): string[] {
  const leavesOf = children.filter((child) => child.kind === 'leaf' && !child.truth);
  const hidden = new Set<ExplainedNode>(leavesOf.slice(MAX_ALIKE));
  const lines = children.filter((child) => !hidden.has(child)).flatMap((child) => nodeLines(child, depth));
  return hidden.size === 0 ? lines : [...lines, `false ${'  '.repeat(depth)}${hidden.size} more`];
}

function leafText({ field, truth, value, found }: ExplainedLeaf): string {
  if (truth)
    return value === undefined
      ? `${field} has no value`
      : field === 'keyword'
        ? `found in ${quoted(value)}`
        : `${field} is ${quoted(value)}`;
  switch (found) {
    case 'missing':
      return `${field} is missing`;
    case 'null':
      return `${field} is null`;
    case 'empty':
      return `${field} is an empty array`;
    case 'nowhere':
      return 'in no text of the event';
    case 'other_case':
      return value === undefined ? 'found in other case only' : `${field} is ${quoted(value)}: only the case differs`;
    case 'wrong_kind':
      return value === undefined ? `${field} is a map` : `${field} is ${quoted(value)}, of which that cannot be asked`;
    default:
      return value === undefined ? `${field} is there` : `${field} is ${quoted(value)}`;
  }
}

const quoted = (text: string): string => JSON.stringify(text);
