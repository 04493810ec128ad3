import type { RuleInfo } from '../../model/detection.ts';
import { LEVELS, type Level } from '../../model/severity.ts';
import type { Attributes } from './attributes.ts';
import type { Faults } from './fault.ts';
import { versionOf } from './identity.ts';
import { attribute, canonicalJson, type Node, scalarText, textList, type YAMLMap } from './yaml-document.ts';

const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const;

/** What whatever alerts says of itself. */
export interface Head extends Pick<RuleInfo, 'id' | 'name' | 'title' | 'level' | 'description' | 'tags' | 'falsepositives'> {
  /** Hash of its document alone. */
  readonly document: string;
  /** Sigma's `name`, by which correlations and filters refer to it. */
  readonly sigmaName: string | undefined;
  readonly status: (typeof STATUSES)[number] | undefined;
  readonly author: string | undefined;
}

/** `name`: Earshot's name of the document. Where something is wrong, `faults` has it. */
export function readHead(read: Attributes, name: string, map: YAMLMap, faults: Faults): Head {
  const sigmaName = read.text('name', false) || undefined;
  const status = read.oneOf('status', STATUSES);
  if (status === 'unsupported') faults.add(attribute(map, 'status'), 'the status `unsupported` says that the rule cannot be used as it is');
  return {
    id: read.id(sigmaName ?? name),
    document: documentHash(map),
    name,
    sigmaName,
    title: read.text('title', true),
    level: read.oneOf<Level>('level', LEVELS) ?? 'medium',
    status,
    author: read.text('author', false) || undefined,
    description: read.text('description', false),
    tags: read.list('tags'),
    falsepositives: read.list('falsepositives'),
  };
}

/** Of what a document says: comments and the order of its keys do not count. */
export const documentHash = (map: YAMLMap): string => versionOf(canonicalJson(map));

const MATURITIES: readonly unknown[] = ['staged', 'live'];

/** What to do next, and whether it is on trial: of whatever alerts. */
export function readCare(
  { next_steps: nextSteps, maturity }: { readonly next_steps?: Node; readonly maturity?: Node },
  faults: Faults,
): Pick<RuleInfo, 'nextSteps' | 'staged'> {
  const word = scalarText(maturity);
  if (maturity !== undefined && !MATURITIES.includes(word)) faults.add(maturity, '`earshot.maturity` is `staged` or `live`');
  return {
    nextSteps: nextSteps === undefined ? [] : (textList(nextSteps, faults, '`earshot.next_steps`') ?? []),
    ...(word === 'staged' && { staged: true }),
  };
}
