import { EarshotError, type ErrorCode } from '../lib/errors.ts';
import { joinMessages } from '../lib/framed-messages.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { Intake, RawBatch, Receipt } from '../model/record.ts';
import type { HubAccess } from './hub-access.ts';

const BUSY_WAIT_MS = 1_000;
/** What a hub answers that takes nothing in now. */
const BUSY: readonly string[] = ['EAR_DISK_LOW', 'EAR_RAW_LOG_FULL', 'EAR_RAW_LOG_IO'];

interface PatientIntakeOptions {
  readonly hub: Pick<HubAccess, 'ask'>;
  /** How long the disk may have no room; a raw log at its bound empties by itself, and is waited for. */
  readonly roomWithinSecs: number;
  tell(line: string): void;
  /** Milliseconds, of a clock that is never set. */
  now(): number;
  /** Rejects when the command is told to stop. */
  sleep(ms: number): Promise<void>;
}

/**
 * A hub's intake over its control API, for all files of a command. A hub that takes nothing in now is asked again until it does.
 * Once the disk had no room for too long, it is asked only once for each file that follows.
 */
export function patientIntake({ hub, roomWithinSecs, tell, now, sleep }: PatientIntakeOptions): Intake {
  let held: { readonly code: ErrorCode; readonly since: number } | undefined;

  /** Resolves when it is time to ask again. Throws when it was waited for long enough. */
  const wait = async ({ code, message }: EarshotError): Promise<void> => {
    const before = held?.code === code ? held : undefined;
    held = before ?? { code, since: now() };
    const bounded = code === 'EAR_DISK_LOW';
    if (bounded && now() - held.since >= roomWithinSecs * 1000)
      throw new EarshotError(code, `${message}; then the same command goes on from here`);
    if (before === undefined) tell(`waiting${bounded ? ` up to ${roomWithinSecs} s` : ''}: ${message}`);
    await sleep(BUSY_WAIT_MS);
  };

  const append = async (batch: RawBatch): Promise<Receipt> => {
    for (;;) {
      const offered = await offer(hub, batch);
      if (!offered.ok) await wait(offered.error);
      else {
        held = undefined;
        return offered.value;
      }
    }
  };
  return { append, open: true, whenOpen: async () => undefined };
}

/** What was refused may be offered again later. Throws where that would not help. */
async function offer(hub: Pick<HubAccess, 'ask'>, { source, origin, key, messages }: RawBatch): Promise<Result<Receipt, EarshotError>> {
  const params = { source, path: origin.path ?? '', ...(key !== undefined && { key }), ...(origin.truncated && { truncated: '1' }) };
  try {
    const path = `/api/control/append?${new URLSearchParams(params)}`;
    return ok(await hub.ask<Receipt>({ method: 'POST', path, body: joinMessages(messages) }));
  } catch (error) {
    if (error instanceof EarshotError && BUSY.includes(error.code)) return err(error);
    throw error;
  }
}
