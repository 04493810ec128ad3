import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSlackApi } from '../test/simulators/slack-api.ts';
import { auditLogEntry, SlackAuditSimulator, serveSlackAudit } from '../test/simulators/slack-audit-api.ts';
import { HubProcess } from '../test/support/hub-process.ts';

/**
 * From the moment in which Slack's audit API shows an entry to the alert in the channel, through the whole hub: entries at random moments,
 * each an alert of its own. `--poll`: how often the hub asks, in seconds.
 */
const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '60' },
    every: { type: 'string', default: '2' },
    poll: { type: 'string', default: '5' },
  },
});
const [entries, every, poll] = [Number(values.entries), Number(values.every), Number(values.poll)];

const RULE = `
title: File Fetched
id: 5d2f6a52-7a0e-4a55-9d0a-1f6f4b1f7c12
description: Somebody fetched a file.
author: Earshot
date: 2026-11-21
taxonomy: ecs
logsource: { product: slack, service: audit }
detection:
  selection: { event.action: file_downloaded }
  condition: selection
level: high
earshot: { group_by: [user.name] }
`;

const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-slack-'));
writeFileSync(join(folder, 'file_fetched.yml'), RULE);
const audit = new SlackAuditSimulator();
const [log, slack] = [await serveSlackAudit(audit), await startSlackApi({ burst: 1_000 })];
const hub = await HubProcess.create({
  rules: { folders: [folder] },
  sources: {
    slack: {
      type: 'slack_audit',
      token: audit.token,
      api_url: log.apiUrl,
      poll_interval_secs: poll,
      calls_per_minute: 50,
      backfill_days: 0,
    },
  },
  notifiers: {
    security: { type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl, token: slack.token, context: false },
  },
  routes: [{ name: 'files', when: { rules: ['file_fetched'] }, to: ['security'] }],
});
await hub.start();
await sleep(3 * poll * 1_000);
const shownAt = new Map<string, number>();
for (let n = 1; n <= entries; n += 1) {
  await sleep(Math.random() * 2 * every * 1_000);
  const actor = `W0BENCH${String(n).padStart(4, '0')}`;
  const now = Date.now();
  shownAt.set(actor, now);
  const entry = auditLogEntry(n, Math.floor(now / 1_000), { actor, visibleAt: now });
  audit.add({ ...entry, text: entry.text.replace(/"name":"J.*? Ö"/, `"name":"${actor}"`) });
}
await slack.until(() => [...shownAt.keys()].every((actor) => toldAt(actor) !== undefined));
const waited = [...shownAt].map(([actor, at]) => ((toldAt(actor) ?? 0) - at) / 1_000).toSorted((a, b) => a - b);
const share = (of: number) => (waited[Math.ceil(of * waited.length) - 1] ?? 0).toFixed(1);
console.log(`${entries} entries, asked for each ${poll} s; ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
console.log(`| p50 s | p95 s | most s | goal for p95 |\n|---|---|---|---|\n| ${share(0.5)} | ${share(0.95)} | ${share(1)} | ${poll + 3} |`);
await hub.kill('SIGTERM');
await Promise.all([log.stop(), slack.stop()]);
for (const each of [folder, hub.dataDir]) rmSync(each, { recursive: true, force: true });

/** When a message first had the name, in milliseconds since the epoch. */
function toldAt(actor: string): number | undefined {
  return slack.calls.find(
    ({ method, error, args }) => method === 'chat.postMessage' && error === undefined && JSON.stringify(args).includes(actor),
  )?.at;
}
