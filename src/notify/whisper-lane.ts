import type { Answer } from '../model/answer.ts';
import { type Chart, chartLines, chartWords } from '../model/chart.ts';
import type { Lease, WhisperRow } from '../store/state/state.ts';
import { answered } from './answered.ts';
import { backoffMs } from './backoff.ts';
import { drawChart } from './chart-picture.ts';
import type { LaneDeps } from './lane.ts';
import type { Delivery, Picture } from './notifier.ts';
import type { ConfiguredNotifier } from './settings.ts';
import { claimWhisper, nextWhisperDue, settleWhisper } from './whisper-rows.ts';

export type WhisperingNotifier = ConfiguredNotifier & { readonly whisper: NonNullable<ConfiguredNotifier['whisper']> };

export const canWhisper = (notifier: ConfiguredNotifier): notifier is WhisperingNotifier => notifier.whisper !== undefined;

const LOOK_MS = 2_000;
const PAUSE_MS = 30_000;

/**
 * The way of what is for one place alone: a person who listens for words, or a channel. One message each, with a pace and failures of its own:
 * no alert waits for it.
 */
export class WhisperLane {
  readonly notifier: WhisperingNotifier;
  readonly #deps: LaneDeps;
  #notBefore = 0;
  #failures = 0;
  /** An outcome that the state database did not take yet. Nothing else is sent before it is written down. */
  #unwritten: { readonly row: WhisperRow; readonly delivery: Delivery } | undefined;

  constructor(notifier: WhisperingNotifier, deps: LaneDeps) {
    this.notifier = notifier;
    this.#deps = deps;
  }

  /** Sends at most one. Gives the milliseconds until the next look, or `lost` when the lease is another's. */
  async step(lease: () => Lease, stop: AbortSignal): Promise<number | 'lost'> {
    const { state, now } = this.#deps;
    if (this.#unwritten !== undefined) return this.#write(lease(), this.#unwritten.row, this.#unwritten.delivery);
    if (now() < this.#notBefore) return this.#notBefore - now();
    const claimed = await state.fenced(lease(), async (tx) => (await claimWhisper(tx, this.notifier.name, now())) ?? 'none');
    if (claimed === undefined) return 'lost';
    if (claimed === 'none') return this.#untilDue();
    this.#notBefore = now() + Math.ceil(1_000 / this.notifier.perSecond);
    const delivery = await this.#send(claimed, stop);
    this.#unwritten = { row: claimed, delivery };
    return this.#write(lease(), claimed, delivery);
  }

  #send({ key, place, answer, chart, possible_repeat: repeat, tried_at: triedAt }: WhisperRow, stop: AbortSignal): Promise<Delivery> {
    const { settings, fetch, pageUrl } = this.#deps;
    // Written by `queueWhispers` alone.
    const what = { answer: JSON.parse(answer) as Answer, ...(chart !== null && { picture: pictureOf(JSON.parse(chart) as Chart) }) };
    const whisper = { key, place, ...what, possibleRepeat: repeat === 1, triedAt: triedAt ?? undefined };
    return answered(settings, stop, (signal) => this.notifier.whisper(whisper, { fetch, pageUrl, signal }));
  }

  async #write(lease: Lease, row: WhisperRow, delivery: Delivery): Promise<number | 'lost'> {
    const { state, settings, telemetry, now, random } = this.#deps;
    const delayMs = (attempts: number) => backoffMs(attempts, settings.max_backoff_secs * 1_000, random);
    const written = await state.fenced(lease, async (tx) => {
      await settleWhisper(tx, row, delivery, { now: now(), maxAttempts: settings.max_attempts, delayMs });
      return true;
    });
    this.#unwritten = undefined;
    if (written === undefined) return 'lost';
    const notifier = this.notifier.name;
    telemetry.count('earshot_whispers_total', { notifier, verdict: delivery.verdict });
    this.#pace(delivery);
    if (delivery.verdict !== 'delivered') {
      const level = delivery.verdict === 'reject' ? 'error' : 'warn';
      telemetry.log(level, 'what is for one place alone was not delivered', { notifier, ...delivery, attempts: row.attempts });
    }
    return Math.max(0, this.#notBefore - now());
  }

  /** A place that refuses says nothing of others; what may pass is waited for. */
  #pace(delivery: Delivery): void {
    const { now, random } = this.#deps;
    this.#failures = delivery.verdict === 'retry' ? this.#failures + 1 : 0;
    if (delivery.verdict !== 'retry') return;
    this.#notBefore = Math.max(this.#notBefore, now() + Math.max(delivery.afterMs ?? 0, backoffMs(this.#failures, PAUSE_MS, random)));
  }

  async #untilDue(): Promise<number> {
    const { state, now } = this.#deps;
    const due = await state.read((db) => nextWhisperDue(db, this.notifier.name));
    return due === undefined || due <= now() ? LOOK_MS : Math.min(LOOK_MS, due - now());
  }
}

const pictureOf = (chart: Chart): Picture => ({
  png: drawChart(chart),
  name: 'alerts.png',
  alt: chartWords(chart),
  text: chartLines(chart),
});
