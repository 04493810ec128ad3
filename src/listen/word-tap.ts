import { cutText } from '../lib/cut-text.ts';
import { AUDIT_DATASET } from '../model/audit.ts';
import { eventId, type Value } from '../model/event.ts';
import type { LiveEvent } from '../model/live-event.ts';
import type { HeardEvent, Overheard } from '../model/overheard.ts';
import { WordIndex } from './word-index.ts';

/** Events that are told of in a few words; the others are counted. */
const SHOWN = 5;
const TEXT = 200;
const NAME = 100;

interface Heard extends Overheard {
  count: number;
  readonly events: HeardEvent[];
}

/**
 * Hears events as they are judged, for words that somebody listens for: in the message as received, and in the texts of the fields. What
 * came late is heard by nobody, as no alert is told of it; nor is the audit trail, in which each who listens for a word says it.
 */
export class WordTap {
  readonly #index: WordIndex;
  readonly #lateAfterMs: () => number;
  #heard = new Map<string, Heard>();

  constructor(phrases: readonly string[], lateAfterMs: () => number) {
    this.#index = new WordIndex(phrases);
    this.#lateAfterMs = lateAfterMs;
  }

  hear(event: LiveEvent): void {
    const index = this.#index;
    if (index.phrases.length === 0 || event.receivedAt - event.timestamp > this.#lateAfterMs()) return;
    index.begin();
    index.lookThroughBytes(event.raw.toString('latin1'));
    for (const value of event.fields.slots) if (value !== undefined) this.#lookThrough(value);
    for (const [, value] of event.fields.others) this.#lookThrough(value);
    if (index.found.length > 0) this.#keep(event, index.found);
  }

  /** What was heard since this was asked last. */
  take(): readonly Overheard[] {
    if (this.#heard.size === 0) return [];
    const taken = [...this.#heard.values()];
    this.#heard = new Map();
    return taken;
  }

  #lookThrough(value: Value): void {
    if (typeof value === 'string') this.#index.lookThrough(value);
    else if (Array.isArray(value)) for (const each of value) if (typeof each === 'string') this.#index.lookThrough(each);
  }

  #keep(event: LiveEvent, found: readonly number[]): void {
    const dataset = textOf(event.fields.get('event.dataset')) ?? '';
    if (dataset === AUDIT_DATASET) return;
    const numbers = found.toSorted((a, b) => a - b);
    const key = `${numbers.join(' ')} ${dataset}`;
    let heard = this.#heard.get(key);
    if (heard === undefined) {
      heard = { phrases: numbers.map((number) => this.#index.phrases[number] ?? ''), dataset, count: 0, events: [] };
      this.#heard.set(key, heard);
    }
    heard.count += 1;
    if (heard.events.length < SHOWN) heard.events.push(inShort(event, dataset));
  }
}

function inShort({ node, seq, timestamp, fields, raw }: LiveEvent, dataset: string): HeardEvent {
  const named = (path: string, key: 'user' | 'action' | 'host') => {
    const text = textOf(fields.get(path));
    return text === undefined || text === '' ? {} : { [key]: cutText(text, NAME) };
  };
  const message = textOf(fields.get('message')) ?? raw.toString('utf8', 0, 4 * TEXT);
  return {
    id: eventId(node, seq),
    at: timestamp,
    dataset: cutText(dataset, NAME),
    ...named('user.name', 'user'),
    ...named('event.action', 'action'),
    ...named('host.name', 'host'),
    text: cutText(message, TEXT),
  };
}

const textOf = (value: Value | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
