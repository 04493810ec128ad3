import type { RuleException, SetMaturity } from '../../model/rule-care.ts';
import type { RuleCareStore } from '../../store/state/rule-care.ts';

const NOTHING = { version: 0, exceptions: [], maturities: [] };

/** What people have said of rules, as the state database had it when it was looked at last. */
export class RuleCare {
  #store: RuleCareStore | undefined;
  #version = 0;
  #exceptions: readonly RuleException[] = [];
  #maturities: ReadonlyMap<string, SetMaturity> = new Map();

  async load(store: RuleCareStore): Promise<void> {
    this.#store = store;
    await this.#read();
  }

  get exceptions(): readonly RuleException[] {
    return this.#exceptions;
  }

  /** What was said of the rule last; undefined where nobody has. */
  said(ruleId: string): SetMaturity | undefined {
    return this.#maturities.get(ruleId);
  }

  /** Reads what was changed, by this hub or another on the database. `exceptions`: these, and perhaps maturities too. */
  async refresh(): Promise<'exceptions' | 'maturity' | undefined> {
    if ((await this.#store?.version()) === this.#version) return undefined;
    const before = JSON.stringify(this.#exceptions);
    await this.#read();
    return JSON.stringify(this.#exceptions) === before ? 'maturity' : 'exceptions';
  }

  async #read(): Promise<void> {
    const { version, exceptions, maturities } = (await this.#store?.all()) ?? NOTHING;
    this.#version = version;
    this.#exceptions = exceptions;
    this.#maturities = new Map(maturities.map((each) => [each.ruleId, each]));
  }
}
