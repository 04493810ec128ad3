import type { Intake } from '../model/record.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** What a source is given to run with. */
export interface SourceContext<Settings> {
  /** The source's name in the configuration, or its type where it has none. */
  readonly name: string;
  readonly settings: Settings;
  readonly intake: Intake;
  readonly telemetry: Telemetry;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Where a source listens, after the system has chosen the port for `:0`. */
export interface ListenAddress {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'relp' | 'http';
  readonly host: string;
  readonly port: number;
}

/** A peer that was not let in, or cut. */
export interface Refusal {
  readonly address: string;
  /** In words. */
  readonly why: string;
  readonly times: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
}

/** How a source that asks for its messages is doing. */
export interface Polling {
  /** Since all that there was then has been read. */
  readonly lagSecs: number;
  readonly intervalSecs: number;
  /** Calls a minute that it may make as things are. */
  readonly perMinute: number;
  /** Seconds of the past that are still to be read, and of how many; both 0 when there are none. */
  readonly past: { readonly left: number; readonly of: number };
}

/** A source that runs until it is stopped. */
export interface RunningSource<Settings> {
  /** Empty for a source that does not listen. */
  addresses(): readonly ListenAddress[];
  /** What keeps it from reading now, in words with a code of errors.ts. Absent for a source that never has one. */
  fault?(): string | undefined;
  /** Absent for a source that is sent its messages. */
  polling?(): Polling;
  /** Since the start, the latest first, so many as are worth a look. Absent for a source without peers. */
  refusals?(): readonly Refusal[];
  /** Takes new settings, and reads files they name (certificates) again; open connections stay. Throws, and changes nothing, when they cannot be had. */
  reload(settings: Settings): Promise<void>;
  /** Stops taking messages in; resolves when all that was taken in is stored, or counted as dropped. */
  stop(): Promise<void>;
}
