import { createAlertFigures } from './alert/alert-figures.ts';
import type { HubView, IntakeView } from './api/hub-view.ts';
import type { App } from './app.ts';
import { explainWhy } from './detect/explain.ts';
import { type RuleTests, readRuleFile, ruleTests } from './detect/rule-file.ts';
import { membersOf } from './detect/sigma/load.ts';
import { judgedOf } from './detect/sql-hits.ts';
import { createOutboxView } from './notify/outbox-view.ts';
import { parseListen } from './sources/listen.ts';
import { diskState } from './store/health.ts';
import type { MetricsRegistry } from './telemetry/registry.ts';

/** What the hub says of itself to its pages. */
export function createHubView(app: App, metrics: MetricsRegistry): HubView {
  const outbox = createOutboxView(app.state, Date.now, () => undefined);
  // Tests are files: they are counted once for each set of rules that runs.
  let counted: { readonly of: unknown; readonly tests: ReadonlyMap<string, RuleTests> } | undefined;
  return {
    intake: () => intakeOf(app),
    disk: () => diskState(app.dataDir, app.settings.disk),
    outbox: async () => {
      const [waiting, dead, unsaid] = await Promise.all([
        outbox.list({ states: ['pending', 'sending'], limit: 1 }),
        outbox.list({ states: ['dead'], limit: 1 }),
        outbox.unsaid(),
      ]);
      return { waiting: waiting.total, dead: dead.total + unsaid.reduce((sum, { count }) => sum + count, 0) };
    },
    counts: async (names) => (await Promise.all(names.map((name) => metrics.values(name)))).flat(),
    correlations: () => app.correlations,
    isStaged: (rule) => app.ruleBook.isOnTrial(rule),
    quietedBy: (id) => app.ruleBook.quietedBy(id).map((by) => ({ id: by.id, title: by.title })),
    ruleFile: (id) => {
      const rule = membersOf(app.ruleBook.loaded).find((each) => each.id === id);
      return rule && readRuleFile(rule);
    },
    explainRule: (id, event) => {
      const rule = app.ruleBook.loaded.rules.find((each) => each.id === id.toLowerCase() || each.name === id);
      return rule && { rule, ...explainWhy(rule, judgedOf(event)) };
    },
    ruleTests: () => {
      const { loaded } = app.ruleBook;
      if (counted?.of !== loaded) counted = { of: loaded, tests: new Map(membersOf(loaded).map((each) => [each.id, ruleTests(each)])) };
      return counted.tests;
    },
    alertFigures: createAlertFigures(app.state),
  };
}

async function intakeOf({ ingest, settings }: App): Promise<IntakeView> {
  const { rawLog, sources } = await ingest.status();
  return {
    open: ingest.open,
    ...(ingest.closedBecause !== undefined && { why: ingest.closedBecause }),
    rawLogBytes: rawLog.bytes,
    rawLogMaxBytes: rawLog.maxBytes,
    ...(rawLog.oldestReceivedAt !== undefined && { oldestReceivedAt: rawLog.oldestReceivedAt }),
    sources: [...sources, ...httpSources(settings)],
  };
}

/** HTTP sources are served by the API's own listener, and not by the ingest thread. */
function httpSources({ sources, api }: App['settings']): IntakeView['sources'] {
  const listen = parseListen(api.listen);
  const host = listen.ok && listen.value.host.includes(':') ? `[${listen.value.host}]` : listen.ok ? listen.value.host : '';
  const port = listen.ok ? listen.value.port : 0;
  return Object.entries(sources).flatMap(([name, { type }]) =>
    type === 'http' ? [{ name, type, listening: [`http://${host}:${port}/ingest/${name}`], refusals: [] }] : [],
  );
}
