import type { DetectedBlock, DetectedHit } from '../../src/model/detected.ts';
import type { RuleInfo } from '../../src/model/detection.ts';
import { eventId, type Fields } from '../../src/model/event.ts';
import type { Level } from '../../src/model/severity.ts';

export interface HitSketch {
  readonly seq: number;
  readonly node?: number;
  /** Milliseconds since the epoch. */
  readonly at?: number;
  readonly rule?: string;
  readonly level?: Level;
  readonly user?: string;
  readonly late?: boolean;
  readonly fields?: Fields;
}

/** 2026-01-01, noon UTC. */
export const NOON = Date.UTC(2026, 0, 1, 12);

export function hitOf({
  seq,
  node = 1,
  at = NOON,
  rule = 'rule-a',
  level = 'high',
  user = 'alice',
  late = false,
  fields,
}: HitSketch): DetectedHit {
  return {
    eventId: eventId(node, seq),
    node,
    seq,
    raw: Buffer.from(`login of ${user}`),
    timestamp: at,
    receivedAt: at,
    source: 'test',
    fields: { 'user.name': user, 'host.name': 'db1.example.com', 'event.action': 'login', message: `login of ${user}`, ...fields },
    hit: {
      id: rule,
      version: 'v1',
      title: `Title of ${rule}`,
      level,
      matches: [{ field: 'user.name', value: user, leaf: `selection: user.name: ${user}` }],
    },
    late,
  };
}

/** A block of `seq` from `first` to `last` with these hits. */
export function blockOf(first: number, last: number, hits: readonly DetectedHit[], node = 1): DetectedBlock {
  const chain = { previous: `p${first}`, hash: `h${last}`, count: last - first + 1 };
  return { node, firstSeq: first, lastSeq: last, keys: [], checkpoints: [], chain, hits };
}

export const ruleOf = (id: string): RuleInfo => ({
  id,
  version: 'v1',
  name: `name_of_${id}`,
  title: `Title of ${id}`,
  level: 'high',
  description: '',
  tags: ['attack.t1078'],
  falsepositives: [],
  nextSteps: ['Ask the person.'],
  groupBy: ['user.name', 'host.name'],
});
