import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SlackApiOptions, type SlackApiSimulator, type SlackMessage, startSlackApi } from '../simulators/slack-api.ts';
import { HubProcess } from './hub-process.ts';
import { VAULT_RULE } from './vault-rule.ts';

export interface SlackHubOptions {
  readonly slack?: SlackApiOptions;
  /** More of the hub's settings, by where the simulated Slack is. */
  settings(bot: { readonly type: 'slack_bot'; readonly channel: string; readonly api_url: string }, slack: SlackApiSimulator): object;
}

/** A hub with one rule, `Vault Opened`, that tells in a simulated Slack. */
export class SlackHub {
  readonly hub: HubProcess;
  readonly slack: SlackApiSimulator;
  readonly #folder: string;
  #token = '';

  private constructor(hub: HubProcess, slack: SlackApiSimulator, folder: string) {
    this.hub = hub;
    this.slack = slack;
    this.#folder = folder;
  }

  static async start({ slack: options, settings }: SlackHubOptions): Promise<SlackHub> {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-rules-'));
    writeFileSync(join(folder, 'vault_opened.yml'), VAULT_RULE);
    const slack = await startSlackApi(options);
    const more = settings({ type: 'slack_bot', channel: slack.channel, api_url: slack.apiUrl }, slack);
    const hub = await HubProcess.create({ rules: { shipped: false, folders: [folder] }, ...more });
    await hub.start();
    const started = new SlackHub(hub, slack, folder);
    const { json } = await started.post('/api/tokens', { name: 'vault', scopes: ['ingest'] });
    started.#token = (json as { token: string }).token;
    return started;
  }

  async stop(): Promise<void> {
    await this.hub.kill('SIGTERM');
    await this.slack.stop();
    for (const each of [this.hub.dataDir, this.#folder]) rmSync(each, { recursive: true, force: true });
  }

  post(path: string, body: unknown): Promise<{ status: number; json: unknown }> {
    return this.hub.post(path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  /** Sends events of people who open vaults. */
  async opened(...vaults: readonly { readonly user: string; readonly host?: string }[]): Promise<void> {
    const lines = vaults.map(({ user, host = 'vault1.example.com' }) =>
      JSON.stringify({
        message: `${user} opened a vault`,
        event: { action: 'vault_opened' },
        observer: { vendor: 'Segura', product: 'Segura' },
        user: { name: user },
        host: { name: host },
      }),
    );
    const sent = await fetch(`http://127.0.0.1:${this.hub.ports.api}/ingest/http`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${this.#token}` },
      body: lines.join('\n'),
    });
    if (sent.status !== 200) throw new Error(`the events were answered ${sent.status}: ${await sent.text()}`);
  }

  /** Opens an alert about somebody, and gives the message that tells of it. */
  async toldOf(user: string): Promise<SlackMessage> {
    await this.opened({ user });
    await this.slack.until(() => this.messageOf(user) !== undefined);
    return this.present(user);
  }

  messageOf(user: string): SlackMessage | undefined {
    return this.slack.messages.find(({ text }) => text.includes(user));
  }

  present(user: string): SlackMessage {
    const message = this.messageOf(user);
    if (message === undefined) throw new Error(`nothing was told of ${user}`);
    return message;
  }

  /** The blocks of the message about somebody, as text. */
  shown(user: string): string {
    return JSON.stringify(this.messageOf(user)?.blocks);
  }

  /** The first alert of a message. */
  async alertOf({ metadata }: SlackMessage): Promise<AlertAnswer> {
    const ids = metadata?.event_payload.alert_ids;
    const { json } = await this.hub.get(`/api/alerts/${Array.isArray(ids) ? ids[0] : ''}`);
    return json as AlertAnswer;
  }
}

interface AlertAnswer {
  readonly id: string;
  readonly state: string;
  readonly assignee?: string;
  readonly resolution?: string;
  readonly history: readonly { readonly change: string; readonly actor: string; readonly about: Readonly<Record<string, string>> }[];
}
