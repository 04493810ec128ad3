import { stringify } from 'yaml';
import { WEEKDAYS } from '../digest/period.ts';
import type { DemoFolder } from './demo-folder.ts';

/** The vaults, by the names in their certificates: what they say of approvals counts because it is theirs. */
export const VAULTS = {
  segura: { name: 'vault01.example.com', datasets: ['segura.pam', 'segura.system'] },
  osirium: { name: 'pxm01.example.com', datasets: ['osirium.pam'] },
} as const;

const on = (port: number) => `127.0.0.1:${port}`;

/** The hub's configuration, as a user could have written it: Acme's systems each have a door of their own. `rules`: folder of Acme's own; `days`: of its past. */
export function demoSettings(folder: DemoFolder, { rules, days }: { readonly rules: string; readonly days: number }, now: number): string {
  const { ports } = folder.state;
  const tls = folder.certificate(now);
  const vault = ({ name, datasets }: (typeof VAULTS)[keyof typeof VAULTS], port: number) => ({
    ...{ type: 'syslog', udp: false, tcp: false, relp: false },
    tls: {
      ...{ listen: on(port), ...tls },
      ...{ client_ca_file: folder.senderCertificate(name, now).certificate_file, client_certificates: 'require' },
    },
    peers: [{ certificate: name, datasets }],
  });
  const settings = {
    data_dir: folder.file('data'),
    api: { listen: on(ports.api) },
    sources: {
      segura: vault(VAULTS.segura, ports.segura),
      osirium: vault(VAULTS.osirium, ports.osirium),
      linux: { type: 'syslog', udp: false, tcp: false, relp: { listen: on(ports.linux) } },
      crm: { type: 'http', datasets: ['acme.crm'] },
      doors: { type: 'http', datasets: ['acme.doors'] },
      slack: { ...SLACK_AUDIT, api_url: `http://${on(ports.slackAudit)}/audit/v1/`, backfill_days: days },
    },
    acts: { systems: { slack: { ...SLACK_SESSIONS, api_url: `http://${on(ports.slackAdmin)}/api/` } } },
    people: { files: [folder.file('people.yaml')], domains: ['example.com', 'EXAMPLE'] },
    lists: { folders: [folder.file('lists')] },
    rules: { folders: [rules] },
    notifiers: { slack: { ...SLACK, api_url: `http://${on(ports.slack)}/api/`, base_url: `http://${on(ports.api)}` } },
    // The past comes in all at once: what goes on now is not to wait for it to be told.
    outbox: { burst: 20 },
    routes: [{ name: 'from medium up', when: { least_level: 'medium' }, to: ['slack'] }],
    digests: [soonDigest(now)],
  };
  return `# Made by \`earshot demo\`, which writes it anew at each start.\n${stringify(settings)}`;
}

/** What the last week was like, told once the past is in and what goes on now has begun. */
function soonDigest(now: number) {
  const due = new Date(now + DIGEST_AFTER_MS);
  const weekday = WEEKDAYS[(due.getUTCDay() + 6) % 7];
  return { name: 'acme_week', to: 'slack', every: 'week', weekday, at: due.toISOString().slice(11, 16), time_zone: 'UTC' };
}

const DIGEST_AFTER_MS = 240_000;

/** Whoever looks at the simulated channel: their member ID there, and their name here. */
export const VIEWER = { member: 'U0DEMO00001', user: 'demo' } as const;

/** The simulated Slack's only channel, and what it lets in. */
const SLACK = {
  type: 'slack_bot',
  token: 'xoxb-0000000000-made-up',
  channel: 'C0123456789',
  signing_secret: 'made-up-signing-secret',
  people: { [VIEWER.member]: VIEWER.user },
};
const SLACK_AUDIT = {
  type: 'slack_audit',
  token: 'xoxp-0000000000-made-up',
  poll_interval_secs: 2,
  calls_per_minute: 50,
  page_size: 9_999,
  backfill_slice_hours: 168,
};
const SLACK_SESSIONS = { type: 'slack_sessions', token: 'xoxp-1111111111-made-up' };
