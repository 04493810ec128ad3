import type { Alert } from '../model/alert.ts';
import { type Deeds, KNOWN_DAYS, type TakenFiles, type Whereabouts } from '../model/alert-context.ts';
import type { PersonNames } from '../model/person.ts';
import { type AroundSearch, deedsAround, filesTaken, whereabouts } from '../store/search/person-around.ts';
import type { EventEngine } from '../store/store.ts';
import { is } from './alert-events.ts';
import type { Caller } from './caller.ts';
import { type Subject, subjectNamed } from './person.ts';
import { visible } from './visible.ts';

/** So much before an alert's first event and after its last is looked at. */
const AROUND_MS = 3_600_000;
/** Of an alert that grew for longer, its last day. */
const LONGEST_MS = 26 * AROUND_MS;
const KNOWN_MS = KNOWN_DAYS * 86_400_000;

/** What gives somebody a file. Slack writes it also of one that is only looked at. */
const DOWNLOAD = is('event.action', 'file_downloaded');
const FILE_ID = 'slack.audit.target.id';
/** Where an entry of Slack's names the channel; most name none. */
const CHANNELS = ['slack.audit.details.channels', 'slack.audit.details.channel', 'slack.audit.details.channel_id'];
/** Fields of a group that name who acts, the surest first. */
const NAMING = ['user.id', 'user.email', 'user.name'];
/** A number names nobody outside its own machine. */
const NUMBER = /^\d+$/;

export interface ContextOf {
  readonly alert: Alert;
  /** What the directory knows. */
  readonly names: PersonNames;
  readonly caller: Pick<Caller, 'datasets'>;
  readonly signal: AbortSignal;
}

/** What is asked about the person of an alert: each part may fail by itself, with an EngineError. */
export interface AskedContext {
  readonly who: Subject;
  /** Milliseconds since the epoch; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly files: Promise<TakenFiles>;
  readonly whereabouts: Promise<Whereabouts>;
  readonly deeds: Promise<Deeds[]>;
}

/** Asks what the person of an alert did around it, of what the caller may see. Undefined: it names nobody. */
export function askContext(engine: EventEngine, { alert, names, caller, signal }: ContextOf, now: () => number): AskedContext | undefined {
  const who = personOf(alert, names);
  if (who === undefined) return undefined;
  const to = alert.lastAt + AROUND_MS + 1;
  const from = Math.max(alert.firstAt - AROUND_MS, to - LONGEST_MS, 0);
  const search: AroundSearch = { query: visible({ type: 'all' }, caller), names: who.names, from, to, signal };
  const files = { ...search, query: visible(DOWNLOAD, caller) };
  return {
    ...{ who, from, to },
    files: filesTaken(engine, files, { id: FILE_ID, channels: CHANNELS }, now),
    whereabouts: whereabouts(engine, search, Math.max(from - KNOWN_MS, 0), now),
    deeds: deedsAround(engine, search, now),
  };
}

const isName = (name: string | undefined): name is string => name !== undefined && name !== '' && !NUMBER.test(name);

/** Whom the alert is about: by its group, and by whom its evidence names first. */
function personOf({ group, evidence }: Alert, names: PersonNames): Subject | undefined {
  const named = evidence.find(({ user }) => user !== undefined)?.user;
  const own = [...NAMING.map((field) => group[field]), named].filter(isName);
  const [first] = own;
  return first === undefined ? undefined : subjectNamed([...new Set(own)], named ?? first, names);
}
