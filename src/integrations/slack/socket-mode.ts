import { setTimeout as wait } from 'node:timers/promises';
import type { Secret } from '../../lib/secret.ts';
import type { LineEars, OpenLine } from '../../notify/notifier.ts';
import { isSocketUrl } from './addresses.ts';
import { callSlack } from './client.ts';
import { refusalText } from './exchange.ts';
import { type ConnectionDeps, SocketConnection } from './socket-connection.ts';
import type { SocketEnvelope } from './socket-frames.ts';

export interface SocketModeOptions {
  /** Ends with a slash. */
  readonly apiUrl: string;
  readonly appToken: Secret;
  /** Milliseconds; for tests. */
  readonly firstWaitMs?: number;
  readonly silenceMs?: number;
}

/** At once; each has a successor before it closes. Slack gives an app ten, which other hubs on the same database share. */
const CONNECTIONS = 2;
const ASK_TIMEOUT_MS = 15_000;
const HELLO_MS = 10_000;
/** As Slack's own client has it. */
const SILENCE_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** A connection that ends sooner counts as one that failed: what is closed at once must not be opened again at once, for ever. */
const SHORT_MS = 10_000;

type Answer = Readonly<Record<string, unknown>> | undefined;

/** What to do where waiting does not help. */
const MENDS: Readonly<Record<string, string>> = {
  invalid_auth: 'app_token is not valid: make an app-level token with the scope connections:write, and set it',
  not_authed: 'app_token is empty',
  not_allowed_token_type: 'app_token is of the wrong kind: an app-level token begins with xapp-',
  missing_scope: 'app_token lacks the scope connections:write: make another app-level token',
  token_revoked: 'app_token was revoked: make another app-level token',
  link_disabled: "Socket Mode is switched off: switch it on on the app's page",
  forbidden_team: 'the workspace may not use Socket Mode',
  too_many_websockets: 'the app has ten connections already: which other programs use its app_token?',
};

/**
 * Holds connections to Slack over which it tells of clicks, so that nothing of ours need be reachable ("Using Socket Mode"). Slack ends each
 * after some hours, and says so before: the next is there before it goes. They are opened one at a time, as Slack refuses two that come at
 * once.
 */
export class SocketMode implements OpenLine {
  readonly #options: SocketModeOptions;
  readonly #ears: LineEars;
  readonly #stopping = new AbortController();
  readonly #slots: Promise<void>[];
  readonly #open = new Set<SocketConnection>();
  #opening: Promise<unknown> = Promise.resolve();

  constructor(options: SocketModeOptions, ears: LineEars) {
    this.#options = options;
    this.#ears = ears;
    this.#slots = Array.from({ length: CONNECTIONS }, () => this.#keepOne());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#slots);
    await Promise.all([...this.#open].map((connection) => connection.close()));
  }

  /** Keeps one connection open: as one is about to end, or has ended, the next is opened. */
  async #keepOne(): Promise<void> {
    let current: SocketConnection | undefined;
    for (let failures = 0; !this.#stopping.signal.aborted; ) {
      const next = await this.#openNext();
      if (next instanceof SocketConnection) {
        this.#replace(current, next);
        current = next;
        const openedAt = performance.now();
        await Promise.race([next.ending, aborted(this.#stopping.signal)]);
        failures = performance.now() - openedAt < SHORT_MS ? failures + 1 : 0;
        if (failures > 1) await this.#pause(this.#backoffMs(failures - 1));
      } else {
        failures++;
        this.#stand(next.why);
        await this.#pause(Math.max(next.afterMs ?? 0, this.#backoffMs(failures)));
      }
    }
  }

  #replace(before: SocketConnection | undefined, next: SocketConnection): void {
    this.#open.add(next);
    if (before !== undefined) void before.retire().finally(() => this.#open.delete(before));
    void next.ending.then(() => this.#stand('the connection ended; the next is being opened'));
    this.#stand(undefined);
  }

  /** Says how the line is: with one connection that is open it is up, whatever befalls the others. */
  #stand(fault: string | undefined): void {
    if (this.#stopping.signal.aborted) return;
    const up = [...this.#open].some((connection) => connection.isOpen);
    this.#ears.onStand(up ? undefined : (fault ?? 'there is no connection'));
  }

  #openNext(): Promise<SocketConnection | { readonly why: string; readonly afterMs?: number | undefined }> {
    const mine = this.#opening.then(() => this.#openOne());
    this.#opening = mine;
    return mine;
  }

  async #openOne(): Promise<SocketConnection | { readonly why: string; readonly afterMs?: number | undefined }> {
    const { apiUrl, appToken: token } = this.#options;
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
    const answer = await callSlack('apps.connections.open', {}, { apiUrl, token, fetch: this.#ears.fetch, signal });
    if (answer.kind === 'failed') return { why: answer.retry.why, afterMs: answer.retry.afterMs };
    if (answer.kind === 'refused') return { why: refusalText(answer, MENDS) };
    const { url } = answer.body;
    if (typeof url !== 'string' || !isSocketUrl(url, apiUrl)) return { why: "Slack: an answer without an address of Slack's" };
    const opened = await SocketConnection.open(url, this.#connectionDeps(), this.#stopping.signal);
    return typeof opened === 'string' ? { why: refusalText({ error: opened }, MENDS) } : opened;
  }

  #connectionDeps(): ConnectionDeps {
    return {
      hear: (envelope) => this.#hear(envelope),
      onUnheard: (error) => this.#ears.onUnheard(error),
      helloMs: HELLO_MS,
      silenceMs: this.#options.silenceMs ?? SILENCE_MS,
    };
  }

  async #hear({ type, payload }: SocketEnvelope): Promise<Answer> {
    if (type === 'interactive' || type === 'events_api') return await this.#ears.hear('click', payload);
    return type === 'slash_commands' ? await this.#ears.hear('command', payload) : undefined;
  }

  #backoffMs(failures: number): number {
    const { firstWaitMs = FIRST_WAIT_MS } = this.#options;
    const full = Math.min(LONGEST_WAIT_MS, firstWaitMs * 2 ** Math.min(failures - 1, 20));
    return full / 2 + (full / 2) * Math.random();
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
