import { ACT_FIELD, type ActProof, type ExpectedAct, type ProofForm } from '../model/act.ts';
import type { Value } from '../model/event.ts';
import type { FieldSet } from '../model/field-set.ts';
import type { Origin } from '../model/record.ts';

/** An event as it is looked at. */
interface Looked {
  readonly fields: FieldSet;
  readonly source: string;
  readonly transport: Origin['transport'];
  /** Its own time. */
  readonly timestamp: number;
}

/** What was found, but for the event's id. */
export type FoundProof = Omit<ActProof, 'eventId'>;

/**
 * Marks the entries that acts of Earshot have left in other systems' logs, so that rules can leave them out. An entry is marked when it comes
 * from the system's own log, names nobody but the act's targets, and is of the act's actor, kind and time; and of each kind one entry for
 * each target, no more: what somebody else does to the same person at the same time still stands out.
 */
export class ActMarks {
  #expected: readonly ExpectedAct[] = [];
  #sources: ReadonlySet<string> = new Set();
  /** By act, kind and target: the entry that counts. */
  readonly #claims = new Map<string, string>();
  readonly #proofs = new WeakMap<FieldSet, FoundProof>();

  /** Awaits these, and no others. What was found of them stays found. */
  expect(expected: readonly ExpectedAct[]): void {
    this.#expected = expected;
    this.#sources = new Set(expected.flatMap(({ sources }) => sources));
    const acts = new Set(expected.map(({ act }) => act));
    for (const key of this.#claims.keys()) if (!acts.has(key.slice(0, key.indexOf('\n')))) this.#claims.delete(key);
    for (const { proofs } of expected)
      for (const { act, action, targets, entry } of proofs)
        for (const target of targets) this.#claims.set(keyOf(act, action, target), entry);
  }

  /** Whether anything is awaited: mostly nothing is. */
  get isAwaiting(): boolean {
    return this.#expected.length > 0;
  }

  /** Marks the event where it is an entry of an act. */
  mark(event: Looked): void {
    // What is read in from a file was not asked of the system itself.
    if (!this.#sources.has(event.source) || event.transport === 'file') return;
    const proof = this.#proofsIn(event).find((each) => this.#claim(each));
    if (proof === undefined) return;
    event.fields.set(ACT_FIELD, proof.act);
    this.#proofs.set(event.fields, proof);
  }

  /** What it could prove: of several acts on the same person, the one that was asked for nearest to its time comes first. */
  #proofsIn(event: Looked): FoundProof[] {
    const action = event.fields.get('event.action');
    const found = this.#expected.flatMap((expected) => {
      const form = expected.pattern.forms.find((each) => each.action === action);
      const proof = form && proofIn(event, expected, form);
      return proof === undefined ? [] : [{ proof, away: Math.abs(event.timestamp - expected.askedAt) }];
    });
    return found.sort((a, b) => a.away - b.away).map(({ proof }) => proof);
  }

  /** What an event proves that was marked. */
  proofOf(fields: FieldSet): FoundProof | undefined {
    return this.#proofs.get(fields);
  }

  /** A replay claims again what it has claimed before; another entry finds it taken. */
  #claim({ act, action, targets, entry }: FoundProof): boolean {
    const keys = targets.map((target) => keyOf(act, action, target));
    if (keys.some((key) => (this.#claims.get(key) ?? entry) !== entry)) return false;
    for (const key of keys) this.#claims.set(key, entry);
    return true;
  }
}

const keyOf = (act: string, action: string, target: string): string => `${act}\n${action}\n${target}`;

function proofIn({ fields, source, timestamp }: Looked, expected: ExpectedAct, form: ProofForm): FoundProof | undefined {
  if (!expected.sources.includes(source) || timestamp < expected.from || timestamp > expected.until) return undefined;
  const isAsSaid = form.fields.every(({ path, text, absent }) => {
    const [found, ...more] = textsOf(fields.get(path));
    return found === undefined ? absent === true : more.length === 0 && found === text;
  });
  const targets = textsOf(fields.get(form.targets));
  const [entry] = textsOf(fields.get(expected.pattern.entry));
  if (!isAsSaid || entry === undefined || targets.length === 0) return undefined;
  if (!targets.every((target) => expected.targets.includes(target))) return undefined;
  return { act: expected.act, targets, action: form.action, entry, at: timestamp };
}

function textsOf(value: Value | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === 'object' ? [] : [String(value)];
}
