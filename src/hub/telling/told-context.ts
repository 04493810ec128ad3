import { askContext } from '../../api/alert-context.ts';
import { problemOf } from '../../api/problem.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Alert } from '../../model/alert.ts';
import type { AlertContext } from '../../model/alert-context.ts';
import type { PersonNames } from '../../model/person.ts';
import type { EventEngine } from '../../store/store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';

const PATIENCE_MS = 10_000;
/** Whom a notifier tells is the configuration's to say: as in its messages, all events count. */
const EVERYTHING = { datasets: ['*'] } as const;

export interface ToldContextDeps {
  readonly engine: EventEngine;
  readonly names: PersonNames;
  readonly telemetry: Pick<Telemetry, 'log'>;
}

/** What is known around an alert, for those who are told of it. A part that the engine does not say in time says so. Undefined: it names nobody. */
export async function toldContext({ engine, names, telemetry }: ToldContextDeps, alert: Alert): Promise<AlertContext | undefined> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const asked = askContext(engine, { alert, names, caller: EVERYTHING, signal }, Date.now);
  if (asked === undefined) return undefined;
  const gathered = async <T>(what: string, work: Promise<T>): Promise<Result<T, string>> => {
    try {
      return ok(await work);
    } catch (error) {
      telemetry.log('warn', 'the context of an alert lacks a part', { alert: alert.id, what, error: String(error) });
      return err(signal.aborted ? 'The search took too long.' : (problemOf(error)?.message ?? 'It could not be worked out.'));
    }
  };
  const [files, whereabouts, deeds] = await Promise.all([
    gathered('files', asked.files),
    gathered('whereabouts', asked.whereabouts),
    gathered('deeds', asked.deeds),
  ]);
  return { person: asked.who.title, from: asked.from, to: asked.to, files, whereabouts, deeds };
}
