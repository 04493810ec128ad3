import type { LoadedRules } from '../detect/sigma/load.ts';
import type { Judged } from '../detect/stream/judged.ts';
import { compileRules } from '../detect/stream/rule-set.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { RuleHit, RuleInfo } from '../model/detection.ts';
import { type Evaluated, evaluate } from '../pipeline/evaluator.ts';
import type { Settings } from '../settings.ts';
import { buildStages } from '../stages.ts';
import { enrichOf } from './enrichment.ts';
import { eventTime } from './event-time.ts';
import { rawEvent } from './raw-event.ts';

/** One event, and what the rules say of it. */
export interface Seen {
  readonly event: Judged;
  readonly hits: readonly RuleHit[];
  /** Milliseconds since the epoch; undefined for an event that says no time. */
  readonly time: number | undefined;
}

/** Judges one line that is not empty; else says why it is no event. */
export type Judge = (line: number, bytes: Buffer) => Result<Seen, string>;

/** Of a rule that threw, which is a bug, the event's line says so. */
class Thrown {
  #reason: string | undefined;

  readonly add = (rule: RuleInfo | undefined, error: unknown): void => {
    this.#reason ??= `${rule?.name ?? 'the index of rules'} failed: ${error instanceof Error ? error.message : String(error)}`;
  };

  take(): string | undefined {
    const reason = this.#reason;
    this.#reason = undefined;
    return reason;
  }
}

/** Fields as they are, and every rule asked about every event. */
export function rawJudge({ rules }: LoadedRules): Judge {
  const thrown = new Thrown();
  const ruleSet = compileRules(rules, { onError: thrown.add, routing: false });
  return (_, bytes) => {
    const document = parseJsonObject(bytes.toString('utf8').trim());
    if (!document.ok) return err(document.error.message);
    const event = rawEvent(document.value);
    const hits = ruleSet.match(event);
    const reason = thrown.take();
    return reason === undefined ? ok({ event, hits, time: Number.isNaN(event.timestamp) ? undefined : event.timestamp }) : err(reason);
  };
}

/** As a hub would that got the line over HTTP: decoded, normalized, enriched from the files that the settings name. */
export async function mappedJudge({ rules }: LoadedRules, settings: Settings): Promise<Judge> {
  const thrown = new Thrown();
  const { stages } = buildStages(settings, rules, thrown.add, await enrichOf(settings));
  return (line, bytes) => {
    const document = parseJsonObject(bytes.toString('utf8').trim());
    if (!document.ok) return err(document.error.message);
    // Half a millisecond, which no event says: where the event has it as its time, it has none of its own.
    const receivedAt = Date.now() + 0.5;
    const judged = evaluate(stages, settings.node, { seq: line, receivedAt, source: 'http', origin: { transport: 'file' }, bytes });
    const reason = judged.fault ?? thrown.take();
    if (reason !== undefined) return err(reason);
    const own = judged.event.timestamp === receivedAt ? undefined : judged.event.timestamp;
    return ok({ event: judgedOf(judged), hits: judged.event.hits, time: eventTime(document.value['@timestamp']) ?? own });
  };
}

const judgedOf = ({ event: { fields, timestamp, source }, decoded }: Evaluated): Judged => ({
  fields,
  timestamp,
  source,
  text: decoded?.text ?? '',
});
