import type { ActProof } from '../model/act.ts';
import type { DetectedBlock, DetectedHit } from '../model/detected.ts';
import type { RuleHit, RuleInfo } from '../model/detection.ts';
import type { Heard } from '../model/heard.ts';
import type { Lease, State, StateTransaction } from '../store/state/state.ts';
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
  /** Takes up what entries say of acts of Earshot, in the block's transaction. */
  keepProofs?(tx: StateTransaction, proofs: readonly ActProof[]): Promise<void>;
  /** Keeps what somebody listens for: in a block, and in alerts that are opened; in the same transaction. */
  keepOverheard?(tx: StateTransaction, block: DetectedBlock): Promise<void>;
  keepOpened?(tx: StateTransaction, changes: EpisodeChanges): Promise<void>;
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
  /**
   * Commits hits that were found after their block was committed, and what is written `within` the same transaction, such as a cursor: that
   * says whether they were committed before. False: the lease was lost, and nothing has changed.
   */
  commitLater(hits: readonly DetectedHit[], within: (tx: StateTransaction) => Promise<void>, lease: Lease): Promise<boolean>;
}

export function createAlerting(deps: AlertingDeps): Alerting {
  return {
    commitBlock: async (block) => {
      const changes = await deps.state.transaction((tx) => commit(tx, block, deps));
      if (changes === undefined) return { replayed: true, opened: 0, queued: 0 };
      announce(changes, deps);
      return { replayed: false, opened: changes.opened.length, queued: changes.outbox.length };
    },
    commitLater: async (hits, within, lease) => {
      const changes = await deps.state.fenced(lease, async (tx) => {
        await within(tx);
        return await fold(tx, hits, deps);
      });
      if (changes === undefined) return false;
      announce(changes, deps);
      return true;
    },
  };
}

/** After the commit: a transaction may run twice, and what it counts would be counted twice. */
function announce({ opened, outbox }: EpisodeChanges, { telemetry, onQueued }: AlertingDeps): void {
  for (const { level } of opened) telemetry.count('earshot_alerts_total', { level });
  if (outbox.length > 0) onQueued?.();
}

const NONE: EpisodeChanges = { alerts: [], opened: [], events: [], subjects: [], changes: [], outbox: [] };

async function commit(tx: StateTransaction, block: DetectedBlock, deps: AlertingDeps): Promise<EpisodeChanges | undefined> {
  const passed = await deps.state.positions.pass(tx, block);
  if (passed === undefined) return undefined;
  if (block.heard !== undefined) await deps.keepHeard?.(tx, block.heard);
  if (block.proofs !== undefined) await deps.keepProofs?.(tx, block.proofs);
  if (block.overheard !== undefined) await deps.keepOverheard?.(tx, block);
  // A block is replayed as it was cut; should one ever reach back over the watermark, no hit counts twice.
  return await fold(
    tx,
    block.hits.filter((hit) => hit.seq > passed),
    deps,
  );
}

async function fold(tx: StateTransaction, hits: readonly DetectedHit[], deps: AlertingDeps): Promise<EpisodeChanges> {
  const keyedHits = hits
    .toSorted((a, b) => a.seq - b.seq)
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
  await deps.keepOpened?.(tx, changes);
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
