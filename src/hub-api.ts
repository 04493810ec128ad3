import type { FastifyInstance } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import type { ApiDeps } from './api/deps.ts';
import { hopsBehindFront } from './api/front.ts';
import { type ControlDeps, controlRoutes } from './api/routes/control.ts';
import { createApi } from './api/server.ts';
import { pageUrlOf } from './api/settings.ts';
import type { App } from './app.ts';
import type { LineFault } from './hub/clicks/click-lines.ts';
import type { Reloaded } from './hub/configuration/reload.ts';
import { createListeningService } from './hub/listening/listening-service.ts';
import { PrivilegedSessions } from './hub/privileged/privileged-sessions.ts';
import { backtest } from './hub/rules/backtest.ts';
import { createRuleCareService } from './hub/rules/rule-care-service.ts';
import { ruleReport } from './hub/rules/running-rules.ts';
import { createHubView } from './hub-view.ts';
import { SESSION_EVENTS } from './integrations/index.ts';
import { EarshotError } from './lib/errors.ts';
import { createOutboxView } from './notify/outbox-view.ts';
import { chainHash } from './raw-log/chain.ts';
import type { Settings } from './settings.ts';
import { HttpSource } from './sources/http/http-source.ts';
import { ByteBudget } from './sources/http/read-body.ts';
import { storeSize } from './store/size.ts';
import type { ChainLink, State } from './store/state/state.ts';
import { verifyChain } from './store/verify.ts';
import type { MetricsRegistry } from './telemetry/registry.ts';

export interface HubApiDeps {
  readonly app: App;
  readonly metrics: MetricsRegistry;
  /** Lines over which clicks would come that are down. */
  lineFaults(): readonly LineFault[];
  /** Reads the configuration again and applies it. */
  reload(): Promise<Reloaded>;
}

/** Memory that the bodies of all HTTP sources may take together. */
const BODY_BUDGET_BYTES = 256 * 1024 * 1024;
const DRAIN_BOUND_MS = 10_000;

/** The API of one app: `trusted` for its own Unix socket, with what the command line needs; `open` for the world, behind the front door. */
export function buildApis(deps: HubApiDeps): { readonly open: FastifyInstance; readonly trusted: FastifyInstance } {
  const api = apiDeps(deps);
  const trusted = createApi(api, { trusted: true });
  controlRoutes(trusted, controlDeps(deps));
  return { open: createApi(api, { trusted: false, believedHops: hopsBehindFront(deps.app.settings.api.behind_proxy) }), trusted };
}

function apiDeps({ app, metrics, lineFaults }: HubApiDeps): ApiDeps {
  const budget = new ByteBudget(BODY_BUDGET_BYTES);
  let built: { readonly for: unknown; readonly sources: ReadonlyMap<string, HttpSource> } | undefined;
  const httpSources = () => {
    const wanted = app.settings.sources;
    if (built?.for !== wanted) built = { for: wanted, sources: createHttpSources(app, budget) };
    return built.sources;
  };
  const report = ruleReport();
  return {
    engine: app.engine,
    tail: app.tail,
    node: app.settings.node,
    alerts: app.alerts,
    acts: app.acting,
    asks: app.asking,
    lineFaults,
    trust: app.trust,
    privilegedSessions: new PrivilegedSessions({
      engine: app.engine,
      products: SESSION_EVENTS,
      settings: () => app.settings.privileged_sessions,
      now: Date.now,
    }),
    outbox: createOutboxView(app.state, Date.now, () => app.telling.wake()),
    rules: () => report(app.ruleBook.loaded),
    backtest: (rule, search) => {
      const { group_gap_secs: gap, group_max_secs: most } = app.settings.alerts;
      const options = () => app.ruleBook.reading;
      const bounds = () => ({ gapMs: gap * 1_000, maxMs: most * 1_000 });
      return backtest(
        { engine: app.engine, rules: () => app.ruleBook.loaded, options, lists: app.listHistory, bounds, now: Date.now },
        rule,
        search,
      );
    },
    tokens: app.state.tokens,
    accounts: app.state,
    lookUps: app.lookUps,
    lists: app.state.lists,
    scim: app.state.scim,
    savedSearches: app.state.savedSearches,
    ruleCare: createRuleCareService(app),
    listening: createListeningService(app),
    digests: app.digesting,
    auth: () => app.settings.auth,
    pageUrl: () => pageUrlOf(app.settings.api),
    version: manifest.version,
    httpSources,
    unready: () => unready(app),
    hub: createHubView(app, metrics),
    metrics: () => metrics.print(),
    onAudit: (event) => app.audit(event),
    telemetry: app.telemetry,
    now: Date.now,
  };
}

function createHttpSources(app: App, budget: ByteBudget): ReadonlyMap<string, HttpSource> {
  const { telemetry, ingest: intake } = app;
  return new Map(
    Object.entries(app.settings.sources).flatMap(([name, settings]) =>
      settings.type === 'http' ? [[name, new HttpSource({ name, settings, intake, budget, telemetry, now: Date.now })] as const] : [],
    ),
  );
}

function unready({ engine, ingest }: App): string[] {
  return [
    ...(engine.up ? [] : ['the event engine does not answer']),
    ...(ingest.closedBecause === undefined ? [] : [`nothing is taken in: ${ingest.closedBecause}`]),
  ];
}

function controlDeps({ app, reload }: HubApiDeps): ControlDeps {
  return {
    append: async (batch) => {
      // As every source does: an import must not fill what is left of a disk.
      if (app.disk.refusal !== undefined) throw new EarshotError('EAR_DISK_LOW', app.disk.refusal);
      if (app.ingest.closedBecause !== undefined)
        throw new EarshotError('EAR_RAW_LOG_FULL', `nothing is taken in: ${app.ingest.closedBecause}`);
      return await app.ingest.append(batch);
    },
    keysWithPrefix: async (prefix) => {
      // Keys of the last moments are in the raw log only, until alerting has them.
      await Promise.race([app.ingest.drain(), new Promise((resolve) => setTimeout(resolve, DRAIN_BOUND_MS).unref())]);
      return allKeys(app.state, prefix);
    },
    drain: () => app.ingest.drain(),
    verify: async () => {
      await app.ingest.drain();
      return await verifyChain(app.engine, chainLinks(app), chainHash);
    },
    reload: async () => {
      const { applied, faults, notes } = await reload();
      return { applied, faults: [...faults], notes: [...notes] };
    },
    store: () => storeSize(app.engine),
    onAudit: (event) => app.audit(event),
    now: Date.now,
  };
}

async function allKeys(state: State, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for (let after: string | undefined; ; after = keys.at(-1)) {
    const page = await state.ingestKeys.withPrefix(prefix, after === undefined ? {} : { after });
    if (page.length === 0) return keys;
    keys.push(...page.map(({ key }) => key));
  }
}

/** All links of this hub's hash chain, in order. */
export async function* chainLinks({
  state,
  settings: { node },
}: {
  readonly state: Pick<State, 'positions'>;
  readonly settings: Pick<Settings, 'node'>;
}): AsyncGenerator<ChainLink> {
  for (let fromSeq = 0; ; ) {
    const page = await state.positions.chainLinks(node, { fromSeq });
    yield* page;
    const last = page.at(-1);
    // Only an empty page is the end: how long a page may be is the database's own matter.
    if (last === undefined) return;
    fromSeq = last.lastSeq + 1;
  }
}
