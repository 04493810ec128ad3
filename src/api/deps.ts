import type { DigestSettings } from '../digest/settings.ts';
import type { ErrorCode } from '../lib/errors.ts';
import type { Result } from '../lib/result.ts';
import type { Act, ActSystem, Devices, WisherKind } from '../model/act.ts';
import type { Alert } from '../model/alert.ts';
import type { AlertChange, AlertChangeWish, AlertLife } from '../model/alert-life.ts';
import type { AlertCounts, AlertFilter, AlertQuery, AlertStats, AlertStatsQuery, Relation } from '../model/alert-query.ts';
import type { Answer } from '../model/answer.ts';
import type { Ask, AskAnswer } from '../model/ask.ts';
import type { AuditEvent } from '../model/audit.ts';
import type { Backtest, BacktestFault, BacktestRule } from '../model/backtest.ts';
import type { RuleFilter, RuleInfo } from '../model/detection.ts';
import type { EnrichmentTables } from '../model/enrichment.ts';
import type { Event } from '../model/event.ts';
import type { PersonNames } from '../model/person.ts';
import type { Approval, PrivilegedSession, SessionState } from '../model/privileged-session.ts';
import type { HeldException, NewException, RuleException, SetMaturity } from '../model/rule-care.ts';
import type { TrustChanged, TrustCompared, TrustFault, TrustWish } from '../model/trusted-networks.ts';
import type { HttpSource } from '../sources/http/http-source.ts';
import type { Condition } from '../store/search/find-events.ts';
import type { QueryNode } from '../store/search/node.ts';
import type { Position } from '../store/search/position.ts';
import type { Touched } from '../store/search/touched.ts';
import type { User } from '../store/state/accounts.ts';
import type { Listener, ListeningStore, NewListener } from '../store/state/listening.ts';
import type { ListStore, ScimStore } from '../store/state/people-tables.ts';
import type { SavedSearchStore } from '../store/state/saved-searches.ts';
import type { State, TokenStore } from '../store/state/state.ts';
import type { EventEngine } from '../store/store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { AuthSettings } from './auth/settings.ts';
import type { HubView } from './hub-view.ts';

/** Everything that the API serves; it is given, so that the API knows no other part. Times are milliseconds since the epoch. */
export interface ApiDeps {
  readonly engine: EventEngine;
  readonly tail: TailService;
  /** The node of this hub, as in `event.id`. */
  readonly node: number;
  readonly alerts: AlertService;
  readonly outbox: OutboxService;
  readonly acts: ActService;
  readonly asks: AskService;
  /** Connections to targets that are down, over which clicks would come; `since` in milliseconds since the epoch. */
  readonly lineFaults: () => readonly { readonly notifier: string; readonly why: string; readonly since: number }[];
  readonly trust: TrustService;
  readonly privilegedSessions: SessionService;
  readonly rules: () => RuleReport;
  readonly backtest: BacktestService;
  readonly tokens: TokenStore;
  readonly accounts: Accounts;
  /** People, lists and networks as they count now. */
  readonly lookUps: LookUps;
  /** Where lists are kept, and users and groups that came over SCIM; after a change `lookUps.refresh()` makes it count. */
  readonly lists: ListStore;
  readonly scim: ScimStore;
  readonly savedSearches: SavedSearchStore;
  readonly ruleCare: RuleCareService;
  readonly listening: ListeningService;
  readonly digests: DigestService;
  /** Read at each request, so that a reload counts at once. */
  readonly auth: () => AuthSettings;
  /** Where people find the page: an address without a path. */
  readonly pageUrl: () => string;
  /** Earshot's own version. */
  readonly version: string;
  /** The HTTP sources by name; read at each request, so that a reload counts at once. */
  readonly httpSources: () => ReadonlyMap<string, HttpSource>;
  readonly hub: HubView;
  /** Why the hub cannot do its work; nothing when it can. Must answer quickly, whatever is down. */
  readonly unready: () => readonly string[];
  /** Metrics in Prometheus's text form. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Hears of searches, changes and denied tokens. Must not throw. */
  readonly onAudit: (event: AuditEvent) => void;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** Users and what they sign in with. */
export type Accounts = Pick<State, 'users' | 'sessions' | 'setupLinks'>;

/** A rule that runs, and where it comes from. */
export interface RunningRule extends RuleInfo {
  readonly file: string;
  readonly status: string | undefined;
  readonly author: string | undefined;
  /** What narrows it from other documents. */
  readonly filters: readonly RuleFilter[];
  readonly kind: 'rule' | 'correlation' | 'baseline' | 'silence';
  /** What it looks for, in words; absent for rules on single events. */
  readonly words?: string;
  /** What it counts. */
  readonly counts: readonly { readonly id: string; readonly title: string }[];
}

/** What people say of rules. A change counts when it resolves: for every event that comes in from then on. */
export interface RuleCareService {
  /** The oldest first. */
  exceptions(): readonly HeldException[];
  /** What was said last of how far the rule of this id is trusted. */
  said(ruleId: string): SetMaturity | undefined;
  /** `rejected`: with lines and columns of the selection. */
  add(
    exception: NewException,
  ): Promise<Result<RuleException, { readonly code: 'full' } | { readonly code: 'rejected'; readonly reason: string }>>;
  /** False when there is none of that id. */
  delete(id: string): Promise<boolean>;
  setMaturity(set: Omit<SetMaturity, 'at'>): Promise<void>;
}

/** Who hears of which words, as `createListeningService` gives it. */
export interface ListeningService extends Pick<ListeningStore, 'listeners' | 'grants' | 'grant' | 'revoke'> {
  /** Counts when it resolves: for every event that comes in from then on. `why` is for the user to read. */
  begin(
    user: User,
    wish: Pick<NewListener, 'notifier' | 'quiet' | 'perHour'> & { readonly words: string; readonly channel?: string | undefined },
  ): Promise<
    Result<
      {
        readonly listener: Listener;
        readonly preview: { readonly events: Touched | undefined; readonly alerts: readonly string[]; readonly moreAlerts: boolean };
      },
      { readonly code: 'words' | 'notifier' | 'not_granted' | 'full'; readonly why: string }
    >
  >;
  /** Names of those that know who the user is. */
  notifiersOf(user: User): readonly string[];
  /** False when there is none of that id. */
  end(id: string, by: string): Promise<boolean>;
}

/** Days and weeks summed up, as `Digesting` does it. Milliseconds since the epoch. */
export interface DigestService {
  planned(): Promise<
    readonly {
      readonly settings: Pick<DigestSettings, 'name' | 'to' | 'channel' | 'every'>;
      readonly nextAt: number;
      readonly lastAt?: number | undefined;
    }[]
  >;
  /** Undefined where there is none of that name. */
  preview(name: string): Promise<Answer | undefined>;
}

/** What a rule would have done between `from` (inclusive) and `to` (exclusive), of the events of `only`. Throws EngineError. */
export type BacktestService = (
  rule: BacktestRule,
  search: { readonly from: number; readonly to: number; readonly only: Condition; readonly signal: AbortSignal },
) => Promise<Result<Backtest, BacktestFault>>;

/** Events as they are judged, before they are stored. */
export interface TailService {
  /** `lastSeq`: the last event judged before; undefined or 0 where that is not known. */
  follow(query: QueryNode, listener: TailListener): Promise<{ readonly lastSeq: number | undefined; stop(): void }>;
}

export interface TailListener {
  /** In order; all listeners of one query get the very same array. */
  events(events: readonly Event[]): void;
  /** `rate`: matches beyond the rate. `busy`: events that were not looked at. */
  skipped(count: number, why: 'rate' | 'busy'): void;
}

export interface RuleReport {
  readonly rules: readonly RunningRule[];
  /** Those of `rules` that can never fire here. */
  readonly silent: readonly { readonly rule: { readonly id: string }; readonly reason: string }[];
  readonly rejected: readonly { readonly file: string; readonly line: number; readonly column: number; readonly reason: string }[];
}

/** What `LookUpTables` has. */
export interface LookUps {
  readonly tables: EnrichmentTables;
  readonly names: PersonNames;
  readonly faults: readonly { readonly file: string; readonly line: number; readonly message: string }[];
  /** Resolves when every event that comes in from now on is enriched by what has changed. */
  refresh(): Promise<void>;
}

/** The alerts as `createAlerts` gives them. */
export interface AlertService {
  list(query: AlertQuery): Promise<Result<{ readonly alerts: readonly KeptAlert[]; readonly next?: string }, 'bad_cursor'>>;
  counts(filter: AlertFilter): Promise<AlertCounts>;
  stats(query: AlertStatsQuery): Promise<AlertStats>;
  get(id: string): Promise<KeptAlertDetail | undefined>;
  byIds(ids: readonly string[]): Promise<readonly KeptAlert[]>;
  related(
    id: string,
    datasets?: readonly string[],
  ): Promise<
    | {
        readonly related: readonly { readonly alert: KeptAlert; readonly why: readonly Relation[] }[];
        readonly earlier: readonly KeptAlert[];
      }
    | undefined
  >;
  change(id: string, wish: AlertChangeWish): Promise<Result<KeptAlert, AlertChangeFault>>;
  changeMany(
    ones: readonly { readonly id: string; readonly revision?: number | undefined }[],
    wish: Omit<AlertChangeWish, 'revision'>,
  ): Promise<readonly { readonly id: string; readonly outcome: 'changed' | AlertChangeFault }[]>;
}

/** `conflict`: another has changed it since the revision that the caller saw. */
type AlertChangeFault = 'not_found' | 'unchanged' | 'conflict';

export interface KeptAlert extends Alert, AlertLife {
  readonly lateCount: number;
}

export interface KeptAlertDetail extends KeptAlert {
  readonly history: readonly AlertChange[];
  readonly deliveries: readonly {
    readonly key: string;
    readonly notifier: string;
    readonly kind: string;
    readonly state: string;
    readonly attempts: number;
    readonly createdAt: number;
    readonly changedAt: number;
    readonly why: string | undefined;
  }[];
}

/** What is done in other systems, as `Acting` does it. */
export interface ActService {
  systems(): readonly ActSystem[];
  list(query: { readonly alertId?: string | undefined; readonly limit: number }): Promise<readonly Act[]>;
  get(id: string): Promise<Act | undefined>;
  plan(wish: ActWish, by: Wisher): Promise<Result<Act, ActFault>>;
  confirm(id: string, by: Wisher): Promise<Result<Act, ActFault>>;
  cancel(id: string, by: Wisher): Promise<Result<Act, ActFault>>;
}

/** People who are asked whether it was them, as `Asking` does it. */
export interface AskService {
  /** Names of those in an alert who could be asked; none where nobody is asked. */
  askable(alert: Pick<Alert, 'evidence'>): readonly string[];
  ask(wish: AskWish, by: Wisher): Promise<Result<Ask, AskFault>>;
  /** What a link leads to. Looking changes nothing. */
  look(link: string): Promise<AskLook>;
  /** Takes an answer, once. */
  answer(link: string, answer: Omit<AskAnswer, 'at'>): Promise<AskLook | { readonly kind: 'given'; readonly ask: Ask }>;
}

export interface AskWish {
  readonly alertId: string;
  /** A name that the alert's events have; absent where they have but one. */
  readonly person?: string | undefined;
  /** Those that the asker may see. */
  readonly datasets: readonly string[];
}

/** `unknown`: nobody was sent this link, or it is too old. */
export type AskLook = { readonly kind: 'open' | 'answered' | 'expired'; readonly ask: Ask } | { readonly kind: 'unknown' };

export interface AskFault {
  readonly code: Extract<ErrorCode, 'EAR_ASK_SETUP' | 'EAR_ASK_REFUSED' | 'EAR_API_NOT_FOUND' | 'EAR_API_CONFLICT'>;
  readonly message: string;
}

/** The networks that other systems trust; each call asks the other system. */
export interface TrustService {
  compare(system: string | undefined): Promise<Result<TrustCompared, TrustFault>>;
  change(wish: TrustWish): Promise<Result<TrustChanged, TrustFault>>;
}

/** What somebody wants done. */
export interface ActWish {
  /** Name of the system in the configuration; absent where there is but one. */
  readonly system?: string | undefined;
  readonly targets: readonly string[];
  readonly devices: Devices;
  readonly session?: string | undefined;
  readonly reason: string;
  readonly alertId?: string | undefined;
}

/** Which sessions through vaults somebody asks for; all that is given must hold. Times are milliseconds since the epoch. */
export interface SessionSearch {
  /** When they began: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: Position | undefined;
  /** The events that the caller may see. */
  readonly only: Condition;
  /** All names of one person. */
  readonly persons?: readonly string[] | undefined;
  readonly account?: string | undefined;
  /** Part of a machine's name or address. */
  readonly target?: string | undefined;
  readonly product?: string | undefined;
  readonly state?: SessionState | undefined;
  /** Any of these. */
  readonly approvals?: readonly Approval[] | undefined;
  /** Absent: somebody waits. */
  readonly lane?: 'background' | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sessions through vaults, as `PrivilegedSessions` makes them. Throws EngineError. */
export interface SessionService {
  /** Those that tell of sessions. */
  readonly products: readonly string[];
  list(search: SessionSearch): Promise<{
    readonly sessions: readonly PrivilegedSession[];
    readonly next?: Position;
    readonly stopped?: 'timeout' | 'memory';
  }>;
  get(id: string, search: Pick<SessionSearch, 'only' | 'signal'>): Promise<PrivilegedSession | undefined>;
}

interface Wisher {
  readonly name: string;
  /** A token and the command line are nobody in person. */
  readonly kind: WisherKind;
}

export interface ActFault {
  readonly code: Extract<ErrorCode, 'EAR_ACT_SYSTEM' | 'EAR_ACT_LIMIT' | 'EAR_ACT_REFUSED' | 'EAR_API_NOT_FOUND' | 'EAR_API_CONFLICT'>;
  readonly message: string;
}

type OutboxState = 'pending' | 'sending' | 'delivered' | 'dead';

/** The outbox as `createOutboxView` gives it. */
export interface OutboxService {
  list(query: {
    readonly states?: readonly OutboxState[];
    readonly notifier?: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<{
    readonly entries: readonly OutboxItem[];
    readonly total: number;
  }>;
  retry(id: string): Promise<boolean>;
  unsaid(): Promise<
    readonly {
      readonly notifier: string;
      readonly kind: 'digest' | 'heard' | 'mute';
      readonly digest?: string;
      readonly why: string;
      readonly count: number;
      readonly lastAt: number;
    }[]
  >;
}

export interface OutboxItem {
  readonly id: string;
  readonly notifier: string;
  readonly alertId: string;
  readonly kind: string;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly possibleRepeat: boolean;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly dueAt: number;
  readonly why: string | undefined;
}
