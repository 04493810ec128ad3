import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import { type Event, eventId } from '../model/event.ts';
import type { tailMessages } from './contract/tail.ts';
import { eventJson } from './event-json.ts';

type Gap = z.input<typeof tailMessages.gap>['why'];
type End = z.input<typeof tailMessages.end>['why'];

/** What may wait for a viewer in memory: more than a fast one ever has waiting, and little enough to hold for many slow ones. */
const MOST_WAITING_BYTES = 1024 * 1024;

/** A viewer that has read nothing for so many heartbeats is gone. */
const DEAD_AFTER_BEATS = 4;

/** One viewer of the live tail: writes Server-Sent Events, never waits, and tells what it left out. */
export class TailViewer {
  readonly #out: ServerResponse;
  readonly #skipped = new Map<Gap, number>();
  readonly #onClosed: (() => void)[] = [];
  #closed = false;
  /** What waited at the last beat, and at how many beats before it was the same. */
  #waited = { bytes: 0, beats: 0 };

  constructor(out: ServerResponse) {
    this.#out = out;
    out.once('close', () => {
      this.#closed = true;
      for (const tell of this.#onClosed) tell();
    });
  }

  /** Tells when the connection has ended; at once when it has. */
  onClosed(tell: () => void): void {
    if (this.#closed) tell();
    else this.#onClosed.push(tell);
  }

  ready(about: z.input<typeof tailMessages.ready>): void {
    this.#write(message('ready', about));
  }

  events(events: readonly Event[]): void {
    if (this.#full) {
      this.skipped(events.length, 'slow');
      return;
    }
    this.tellGaps();
    this.#write(textOf(events));
  }

  skipped(count: number, why: Gap): void {
    this.#skipped.set(why, (this.#skipped.get(why) ?? 0) + count);
  }

  /** Tells what was skipped since this was told last. */
  tellGaps(): void {
    if (this.#full) return;
    for (const [why, skipped] of this.#skipped) this.#write(message('gap', { skipped, why }));
    this.#skipped.clear();
  }

  /** Keeps the connection open, and ends one that nobody reads from. */
  beat(): void {
    const bytes = this.#out.writableLength;
    const beats = bytes > 0 && bytes === this.#waited.bytes ? this.#waited.beats + 1 : 0;
    this.#waited = { bytes, beats };
    if (beats >= DEAD_AFTER_BEATS) this.#out.destroy();
    else if (!this.#full) this.#write(':\n\n');
  }

  end(why: End): void {
    if (!this.#closed && !this.#out.writableEnded) this.#out.end(message('end', { why }));
  }

  get #full(): boolean {
    return this.#out.writableLength > MOST_WAITING_BYTES;
  }

  #write(text: string): void {
    if (!this.#closed && !this.#out.writableEnded) this.#out.write(text);
  }
}

const message = (event: string, data: unknown, id = ''): string => `${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const texts = new WeakMap<readonly Event[], string>();

/** The message of these events: made once, for all who are shown them. */
function textOf(events: readonly Event[]): string {
  let text = texts.get(events);
  if (text === undefined) {
    const last = events.at(-1);
    const data = { events: events.map(eventJson) };
    text = message('events', data, last === undefined ? '' : `id: ${eventId(last.node, last.seq)}\n`);
    texts.set(events, text);
  }
  return text;
}
