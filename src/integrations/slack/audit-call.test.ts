import { beforeEach, describe, expect, it } from 'vitest';
import { SlackAuditSimulator } from '../../../test/simulators/slack-audit-api.ts';
import { createPacedFetch, type PacedFetch } from '../../lib/paced-fetch.ts';
import { callAuditLogs } from './audit-call.ts';
import { slackAuditSettings } from './audit-settings.ts';

describe('the calls of an organization', () => {
  let now: number;
  let slack: SlackAuditSimulator;
  let fetch: PacedFetch;

  beforeEach(() => {
    now = Date.UTC(2026, 0, 30);
    slack = new SlackAuditSimulator({ now: () => now });
    fetch = createPacedFetch({
      fetch: slack.fetch,
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
      onCall: () => undefined,
    });
  });

  /** A source of its own: what it reads is its own, and what it may call is not. */
  const ask = (over: object = {}) =>
    callAuditLogs(
      {},
      {
        settings: slackAuditSettings.parse({ type: 'slack_audit', token: slack.token, ...over }),
        limit: 10,
        fetch,
        signal: new AbortController().signal,
      },
    );

  it('are 50 a minute for all sources together', async () => {
    const from = now;
    for (let i = 0; i < 150; i++) expect(await ask(i % 2 === 0 ? {} : { anomalies_only: true })).toMatchObject({ kind: 'page' });
    expect((now - from) / 1_000).toBeCloseTo(((150 - 5) * 60) / 50, 0);
    expect(slack.calls.every(({ status }) => status === 200)).toBe(true);
  });

  it('wait for all of them as long as Slack has told one', async () => {
    slack.script({ kind: 'answer', status: 429, body: '<html>', headers: { 'retry-after': '47' } });
    expect(await ask()).toEqual({ kind: 'limited', afterMs: 47_000 });
    expect(await ask({ actions: ['user_login'] })).toEqual({ kind: 'limited', afterMs: 47_000 });
    // Of another organization, or another app.
    expect(await ask({ token: 'xoxp-another' })).toMatchObject({ kind: 'refused' });
    expect(slack.calls).toHaveLength(2);
    now += 47_000;
    expect(await ask({ actions: ['user_login'] })).toMatchObject({ kind: 'page' });
  });
});
