import { setTimeout as sleep } from 'node:timers/promises';
import { givenUp } from '../../alert/digest-alerts.ts';
import type { App } from '../../app.ts';
import { durationText } from '../../model/duration-text.ts';
import { overdue } from '../../notify/outbox-upkeep.ts';
import type { User } from '../../store/state/accounts.ts';
import type { State } from '../../store/state/state.ts';
import type { EventEngine } from '../../store/store.ts';

export interface HubFaultsDeps extends Pick<App, 'state'> {
  readonly engine: Pick<EventEngine, 'up'>;
  readonly ingest: Pick<App['ingest'], 'closedBecause' | 'status'>;
  /** Connections that are down, over which clicks would come. */
  readonly lineFaults: () => readonly { readonly notifier: string; readonly why: string }[];
}

const PATIENCE_MS = 3_000;
/** What waits for less is on its way: a block is judged within a second, and what gathers is told within minutes. */
const BEHIND_MS = 60_000;
const UNTOLD_MS = 300_000;
const DAY_MS = 86_400_000;

/** What the hub cannot do now, in words, each a piece of a sentence; none where it takes in, judges and tells. */
export async function hubFaults(deps: HubFaultsDeps, user: User, now: number): Promise<string[]> {
  const { state, engine, ingest, lineFaults } = deps;
  return [
    ...(engine.up ? [] : ['the event engine does not answer']),
    ...(ingest.closedBecause === undefined ? await intakeFaults(deps, user, now) : [`nothing is taken in: ${ingest.closedBecause}`]),
    ...lineFaults().map(({ notifier, why }) => `the sockets of ${notifier} are down: ${why}`),
    ...(await outboxFaults(state, now)),
  ];
}

/** What the intake says; undefined where it does not answer in time. */
const statusOf = ({ ingest }: Pick<HubFaultsDeps, 'ingest'>) =>
  Promise.race([ingest.status().catch(() => undefined), sleep(PATIENCE_MS, undefined, { ref: false })]);

/** Since when what came in waits to be stored, where it waits for long; `unknown` where nobody says. */
export async function storedUntil(deps: Pick<HubFaultsDeps, 'ingest'>, now: number): Promise<number | 'unknown' | undefined> {
  const status = await statusOf(deps);
  if (status === undefined) return 'unknown';
  const { oldestReceivedAt: oldest = now } = status.rawLog;
  return now - oldest < BEHIND_MS ? undefined : oldest;
}

async function intakeFaults(deps: HubFaultsDeps, { datasets }: User, now: number): Promise<string[]> {
  const status = await statusOf(deps);
  if (status === undefined) return ['the intake does not answer'];
  const faulty = status.sources.filter(({ fault }) => fault !== undefined);
  // Names of sources, and what is wrong with them, are for who may see all that they send.
  const named = datasets.includes('*')
    ? faulty.map(({ name, fault }) => `the source ${name} does not work: ${fault}`)
    : faulty.length === 0
      ? []
      : [`${faulty.length} of ${status.sources.length} sources ${faulty.length === 1 ? 'does' : 'do'} not work`];
  const { oldestReceivedAt: oldest = now } = status.rawLog;
  const behind =
    now - oldest < BEHIND_MS ? [] : [`what came in waits to be judged or stored, the first of it for ${lasting(now - oldest)}`];
  return [...named, ...behind];
}

async function outboxFaults(state: Pick<State, 'read'>, now: number): Promise<string[]> {
  const waiting = await state.read((db) => overdue(db, now - UNTOLD_MS));
  const dead = await state.read((db) => givenUp(db, now - DAY_MS));
  return [
    ...(waiting === undefined ? [] : [`${messages(waiting.count)} to be told, the first for ${lasting(now - waiting.since)}`]),
    ...(dead === 0 ? [] : [`${dead} ${dead === 1 ? 'message was' : 'messages were'} given up in the last 24 hours`]),
  ];
}

const messages = (count: number): string => (count === 1 ? '1 message waits' : `${count} messages wait`);
const lasting = (ms: number): string => durationText(ms / 1_000);
