import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, HubProcess } from '../support/hub-process.ts';

const HOUR = 3_600_000;
const NOW = Date.now();
const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const line = (at: number, kind: string, keys: string): string =>
  `<13>1 ${new Date(at).toISOString()} vault01 senhasegura - - - CEF:0|MT4|senhasegura|3.32.0|${kind}|5|${keys}`;
const request = (kind: string, who: string): string =>
  line(
    NOW - 3 * HOUR,
    kind,
    `sname=${who} Example suser=${who.toLowerCase()} suid=44 dst=192.0.2.10 duser=root cs1Label=Change Request cs1=S1 ` +
      `cs2Label=Validity Start cs2=${stamp(NOW - 3 * HOUR)} cs3Label=Validity End cs3=${stamp(NOW - HOUR)} ` +
      'cs5Label=Requester cs5=Ana Example Cs6=Action Cs7=Start session msg=Request',
  );
const LINES = [
  request('13|New request', 'Ana'),
  request('14|Request approved', 'Max'),
  line(
    NOW - 2 * HOUR,
    '16|Session started',
    'sname=Ana Example suser=ana dst=192.0.2.10 dhost=db10.example.com duser=root suid=153 msg=Started',
  ),
  // Left open yesterday; another with the same account on the same machine has ended since.
  ...[
    [26, '16|Session started'],
    [20, '16|Session started'],
    [19, '17|Session finished'],
  ].map(([hours, kind]) =>
    line(
      NOW - Number(hours) * HOUR,
      `${kind}`,
      'sname=Cleo Example suser=cleo dst=192.0.2.12 dhost=db12.example.com duser=root suid=153 msg=Session',
    ),
  ),
];

let hub: HubProcess;
beforeAll(async () => {
  hub = await HubProcess.create({ sources: { http: { type: 'http' } } });
  await hub.start();
});
afterAll(async () => {
  await hub.kill('SIGTERM');
  rmSync(hub.dataDir, { recursive: true, force: true });
});

interface Alerts {
  readonly alerts: readonly { readonly id: string; readonly rule_name: string; readonly count: number; readonly group: object }[];
}
const found = async (rule = 'vault_session_beyond_approval') => {
  const { json } = await hub.get(`/api/alerts?rule=${rule}`);
  return (json as Alerts).alerts;
};

it('a session that goes on beyond what was approved leads to one alert, after a restart neither to another', async () => {
  const { status } = await hub.post('/ingest/http', LINES.join('\n'), { 'content-type': 'text/plain' });
  expect(status).toBe(200);
  const [alert] = await eventually(async () => ((await found()).length > 0 ? await found() : undefined), { withinMs: 90_000 });
  const { json } = await hub.get('/api/sessions?approval=outran_window');
  const { sessions } = json as { readonly sessions: readonly { readonly id: string; readonly state: string; readonly alerts: number }[] };
  expect(sessions).toMatchObject([{ state: 'open' }]);
  expect(alert).toMatchObject({
    rule_name: 'vault_session_beyond_approval',
    count: 1,
    group: { 'earshot.audit.session_id': sessions[0]?.id },
  });
  expect(sessions[0]?.alerts).toBeGreaterThan(0);
  await hub.kill('SIGKILL');
  await hub.start();
  // Its first look is at its start, the next half a minute later.
  await new Promise((resolve) => setTimeout(resolve, 35_000));
  expect(await found()).toMatchObject([{ count: 1 }]);
  expect(await found('vault_session_never_ended')).toMatchObject([{ count: 1, group: { 'user.name': 'cleo' } }]);
}, 180_000);
