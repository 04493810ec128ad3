import { createHash, type Hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { LoadedRules } from '../../detect/sigma/load.ts';
import { NotedTexts, type Placeholders } from '../../detect/sigma/text-values.ts';

const DIGEST_BYTES = 32;
/** What reads rules: another program gives other rules of the same files. */
const READER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'detect', 'sigma');

/** What rules are read from. */
export interface RuleSources {
  readonly folders: readonly string[];
  readonly placeholders: Placeholders;
  /** How lists are read. */
  readonly lists?: unknown;
  /** What the configuration says of log sources. */
  readonly logSources?: unknown;
}

/**
 * Rules as they were read, so that the same files need not be read again: to parse three thousand takes seconds. It is good only for
 * exactly these files, lists, this program and this Node. What is damaged or out of date is as if it were not there.
 */
export class RuleCache {
  readonly #folder: string;
  readonly #onFault: (error: unknown) => void;

  /** `onFault` is told of a cache that cannot be written: rules are read all the same. */
  constructor(folder: string, onFault: (error: unknown) => void) {
    this.#folder = folder;
    this.#onFault = onFault;
  }

  /** The rules of these sources: from the cache, or as `read` gives them. */
  rules(sources: RuleSources, read: (placeholders: Placeholders) => LoadedRules): LoadedRules {
    const key = keyOf(sources);
    if (key === undefined) return read(sources.placeholders);
    const file = join(this.#folder, 'rules.bin');
    const kept = unpack(file, key, sources.placeholders);
    if (kept !== undefined) return kept;
    const texts = new NotedTexts(sources.placeholders);
    const loaded = read(texts);
    // A file that was changed meanwhile may be in what was read, and is not in the key.
    if (keyOf(sources)?.equals(key)) this.#keep(file, key, { loaded, texts: textsNow([...texts.used], sources.placeholders) });
    return loaded;
  }

  #keep(file: string, key: Buffer, kept: Kept): void {
    try {
      const body = serialize(kept);
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.new`, Buffer.concat([key, digest(body), body]), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      this.#onFault(error);
    }
  }
}

/** Rules, and the texts of lists that are in them: those of lists that rules only ask about are not. */
interface Kept {
  readonly loaded: LoadedRules;
  readonly texts: readonly (readonly [name: string, texts: readonly string[] | undefined])[];
}

const textsNow = (names: readonly string[], placeholders: Placeholders): Kept['texts'] =>
  names.map((name) => [name, placeholders.get(name)]);

function unpack(file: string, key: Buffer, placeholders: Placeholders): LoadedRules | undefined {
  try {
    const bytes = readFileSync(file);
    const body = bytes.subarray(2 * DIGEST_BYTES);
    if (!bytes.subarray(0, DIGEST_BYTES).equals(key)) return undefined;
    if (!bytes.subarray(DIGEST_BYTES, 2 * DIGEST_BYTES).equals(digest(body))) return undefined;
    const { loaded, texts } = deserialize(body) as Kept;
    const now = textsNow(
      texts.map(([name]) => name),
      placeholders,
    );
    return JSON.stringify(now) === JSON.stringify(texts) ? loaded : undefined;
  } catch {
    return undefined;
  }
}

const digest = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest();

/** Stands for all that decides what is read; undefined where something cannot be read. */
function keyOf({ folders, placeholders, lists, logSources }: RuleSources): Buffer | undefined {
  try {
    const hash = createHash('sha256').update(JSON.stringify([process.version, [...placeholders.keys()], lists, logSources]));
    hashFiles(hash, READER, /\.[jt]s$/);
    for (const folder of folders) hashFiles(hash, folder, /\.ya?ml$/);
    return hash.digest();
  } catch {
    return undefined;
  }
}

function hashFiles(hash: Hash, folder: string, wanted: RegExp): void {
  for (const path of filesBelow(folder, wanted)) {
    const content = readFileSync(path);
    hash.update(JSON.stringify([path, content.length])).update(content);
  }
}

const filesBelow = (folder: string, wanted: RegExp): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && wanted.test(entry.name) && !/\.test\.\w+$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
