import { basename } from 'node:path';
import { readBaseline } from './baseline-document.ts';
import { readCorrelation } from './correlation-document.ts';
import type { Faults } from './fault.ts';
import { readFilter } from './filter.ts';
import { documentHash } from './head.ts';
import type { SigmaDocument } from './join.ts';
import { type ReadOptions, readRule } from './rule.ts';
import { readSilence } from './silence-document.ts';
import { attribute, parseYaml, scalarText, type YAMLMap } from './yaml-document.ts';

/** Reads the documents of one file, given as text. A fault rejects its document and no other. */
export function readDocuments(file: string, text: string, options: ReadOptions): { documents: readonly SigmaDocument[]; faults: Faults } {
  const { documents, faults } = parseYaml(file, text);
  const stem = basename(file).replace(/\.ya?ml$/, '');
  const read = documents.map((map, i): SigmaDocument => {
    if (map === undefined) return { kind: 'rejected', names: i === 0 ? [stem] : [], node: undefined, faults };
    const name = i === 0 ? stem : (scalarText(attribute(map, 'name')) ?? `${stem}-${i + 1}`);
    const document = readDocument(name, map, faults, options);
    if (document !== undefined) return { ...document, node: map, faults };
    const names = [name, scalarText(attribute(map, 'id'))?.toLowerCase(), scalarText(attribute(map, 'name'))];
    return { kind: 'rejected', names: names.filter((each) => each !== undefined), node: map, faults };
  });
  return { documents: read, faults };
}

/** Hashes of what the documents of a file say. */
export const documentHashes = (text: string): readonly string[] =>
  parseYaml('', text).documents.flatMap((map) => (map === undefined ? [] : [documentHash(map)]));

/** What a document can be, by the attribute that makes it so. */
const KINDS = ['detection', 'correlation', 'baseline', 'filter', 'silence'] as const;

function readDocument(name: string, map: YAMLMap, faults: Faults, options: ReadOptions) {
  if (map.has('action')) {
    const reason = '`action` (collections with global and repeated parts) was removed from Sigma: write the rule out';
    return faults.add(attribute(map, 'action') ?? map, reason);
  }
  // A silence document may say by a detection which events it hears.
  const [kind = 'detection', second] = KINDS.filter((each) => map.has(each) && !(each === 'detection' && map.has('silence')));
  if (second !== undefined) {
    const reason = `a document has one of ${KINDS.join(', ')}: put a line with \`---\` between a rule and what belongs to it`;
    return faults.add(attribute(map, second) ?? map, reason);
  }
  if (kind === 'correlation') {
    const correlation = readCorrelation(name, map, faults, options);
    return correlation && { kind, correlation };
  }
  if (kind === 'baseline') {
    const baseline = readBaseline(name, map, faults, options);
    return baseline && { kind, baseline };
  }
  if (kind === 'silence') {
    const silence = readSilence(name, map, faults, options);
    return silence && { kind, silence };
  }
  if (kind === 'filter') {
    const filter = readFilter(name, map, faults, options);
    return filter && { kind, filter };
  }
  const rule = readRule(name, map, faults, options);
  return rule && { kind: 'rule' as const, rule };
}
