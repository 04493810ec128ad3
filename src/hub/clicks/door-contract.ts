import type { Answer } from '../../model/answer.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { TypedCommand } from '../../model/click.ts';
import type { NewClick } from '../../store/state/clicks.ts';
import type { LogLine, TelemetryBatch } from '../../telemetry/relay.ts';
import type { LineFault } from './click-lines.ts';

/** What is kept in a file of its own each. */
export type Kept = 'clicks' | 'commands';

/** What the hub's main thread asks of the door thread. */
export interface DoorMethods {
  readonly [name: string]: (argument: never) => unknown;
  /** Takes clicks by these notifiers, and no others: their settings, with secrets packed. */
  use(notifiers: unknown): void;
  /** The first that wait. */
  first(asked: { readonly kept: Kept; readonly most: number }): readonly NewClick[];
  /** Forgets the first of them: the state database has them. */
  forget(asked: { readonly kept: Kept; readonly count: number }): Promise<void>;
  /** Nothing comes in any more; what is kept can still be had. */
  shut(argument: undefined): Promise<void>;
  /** A sign of life. */
  status(argument: undefined): void;
  stop(argument: undefined): Promise<void>;
}

/** What the door thread asks of the main thread. */
export interface DoorHostMethods {
  readonly [name: string]: (argument: never) => unknown;
  /** It listens, at that URL. */
  listens(url: string): void;
  /** It cannot, for a reason that somebody must mend. */
  fails(fault: { readonly code: string; readonly message: string }): void;
  /** A click waits. */
  clickKept(argument: undefined): void;
  /** Keeps a click or command in the state database, as the file does not take it. */
  keep(click: NewClick): Promise<void>;
  command(command: NewClick<TypedCommand>): Promise<Answer | undefined>;
  acknowledged(command: { readonly key: string; readonly withAnswer: boolean }): void;
  lineFaults(faults: readonly LineFault[]): void;
  audit(event: AuditEvent): void;
  telemetry(batch: TelemetryBatch): void;
  log(line: LogLine): void;
}
