import { hash, verify } from '@node-rs/argon2';
import { ApiProblem } from '../problem.ts';

/** Argon2id (the library's default kind) as OWASP's Password Storage Cheat Sheet has it: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** What a name that nobody has is checked against, so that it takes as long as one that somebody has. Nobody knows its password. */
const NOBODYS = '$argon2id$v=19$m=19456,t=2,p=1$pOy005XGdqEtmaYSKInXGg$mgZdqC1xZTPlNrfIXLzxGMrE5hwG05UXpAxUyyq7QU8';

const LEAST_LENGTH = 12;
/** A name shorter than this is found in too many passwords by chance. */
const LEAST_NAME = 3;

/** Each takes 19 MiB and a thread of libuv's pool, which the raw log's `fdatasync` needs too. */
const AT_ONCE = 2;
const WAITING = 32;

/** Hashes and checks passwords, off the main thread and few at a time: a flood of sign-ins is refused and does not fill the memory. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(normal(password), COST));
  }

  /** Takes as long without a hash. */
  async verify(password: string, against: string | undefined): Promise<boolean> {
    const matches = await this.#inTurn(() => verify(against ?? NOBODYS, normal(password)));
    return matches && against !== undefined;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await this.#place();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Who waited takes over this place.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #place(): Promise<void> {
    if (this.#waiting.length >= WAITING)
      throw new ApiProblem(429, 'EAR_ACCESS_THROTTLED', 'Too many people sign in at this moment.', {}, 2);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** What speaks against a new password, as a sentence. Length is what counts (NIST SP 800-63B): there are no rules about kinds of characters. */
export function passwordFault(password: string, names: readonly string[]): string | undefined {
  if ([...password].length < LEAST_LENGTH) return `at least ${LEAST_LENGTH} characters; a sentence is good`;
  const text = normal(password).toLowerCase();
  const parts = names.flatMap((name) => [name, name.split('@', 1)[0] ?? '']).map((name) => normal(name).toLowerCase());
  if (parts.some((part) => part.length >= LEAST_NAME && text.includes(part))) return 'must not contain your name';
  return undefined;
}

/** The same characters however the keyboard made them. */
const normal = (text: string): string => text.normalize('NFKC');
