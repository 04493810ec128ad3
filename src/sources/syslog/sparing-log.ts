import type { Telemetry } from '../../telemetry/telemetry.ts';

const QUIET_MS = 60_000;
const MAX_SUBJECTS = 1000;

/** Warnings about peers: one a minute about the same thing, so that a port scan or a broken sender does not fill the log. */
export class SparingLog {
  readonly #telemetry: Telemetry;
  readonly #now: () => number;
  readonly #said = new Map<string, { at: number; unsaid: number }>();

  constructor(telemetry: Telemetry, now: () => number) {
    this.#telemetry = telemetry;
    this.#now = now;
  }

  warn(subject: string, message: string, about: Readonly<Record<string, unknown>>): void {
    const before = this.#said.get(subject);
    const at = this.#now();
    if (before !== undefined && at - before.at < QUIET_MS) {
      before.unsaid += 1;
      return;
    }
    this.#said.delete(subject);
    this.#said.set(subject, { at, unsaid: 0 });
    const oldest = this.#said.keys().next().value;
    if (this.#said.size > MAX_SUBJECTS && oldest !== undefined) this.#said.delete(oldest);
    const more = before === undefined || before.unsaid === 0 ? {} : { not_said_before: before.unsaid };
    this.#telemetry.log('warn', message, { ...about, ...more });
  }
}
