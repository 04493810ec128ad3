import { authSettings } from '../../src/api/auth/settings.ts';
import type { ApiDeps, KeptAlertDetail } from '../../src/api/deps.ts';
import { type ApiOptions, createApi } from '../../src/api/server.ts';
import { PrivilegedSessions } from '../../src/hub/privileged/privileged-sessions.ts';
import { backtest } from '../../src/hub/rules/backtest.ts';
import { SESSION_EVENTS } from '../../src/integrations/index.ts';
import { err, ok } from '../../src/lib/result.ts';
import type { AuditEvent } from '../../src/model/audit.ts';
import type { Fields } from '../../src/model/event.ts';
import type { RawBatch } from '../../src/model/record.ts';
import type { FollowedQuery } from '../../src/pipeline/tail/tail-contract.ts';
import { TailHub } from '../../src/pipeline/tail/tail-hub.ts';
import { privilegedSessionsSettings } from '../../src/privileged/settings.ts';
import { HttpSource } from '../../src/sources/http/http-source.ts';
import { ByteBudget } from '../../src/sources/http/read-body.ts';
import { httpSettings } from '../../src/sources/http/settings.ts';
import type { Sql } from '../../src/store/sql.ts';
import type { EngineError, EventEngine, QueryBounds } from '../../src/store/store.ts';
import { silent } from '../../src/telemetry/telemetry.ts';
import { fakeActs } from './fake-acts.ts';
import { fakeAsks } from './fake-asks.ts';
import { fakeTrust } from './fake-trust.ts';
import { noAccounts, noTokens } from './no-accounts.ts';
import { noListening, noLists, noLookUps, noRuleCare, noSavedSearches, noScim } from './no-look-ups.ts';
import { ruleOf } from './sigma-rule.ts';

export const NOW = Date.UTC(2026, 0, 31, 12);
const TOKENS: Readonly<Record<string, readonly string[]>> = {
  ear_reader: ['events:read'],
  ear_operator: ['alerts:write'],
  ear_sender: ['ingest:web'],
  ear_scraper: ['metrics:read'],
  ear_admin: ['admin'],
};

const alert: KeptAlertDetail = {
  id: 'a1',
  kind: 'rule',
  ruleId: 'r1',
  ruleName: 'night_login',
  ruleVersion: 'v1',
  title: 'Login at night',
  level: 'high',
  group: { 'user.name': 'alice' },
  count: 2,
  lateCount: 0,
  firstAt: NOW,
  lastAt: NOW,
  openedAt: NOW,
  changedAt: NOW,
  evidence: [{ eventId: '1-1', timestamp: NOW, dataset: 'a.b', message: 'm', matches: [] }],
  tags: [],
  nextSteps: [],
  state: 'open',
  history: [{ at: NOW, change: 'opened', actor: 'earshot', note: '', count: 1, about: {} }],
  revision: 1,
  deliveries: [],
};

const NO_PACE = { opened: 1, acknowledged: 0, resolved: 0, resolutions: {} };

export const row = {
  node: 1,
  seq: '7',
  ts_ms: `${NOW}`,
  ingested_ms: `${NOW}`,
  source: 'web',
  user_name: 'alice',
  attrs: {},
  shape: '',
  hits: '',
  raw_base64: '/w==',
};

/** Answers every statement with the same rows, and remembers what it was asked. */
export class FakeEngine implements EventEngine {
  up = true;
  rows: unknown[] = [];
  fault: EngineError | undefined;
  /** What all statements after so many meet. */
  faultAfter: { readonly asked: number; readonly error: EngineError } | undefined;
  readonly asked: { statement: Sql; bounds: QueryBounds }[] = [];
  hang: Promise<void> | undefined;

  async query<Row>(statement: Sql, bounds: QueryBounds): Promise<Row[]> {
    this.asked.push({ statement, bounds });
    await this.hang;
    if (this.fault) throw this.fault;
    if (this.faultAfter && this.asked.length > this.faultAfter.asked) throw this.faultAfter.error;
    return this.rows as Row[];
  }

  async command() {}
  async insert() {}
}

/** An API over fakes: what it serves is not what is tested. */
export function setUpApi(options: Partial<ApiOptions> = {}, sourceSettings: Record<string, unknown> = {}, given: Partial<ApiDeps> = {}) {
  const engine = new FakeEngine();
  const audits: AuditEvent[] = [];
  const batches: RawBatch[] = [];
  const intake = {
    open: true,
    append: async (batch: RawBatch) => {
      batches.push(batch);
      return { firstSeq: 1, count: batch.messages.length, duplicate: false };
    },
    whenOpen: async () => undefined,
  };
  const source = (name: string, more: Record<string, unknown>) =>
    new HttpSource({
      name,
      settings: httpSettings.parse({ type: 'http', ...more }),
      intake,
      budget: new ByteBudget(1e8),
      telemetry: silent,
      now: () => NOW,
    });
  const sources = new Map([
    ['web', source('web', sourceSettings)],
    ['hook', source('hook', { auth: { type: 'hmac', secret: 's', header: 'x-sig' } })],
  ]);
  const reasons: string[] = [];
  const followed: FollowedQuery[] = [];
  const deps: ApiDeps = {
    engine,
    tail: new TailHub(async (queries) => {
      followed.splice(0, followed.length, ...queries);
      return { lastSeq: 0 };
    }),
    node: 1,
    alerts: {
      list: async ({ cursor }) => (cursor === 'bad' ? err('bad_cursor') : ok({ alerts: [alert], next: 'n' })),
      get: async (id) => (id === 'a1' ? alert : undefined),
      counts: async () => ({ counts: [{ state: 'open', level: 'high', count: 1 }], version: 'v' }),
      stats: async () => ({ all: NO_PACE, groups: [{ value: 'high', ...NO_PACE }], complete: true }),
      byIds: async (ids) => (ids.includes('a1') ? [alert] : []),
      related: async (id) =>
        id === 'a1' ? { related: [{ alert, why: [{ kind: 'person', value: 'alice' }] }], earlier: [alert] } : undefined,
      change: async (_, { act, revision }) => {
        if (revision !== undefined && revision !== alert.revision) return err('conflict');
        return act.kind === 'reopen' ? err('unchanged') : ok({ ...alert, state: act.kind === 'resolve' ? 'resolved' : 'acknowledged' });
      },
      changeMany: async (ones) => ones.map(({ id }) => ({ id, outcome: 'changed' })),
    },
    acts: fakeActs,
    asks: fakeAsks,
    lineFaults: () => [],
    trust: fakeTrust,
    privilegedSessions: new PrivilegedSessions({
      engine,
      products: SESSION_EVENTS,
      settings: () => privilegedSessionsSettings.parse({}),
      now: () => NOW,
    }),
    outbox: { list: async () => ({ entries: [], total: 0 }), retry: async (id) => id === 'o1', unsaid: async () => [] },
    rules: () => ({ rules: [], silent: [], rejected: [{ file: 'x.yml', line: 1, column: 2, reason: 'why' }] }),
    backtest: (rule, search) =>
      backtest(
        {
          engine,
          rules: () => ({ rules: [ruleOf('s: { user.name: alice }\ncondition: s')], correlations: [], baselines: [], silences: [] }),
          options: () => ({}),
          lists: { since: () => [], forThePast: (asked) => asked },
          bounds: () => ({ gapMs: 1, maxMs: 1 }),
          now: () => NOW,
        },
        rule,
        search,
      ),
    tokens: {
      ...noTokens,
      verify: async (token) => (Object.hasOwn(TOKENS, token) ? { name: token, scopes: TOKENS[token] ?? [] } : undefined),
    },
    accounts: noAccounts,
    lookUps: noLookUps,
    lists: noLists,
    scim: noScim,
    savedSearches: noSavedSearches,
    ruleCare: noRuleCare,
    listening: noListening,
    digests: { planned: async () => [], preview: async (name) => (name === 'weekly' ? [['Quiet.']] : undefined) },
    auth: () => authSettings.parse({}),
    pageUrl: () => 'http://localhost',
    version: '0.0.0',
    httpSources: () => sources,
    unready: () => reasons,
    hub: {
      intake: async () => ({ open: true, rawLogBytes: 10, rawLogMaxBytes: 100, sources: [] }),
      disk: async () => ({ level: 'ok', freeBytes: 1e12, totalBytes: 2e12 }),
      outbox: async () => ({ waiting: 1, dead: 2 }),
      counts: async () => [],
      correlations: () => undefined,
      isStaged: () => false,
      quietedBy: () => [],
      ruleFile: () => undefined,
      explainRule: (id, { fields }) => (id === 'su' ? explained(fields) : undefined),
      ruleTests: () => new Map(),
      alertFigures: async () => ({
        byLevel: { informational: 0, low: 2, medium: 0, high: 1, critical: 1 },
        rules: [],
        people: [{ name: 'alice', count: 3 }],
      }),
    },
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'earshot_engine_up 1\n' }),
    onAudit: (event) => audits.push(event),
    telemetry: silent,
    now: () => NOW,
    ...given,
  };
  const app = createApi(deps, { trusted: false, ...options });
  return { app, deps, engine, audits, batches, reasons, followed };
}

/** As if a rule had a leaf that is true of the event. */
function explained(fields: Fields): ReturnType<ApiDeps['hub']['explainRule']> {
  const leaf = {
    kind: 'leaf',
    truth: true,
    label: 's: event.dataset: x',
    field: 'event.dataset',
    value: String(fields['event.dataset']),
  } as const;
  const rule = { id: '5f1c0a52', version: 'v', name: 'su', title: 'Su', level: 'low', description: '', ...EMPTY } as const;
  return { rule, fires: true, logSource: [], tree: { kind: 'not', truth: false, children: [leaf] }, because: [leaf] };
}

const EMPTY = { tags: [], falsepositives: [], nextSteps: [], groupBy: [] } as const;

export const as = (token: string) => ({ authorization: `Bearer ${token}` });
