import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Refusal } from '../source.ts';

const QUIET_MS = 60_000;
const MAX_SUBJECTS = 1000;
const SHOWN = 20;

interface Said {
  /** When it was last written. */
  readonly at: number;
  readonly message: string;
  /** Absent: not about a peer. */
  readonly address: string | undefined;
  unsaid: number;
  times: number;
  lastAt: number;
}

/** Warnings about peers: one a minute about the same thing, so that a port scan or a broken sender does not fill the log. */
export class SparingLog {
  readonly #telemetry: Telemetry;
  readonly #now: () => number;
  readonly #said = new Map<string, Said>();

  constructor(telemetry: Telemetry, now: () => number) {
    this.#telemetry = telemetry;
    this.#now = now;
  }

  warn(subject: string, message: string, about: Readonly<Record<string, unknown>>): void {
    const before = this.#said.get(subject);
    const at = this.#now();
    if (before !== undefined && at - before.at < QUIET_MS) {
      before.unsaid += 1;
      before.times += 1;
      before.lastAt = at;
      return;
    }
    const address = typeof about.address === 'string' ? about.address : undefined;
    this.#said.delete(subject);
    this.#said.set(subject, { at, message, address, unsaid: 0, times: (before?.times ?? 0) + 1, lastAt: at });
    const oldest = this.#said.keys().next().value;
    if (this.#said.size > MAX_SUBJECTS && oldest !== undefined) this.#said.delete(oldest);
    const more = before === undefined || before.unsaid === 0 ? {} : { not_said_before: before.unsaid };
    this.#telemetry.log('warn', message, { ...about, ...more });
  }

  /** The peers that it was about, the latest first. */
  refusals(): Refusal[] {
    return [...this.#said.values()]
      .toSorted((a, b) => b.lastAt - a.lastAt)
      .flatMap(({ address, message, times, lastAt }) => (address === undefined ? [] : [{ address, why: message, times, lastAt }]))
      .slice(0, SHOWN);
  }
}
