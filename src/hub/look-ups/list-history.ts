import { type AskedSince, forThePast, listNames } from '../../detect/sigma/list-test.ts';
import type { Placeholders } from '../../detect/sigma/text-values.ts';
import type { Tree } from '../../detect/sigma/tree.ts';
import { createListProbeStore, type ListProbeStore } from '../../store/state/list-probes.ts';
import type { State } from '../../store/state/state.ts';

type Rules = readonly { readonly tree: Tree }[];

interface ListHistoryDeps {
  readonly state: State;
  readonly node: () => number;
  readonly placeholders: () => Placeholders;
  readonly now: () => number;
}

/** Since when events say which lists they were on, as far as rules ask: older ones are asked about the lists of today. */
export class ListHistory {
  readonly #deps: ListHistoryDeps;
  readonly #store: ListProbeStore;
  #since: AskedSince = new Map();

  constructor(deps: ListHistoryDeps) {
    this.#deps = deps;
    this.#store = createListProbeStore(deps.state);
  }

  /** Before events are judged by these rules: what they do not ask is not known from now on. */
  async begin(rules: Rules): Promise<void> {
    await this.#store.keepOnly(this.#deps.node(), namesIn(rules));
    await this.#read();
  }

  /** Each event that comes in from now on is judged by these rules. */
  async begun(rules: Rules): Promise<void> {
    await this.#store.ask(this.#deps.node(), namesIn(rules), this.#deps.now());
    await this.#read();
  }

  /** What the rule asks of lists, and since when; without a time it was never asked. */
  since(rule: { readonly tree: Tree }): readonly { readonly name: string; readonly since?: number }[] {
    return listNames(rule.tree).map((name) => {
      const since = this.#since.get(name);
      return { name, ...(since !== undefined && { since }) };
    });
  }

  /** The rule as it is to be asked about events of the past. */
  forThePast<R extends { readonly tree: Tree }>(rule: R): R {
    return forThePast(rule, this.#since, this.#deps.placeholders());
  }

  /** A question is known of all events where every hub that asks it does. */
  async #read(): Promise<void> {
    const since = new Map<string, number>();
    for (const row of await this.#store.list()) since.set(row.name, Math.max(row.since, since.get(row.name) ?? row.since));
    this.#since = since;
  }
}

const namesIn = (rules: Rules): string[] => [...new Set(rules.flatMap(({ tree }) => listNames(tree)))];
