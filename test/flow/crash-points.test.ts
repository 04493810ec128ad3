import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackSimulator, startSlackSimulator } from '../simulators/slack-webhook.ts';
import { CRASH_POINTS, type CrashPoint } from '../support/crash-points.ts';
import { earshot, eventually, HubProcess } from '../support/hub-process.ts';
import { checkAlerts, checkEvents, checkSlack, readAlerts, readEvents, type Sent } from '../support/no-loss-checks.ts';
import { alarming, ordinary, userOf } from '../support/numbered-messages.ts';
import { RelpClient } from '../support/relp-client.ts';

const preload = pathToFileURL(join(import.meta.dirname, '..', 'support', 'crash-preload.ts')).href;
/** The sender never hears that these were taken, so it sends them again. */
const UNACKNOWLEDGED: readonly CrashPoint[] = ['before append', 'after append'];

let hub: HubProcess;
let slack: SlackSimulator;
const sent: Record<keyof Sent, Set<string>> = { relp: new Set(), thrice: new Set(), http: new Set(), import: new Set() };

beforeAll(async () => {
  slack = await startSlackSimulator({ limited: false });
  hub = await HubProcess.create(
    { log: { level: 'debug' }, notifiers: { slack: { type: 'slack_webhook', url: slack.url } } },
    { nodeOptions: [`--import=${preload}`] },
  );
});

afterAll(async () => {
  await hub.kill('SIGTERM');
  await slack.stop();
  rmSync(hub.dataDir, { recursive: true, force: true });
});

/** Sends by RELP and by HTTP with a key, as senders do that give up when the connection breaks. */
async function send(n: number): Promise<void> {
  const key = { 'idempotency-key': `crash-${n}`, 'content-type': 'text/plain' };
  const behind = ordinary('http', n);
  const client = await RelpClient.open(hub.ports.relp);
  const { id, line } = alarming('relp', n);
  await Promise.allSettled([
    client.send(line).then(() => sent.relp.add(id)),
    hub.post('/ingest/http', behind.line, key).then(({ status }) => status === 200 && sent.http.add(behind.id)),
  ]);
  client.destroy();
}

describe('a hub that ends by SIGKILL at one point', () => {
  it.each(CRASH_POINTS.map((point, i) => [point, i + 1] as const))('%s', async (point, n) => {
    await hub.start({ EARSHOT_CRASH_AT: point, EARSHOT_CRASH_ID: `relp-${n}`, EARSHOT_CRASH_RAW_LOG: join(hub.folder, 'raw-log') });
    await send(n);
    await eventually(async () => !hub.running).catch(async (error: unknown) => {
      await hub.kill();
      throw new Error(`the point was not reached:\n${hub.log.slice(-8_000)}`, { cause: error });
    });
    expect(sent.relp.has(`relp-${n}`)).toBe(!UNACKNOWLEDGED.includes(point));
  });

  it('has lost nothing, repeated nothing that has an identity, and told everything', async () => {
    await hub.start();
    const again = [...CRASH_POINTS.keys()].map((i) => i + 1).filter((n) => !sent.relp.has(`relp-${n}`) || !sent.http.has(`http-${n}`));
    for (const n of again) await send(n);
    await hub.post('/api/control/drain', '');
    await eventually(async () => ((await hub.get('/api/outbox?states=pending,sending')).json as { total: number }).total === 0);

    const numbers = CRASH_POINTS.map((_, i) => i + 1);
    expect(numbers.filter((n) => !sent.relp.has(`relp-${n}`) || !sent.http.has(`http-${n}`))).toEqual([]);
    const events = await readEvents(hub);
    const alerts = await readAlerts(hub);
    const faults = { ...checkEvents(events, sent), ...checkAlerts(events, alerts), ...checkSlack(alerts, slack.messages) };
    expect(Object.entries(faults).filter(([, found]) => found.length > 0)).toEqual([]);
    expect(new Set(alerts.map(({ group }) => group['user.name']))).toEqual(new Set(numbers.map((n) => userOf(`relp-${n}`))));
    const told = (point: CrashPoint) => {
      const user = userOf(`relp-${CRASH_POINTS.indexOf(point) + 1}`);
      return slack.messages.filter(({ text }) => text.includes(user)).length;
    };
    // What Slack had taken before the kill comes once more, and says so; what was written down as told does not.
    expect([told('after send'), told('before settle'), told('after settle')]).toEqual([2, 2, 1]);
    expect((await earshot(['verify', '--config', hub.configFile])).stdout).toMatch(/^good: /);
  });
});
