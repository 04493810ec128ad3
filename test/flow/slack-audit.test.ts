import { rmSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditLogEntry, SlackAuditSimulator, serveSlackAudit } from '../simulators/slack-audit-api.ts';
import { eventually, HubProcess } from '../support/hub-process.ts';
import { readEvents } from '../support/no-loss-checks.ts';
import { propertySeed } from '../support/property-seed.ts';
import { liveThroughAudit } from '../support/slack-audit-lives.ts';

describe("Slack's audit log", () => {
  it('is read once each entry, through kills, late entries, used up calls, lost cursors, outages and clocks that are off', async () => {
    const { lost, doubled, wrong, ...counts } = await liveThroughAudit(20_000, propertySeed);
    console.log(`slack audit: ${JSON.stringify(counts)}`);
    expect({ lost, doubled, wrong }).toEqual({ lost: [], doubled: [], wrong: [] });
    expect(counts.kills).toBeGreaterThan(10);
    // How many of each there are is a matter of when a life ends.
    expect(counts.limited).toBeGreaterThan(0);
    expect(counts.rejected).toBeGreaterThan(0);
  });

  it('is found in a hub, each entry once, however the hub ended', async () => {
    const slack = new SlackAuditSimulator({ perMinute: 1_000 });
    const served = await serveSlackAudit(slack);
    const second = Math.floor(Date.now() / 1_000);
    const entries = Array.from({ length: 900 }, (_, n) => auditLogEntry(n, second - 4 * n));
    slack.add(...entries.slice(100));
    const hub = await HubProcess.create({
      sources: {
        slack: {
          type: 'slack_audit',
          token: slack.token,
          api_url: served.apiUrl,
          backfill_days: 1,
          backfill_slice_hours: 24,
          page_size: 100,
          calls_per_minute: 50,
          poll_interval_secs: 1,
        },
      },
    });
    onTestFinished(async () => {
      await hub.kill('SIGTERM');
      await served.stop();
      rmSync(hub.dataDir, { recursive: true, force: true });
    });
    const sent = () => slack.calls.reduce((sum, call) => sum + call.entries, 0);

    await hub.start();
    await eventually(async () => sent() > 300);
    await hub.kill();
    // These have come to Slack's log late, as the hub was down.
    slack.add(...entries.slice(0, 100));
    await hub.start();
    await eventually(
      async () => slack.calls.some(({ query }) => query.oldest !== undefined && Number(query.oldest) < second - 23 * 3_600),
      {
        withinMs: 60_000,
      },
    );
    await hub.post('/api/control/drain', '');
    const originals = await eventually(
      async () => {
        const found = (await readEvents(hub)).map(({ original }) => original);
        return found.length >= entries.length && found;
      },
      { withinMs: 20_000 },
    );
    const found = async (q: string) => (await hub.get(`/api/events?from=now-1d&q=${encodeURIComponent(q)}`)).json as { events: unknown[] };
    expect((await found('event.dataset:slack.audit')).events).not.toHaveLength(0);
    expect((await found('tags:dataset_mismatch')).events).toHaveLength(0);
    expect(originals.toSorted()).toEqual(entries.map(({ text }) => text).toSorted());

    slack.script({ kind: 'error', status: 403, error: 'user_not_authorized' });
    const doors = await eventually(async () => {
      const { json } = await hub.get('/api/sources');
      const text = JSON.stringify(json);
      return text.includes('EAR_SOURCE_REFUSED') && text;
    });
    expect(doors).toContain('user_not_authorized');
  });
});
