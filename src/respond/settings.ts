import { z } from 'zod';
import type { PacedFetch } from '../lib/paced-fetch.ts';
import type { Result } from '../lib/result.ts';
import type { Act, ActProof, Deed, ProofPattern } from '../model/act.ts';
import type { TrustedNetworks } from '../model/trusted-networks.ts';
import type { Asked, Outcome, Planned, ResponderDefinition } from './responder.ts';

/** A list of definitions cannot name each one's settings: they meet again in `configuredResponders`, by their type. */
export type AnyResponderDefinition = ResponderDefinition<z.ZodType>;

/** What acts and their systems may do. */
export function actsSettings(definitions: readonly AnyResponderDefinition[]) {
  const [first, ...others] = definitions.map(typed);
  if (first === undefined) throw new TypeError('there are no responder definitions');
  return z
    .strictObject({
      second_person: z
        .boolean()
        .default(false)
        .describe('Whether a second user must confirm what one has planned. Nobody can be their own second person.'),
      most_targets: z.number().int().min(1).max(1_000).default(5).describe('How many people, or sessions, one act may touch.'),
      protected: z
        .array(z.string().min(1).max(320))
        .default([])
        .describe(
          'Accounts that no act ever touches: IDs of the other system (`W0123456789`), mail addresses, names, or ids of people. Case counts for nothing.',
        ),
      confirm_within_mins: z.number().int().min(1).max(1_440).default(15).describe('How long a plan can be confirmed.'),
      proof_within_mins: z
        .number()
        .int()
        .min(1)
        .max(1_440)
        .default(30)
        .describe("How long proof of an act is awaited in the other system's own log, before Earshot says that none came."),
      trusted_networks_hours: z
        .number()
        .int()
        .min(0)
        .max(720)
        .default(24)
        .describe(
          'How often, in hours, Earshot looks whether the networks that a system trusts and the lists have come to differ: one call each. 0: never.',
        ),
      systems: z
        .record(
          z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a name is 1 to 64 of a-z, 0-9, _ and -'),
          z.discriminatedUnion('type', [first, ...others]),
        )
        .prefault({})
        .describe('Systems in which Earshot may act, by a name of your choice. None: it acts nowhere.'),
    })
    .prefault({})
    .describe('What Earshot does in other systems when a responder asks for it (docs/acts.md).');
}

/** A responder with its settings. */
export interface ConfiguredResponder {
  readonly name: string;
  readonly type: string;
  readonly does: Deed;
  readonly dataset: string;
  canFind(names: readonly string[]): boolean;
  plan(asked: Asked, io: Io): Promise<Result<Planned, string>>;
  prepare(act: Act, io: Io): Promise<Result<ProofPattern | 'asked', Exclude<Outcome, { kind: 'done' }>>>;
  run(act: Act, io: Io): Promise<Outcome>;
  check(act: Act, io: Io): Promise<readonly ActProof[]>;
  readonly trusted?: ConfiguredTrust | undefined;
}

export interface ConfiguredTrust {
  read(io: Io): Promise<Result<TrustedNetworks, string>>;
  write(networks: TrustedNetworks, io: Io): Promise<Result<undefined, string>>;
}

interface Io {
  readonly fetch: PacedFetch;
  readonly signal: AbortSignal;
}

/** Pairs parsed settings with the definitions that they are for. */
export function configuredResponders(
  systems: Readonly<Record<string, { readonly type: string }>>,
  definitions: readonly AnyResponderDefinition[],
): ConfiguredResponder[] {
  return Object.entries(systems).map(([name, config]) => {
    const definition = definitions.find((each) => each.type === config.type);
    if (definition === undefined) throw new TypeError(`acts.systems.${name}: no definition of type ${config.type}`);
    return {
      name,
      type: definition.type,
      does: definition.does,
      dataset: definition.dataset,
      canFind: (names) => definition.canFind?.(names) ?? true,
      plan: (asked, io) => definition.plan(asked, { config, name, ...io }),
      prepare: (act, io) => definition.prepare(act, { config, name, ...io }),
      run: (act, io) => definition.run(act, { config, name, ...io }),
      check: async (act, io) => (await definition.check?.(act, { config, name, ...io })) ?? [],
      trusted: trustOf(definition, config, name),
    };
  });
}

function trustOf({ trusted }: AnyResponderDefinition, config: unknown, name: string): ConfiguredTrust | undefined {
  if (trusted === undefined) return undefined;
  return {
    read: (io) => trusted.read({ config, name, ...io }),
    write: (networks, io) => trusted.write(networks, { config, name, ...io }),
  };
}

function typed({ type, config }: AnyResponderDefinition): z.ZodObject<{ type: z.ZodLiteral<string> }> {
  if (!(config instanceof z.ZodObject)) throw new TypeError(`${type}: its settings must be an object`);
  return config.safeExtend({ type: z.literal(type) });
}
