import type { z } from 'zod';
import type { PacedFetch } from '../lib/paced-fetch.ts';
import type { Result } from '../lib/result.ts';
import type { Act, ActProof, ActTarget, Deed, Devices, ProofPattern } from '../model/act.ts';
import type { TrustedNetworks } from '../model/trusted-networks.ts';

/** What somebody wants done. */
export interface Asked {
  /** For each target all names that are known of it, the one that was given first. */
  readonly targets: readonly { readonly given: string; readonly names: readonly string[] }[];
  readonly devices: Devices;
  readonly session?: string;
}

/** What would be done, when it was looked at. */
export interface Planned {
  readonly targets: readonly ActTarget[];
  /** In words, as "signs Ben out"; and the same when it is done, as "Ben was signed out". */
  readonly effect: string;
  readonly did: string;
}

/** `retry`: it was certainly not done, and may be tried again. `refused`: it was certainly not done, and somebody has to mend something. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly why: string; readonly afterMs?: number }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

export interface ResponderContext<Config> {
  readonly config: Config;
  /** Its name in the configuration: errors name the setting. */
  readonly name: string;
  readonly fetch: PacedFetch;
  readonly signal: AbortSignal;
}

/** Another system in which Earshot can do something. Errors are texts that say what to mend. */
export interface ResponderDefinition<C extends z.ZodType> {
  /** snake_case, the `type` in the configuration. */
  readonly type: string;
  readonly config: C;
  readonly does: Deed;
  /** The dataset of the system's own events: the ids of people in them are the system's. */
  readonly dataset: string;
  /** Whether somebody who has these names may be found there, as far as that can be told without asking. Absent: it can not be told. */
  readonly canFind?: (names: readonly string[]) => boolean;
  /** Looks at what is asked for, and changes nothing. */
  plan(asked: Asked, context: ResponderContext<z.output<C>>): Promise<Result<Planned, string>>;
  /** How proof will look; `asked`: by `check`. Called right before it is run. */
  prepare(act: Act, context: ResponderContext<z.output<C>>): Promise<Result<ProofPattern | 'asked', Exclude<Outcome, { kind: 'done' }>>>;
  /** Does it. Never called twice for an act, unless the answer was `retry`. */
  run(act: Act, context: ResponderContext<z.output<C>>): Promise<Outcome>;
  /** What the system says by now of what was done, where no log of it tells. Called again until all is proven, or the time is over. */
  readonly check?: (act: Act, context: ResponderContext<z.output<C>>) => Promise<readonly ActProof[]>;
  /** Absent: the system trusts no networks. */
  readonly trusted?: Trusting<z.output<C>>;
}

/** The networks that a system takes for harmless, as a whole. After a write only another read says what came of it. */
export interface Trusting<Config> {
  read(context: ResponderContext<Config>): Promise<Result<TrustedNetworks, string>>;
  write(networks: TrustedNetworks, context: ResponderContext<Config>): Promise<Result<undefined, string>>;
}

export const defineResponder = <C extends z.ZodType>(definition: ResponderDefinition<C>): ResponderDefinition<C> => definition;
