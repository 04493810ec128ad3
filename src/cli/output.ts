import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { EarshotError } from '../lib/errors.ts';

/** Where results go. A reader that has seen enough (`| head -1`) ends the output, and is no fault. */
class Output {
  readonly #stream: Writable;
  #closed = false;
  #fault: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      if (error.code !== 'EPIPE') this.#fault = error;
    });
  }

  /** Nobody reads any more: what only makes output may stop. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when there is room for more; does nothing once the output is closed. Throws when it cannot be written (a full disk). */
  async print(text: string): Promise<void> {
    if (!this.#closed && !this.#stream.write(text)) {
      const gone = new AbortController();
      const { signal } = gone;
      await Promise.race([once(this.#stream, 'drain', { signal }), once(this.#stream, 'close', { signal })]).catch(() => undefined);
      gone.abort();
    }
    if (this.#fault !== undefined) throw new EarshotError('EAR_OUTPUT', `standard output: ${this.#fault.message}`, { cause: this.#fault });
  }
}

export const output = new Output(process.stdout);
/** Talk that nobody hears is no reason to stop. */
process.stderr.on('error', () => undefined);

/** What a sender wrote must not move the cursor, color the terminal, or turn the direction of a line round. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (c) =>
    c === '\t' ? c : c === '\n' ? '\\n' : c === '\r' ? '\\r' : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
