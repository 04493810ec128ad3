import { stringify } from 'yaml';
import type { DemoFolder } from './demo-folder.ts';

const on = (port: number) => `127.0.0.1:${port}`;

/** The hub's configuration, as a user could have written it: Acme's systems each have a door of their own. `rules`: folder of Acme's own. */
export function demoSettings(folder: DemoFolder, rules: string, now: number): string {
  const { ports } = folder.state;
  const tls = folder.certificate(now);
  const vault = (port: number) => ({ type: 'syslog', udp: false, tcp: false, relp: false, tls: { listen: on(port), ...tls } });
  const settings = {
    data_dir: folder.file('data'),
    api: { listen: on(ports.api) },
    sources: {
      segura: vault(ports.segura),
      osirium: vault(ports.osirium),
      linux: { type: 'syslog', udp: false, tcp: false, relp: { listen: on(ports.linux) } },
      crm: { type: 'http', datasets: ['acme.crm'] },
      doors: { type: 'http', datasets: ['acme.doors'] },
    },
    people: { files: [folder.file('people.yaml')], domains: ['example.com', 'EXAMPLE'] },
    lists: { folders: [folder.file('lists')] },
    rules: { folders: [rules] },
    notifiers: { slack: { ...SLACK, api_url: `http://${on(ports.slack)}/api/`, base_url: `http://${on(ports.api)}` } },
    routes: [{ name: 'from medium up', when: { least_level: 'medium' }, to: ['slack'] }],
  };
  return `# Made by \`earshot demo\`, which writes it anew at each start.\n${stringify(settings)}`;
}

/** The simulated Slack's only channel, and what it lets in. */
const SLACK = { type: 'slack_bot', token: 'xoxb-0000000000-made-up', channel: 'C0123456789' };
