import type { DetectedBlock } from '../model/detected.ts';
import type { RuleHit, RuleInfo } from '../model/detection.ts';
import type { Heard } from '../model/heard.ts';
import type { State, StateTransaction } from '../store/state/state.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { loadEpisodes, lockAlerts, writeEpisodes } from './alert-rows.ts';
import { type EpisodeChanges, Episodes, keyed } from './episodes.ts';
import type { Router } from './routing.ts';
import type { AlertSettings } from './settings.ts';

export interface AlertingDeps {
  readonly state: State;
  readonly settings: AlertSettings;
  /** What people need to know of a rule; undefined when it is no longer there. */
  ruleInfo(id: string): RuleInfo | undefined;
  /** Whether a rule is on trial: its hits are kept with the events, and lead to nothing. Read at each block. */
  isQuiet(rule: RuleInfo): boolean;
  /** Read at each block: routes may change with a reload. */
  router(): Router;
  /** Keeps what spoke that is watched for silence, in the block's transaction. */
  keepHeard?(tx: StateTransaction, heard: readonly Heard[]): Promise<void>;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  /** Something waits in the outbox, after the commit. */
  onQueued?(): void;
}

export interface Committed {
  /** The block was committed before: nothing changed. */
  readonly replayed: boolean;
  readonly opened: number;
  readonly queued: number;
}

export interface Alerting {
  /** Commits what one block leads to, in one transaction. A block that was committed before changes nothing. */
  commitBlock(block: DetectedBlock): Promise<Committed>;
}

export function createAlerting(deps: AlertingDeps): Alerting {
  return {
    commitBlock: async (block) => {
      const changes = await deps.state.transaction((tx) => commit(tx, block, deps));
      if (changes === undefined) return { replayed: true, opened: 0, queued: 0 };
      // After the commit: a transaction may run twice, and what it counts would be counted twice.
      for (const { level } of changes.opened) deps.telemetry.count('earshot_alerts_total', { level });
      if (changes.outbox.length > 0) deps.onQueued?.();
      return { replayed: false, opened: changes.opened.length, queued: changes.outbox.length };
    },
  };
}

const NONE: EpisodeChanges = { alerts: [], opened: [], events: [], subjects: [], changes: [], outbox: [] };

async function commit(tx: StateTransaction, block: DetectedBlock, deps: AlertingDeps): Promise<EpisodeChanges | undefined> {
  const passed = await deps.state.positions.pass(tx, block);
  if (passed === undefined) return undefined;
  if (block.heard !== undefined) await deps.keepHeard?.(tx, block.heard);
  // A block is replayed as it was cut; should one ever reach back over the watermark, no hit counts twice.
  const hits = block.hits.filter((hit) => hit.seq > passed).sort((a, b) => a.seq - b.seq);
  const keyedHits = hits
    .map((hit) => ({ hit, rule: deps.ruleInfo(hit.hit.id) ?? withoutRule(hit.hit) }))
    .filter(({ rule }) => !deps.isQuiet(rule))
    .map(({ hit, rule }) => keyed(hit, rule));
  if (keyedHits.length === 0) return NONE;
  const bounds = { gapMs: deps.settings.group_gap_secs * 1_000, maxMs: deps.settings.group_max_secs * 1_000 };
  await lockAlerts(tx);
  const known = await loadEpisodes(tx, keyedHits, bounds.gapMs);
  const episodes = new Episodes(known, bounds, deps.router(), deps.now());
  for (const each of keyedHits) episodes.take(each);
  const changes = episodes.result();
  await writeEpisodes(tx, changes);
  return changes;
}

/** A rule that was removed after its hit was found: the hit still tells. */
const withoutRule = (hit: RuleHit): RuleInfo => ({
  id: hit.id,
  version: hit.version,
  name: hit.id,
  title: hit.title,
  level: hit.level,
  description: '',
  tags: [],
  falsepositives: [],
  nextSteps: [],
  groupBy: ['user.name', 'host.name'],
});
