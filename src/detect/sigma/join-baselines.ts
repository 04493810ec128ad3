import type { Baseline } from './baseline.ts';
import type { BaselineDocument } from './baseline-document.ts';
import type { Countable } from './join-correlations.ts';
import type { Named, Names } from './reference.ts';
import { idOf, type Target, TargetFields } from './target-fields.ts';

/** Joins baselines with the rules they count. What cannot be joined is a fault of its file. */
export const joinBaselines = (documents: readonly BaselineDocument[], names: Names<Countable & Named>): Baseline[] =>
  documents.flatMap((document) => joinBaseline(document, names) ?? []);

function joinBaseline(document: BaselineDocument, names: Names<Countable & Named>): Baseline | undefined {
  const { faults, rules, groups, fields } = document;
  const before = faults.found.length;
  const targets = rules.flatMap((reference): Target[] => {
    const found = names.find(reference, faults);
    if (found?.kind === 'rule') return [found];
    if (found !== undefined)
      faults.add(reference.node, `\`${reference.text}\` is a correlation: a baseline counts events, so name the rules that find them`);
    return [];
  });
  if (faults.found.length > before) return undefined;
  const target = new TargetFields(document, targets, names);
  const [groupPaths, fieldPaths] = [target.paths(groups), target.paths(fields)];
  if (faults.found.length > before) return undefined;
  const { id, version, name, title, level, description, tags, falsepositives, nextSteps, staged, groupBy, generate } = document;
  const { file, line, status, author } = document;
  const info = {
    id,
    version,
    name,
    title,
    level,
    description,
    tags,
    falsepositives,
    nextSteps,
    ...(staged && { staged }),
    groupBy,
    generate,
    file,
    line,
    status,
    author,
  };
  const { measure, every, timeZone, against, factor, margin, orEqual, least, leastNorm, historyDays, leastDays, since, weekdays } =
    document;
  return {
    ...info,
    refs: targets.map((each) => ({ id: idOf(each), kind: 'rule' })),
    ...{ groupNames: groupBy, groupPaths, measure, fieldNames: fields.map(({ text }) => text), fieldPaths },
    ...{ every, timeZone, against, factor, margin, orEqual, least, leastNorm, historyDays, leastDays, since, weekdays },
  };
}
