import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { RESPONDERS } from '../../integrations/index.ts';
import type { PacedFetch } from '../../lib/paced-fetch.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { NamedList } from '../../model/named-list.ts';
import type { TrustChanged, TrustCompared, TrustedNetworks, TrustFault, TrustWish } from '../../model/trusted-networks.ts';
import { type ConfiguredResponder, type ConfiguredTrust, configuredResponders } from '../../respond/settings.ts';
import type { Settings } from '../../settings.ts';

/** The lists whose networks a system should trust: rules leave their addresses alone, too. */
const LISTS: ReadonlySet<string> = new Set(['trusted_ranges', 'trusted_networks', 'vpn_ranges']);
const CALL_MS = 20_000;

export interface TrustDeps {
  settings(): Pick<Settings, 'acts'>;
  lists(): readonly NamedList[];
  readonly now: () => number;
  readonly fetch: PacedFetch;
}

/**
 * Keeps the networks that another system trusts in step with the team's lists. The other system takes and gives its list as a whole: it is
 * read, merged, written, and read again, and only what was read again is believed.
 */
export class TrustedNetworkLists {
  readonly #deps: TrustDeps;

  constructor(deps: TrustDeps) {
    this.#deps = deps;
  }

  /** Names of the systems that have such a list. */
  systems(): string[] {
    return this.#all().map(({ name }) => name);
  }

  async compare(system: string | undefined): Promise<Result<TrustCompared, TrustFault>> {
    const found = this.#find(system);
    if (!found.ok) return found;
    const { name, trusted } = found.value;
    const read = await trusted.read(this.#io());
    return read.ok ? ok(this.#compared(name, read.value)) : err({ code: 'EAR_ACT_REFUSED', message: read.error });
  }

  async change({ system, version, add, remove }: TrustWish): Promise<Result<TrustChanged, TrustFault>> {
    const found = this.#find(system);
    if (!found.ok) return found;
    const { name, trusted } = found.value;
    const before = await trusted.read(this.#io());
    if (!before.ok) return err({ code: 'EAR_ACT_REFUSED', message: before.error });
    const seen = this.#compared(name, before.value);
    if (seen.version !== version)
      return conflict(`What ${name} trusts, or what the lists have, has changed meanwhile: look again, then decide.`);
    const gone = new Set(remove.map(canonical));
    const unknown = [...gone].filter((network) => !seen.inSystem.includes(network));
    if (unknown.length > 0) return conflict(`${name} does not trust ${unknown.join(', ')} now: nothing was changed.`);
    const added = add ? seen.onlyInLists.filter((network) => !gone.has(network)) : [];
    if (added.length + gone.size === 0) return conflict(`There is nothing to change: ${name} trusts what it should.`);
    const written = await trusted.write(merged(before.value, added, gone), this.#io());
    if (!written.ok) return err({ code: 'EAR_ACT_REFUSED', message: written.error });
    return await this.#proved(name, trusted, { added, removed: [...gone], wanted: sorted([...seen.inSystem, ...added], gone) });
  }

  async #proved(
    name: string,
    trusted: ConfiguredTrust,
    { added, removed, wanted }: { added: readonly string[]; removed: readonly string[]; wanted: readonly string[] },
  ): Promise<Result<TrustChanged, TrustFault>> {
    const after = await trusted.read(this.#io());
    if (!after.ok) return err({ code: 'EAR_ACT_REFUSED', message: `It was written, and what came of it cannot be read: ${after.error}` });
    const now = this.#compared(name, after.value);
    if (now.inSystem.join() === wanted.join()) return ok({ added, removed, now });
    const is = now.inSystem.length === 0 ? 'nothing' : now.inSystem.join(', ');
    return err({ code: 'EAR_ACT_REFUSED', message: `${name} did not take what was written: it trusts ${is} now. Look again.` });
  }

  #find(system: string | undefined): Result<ConfiguredResponder & { readonly trusted: ConfiguredTrust }, TrustFault> {
    const all = this.#all();
    const [only, second] = all;
    const found = system === undefined ? (second === undefined ? only : undefined) : all.find(({ name }) => name === system);
    if (found !== undefined) return ok(found);
    const known = all.map(({ name }) => name).join(', ');
    const which = known === '' ? 'none of acts.systems has a list of networks that it trusts' : `name one of ${known}`;
    return err({ code: 'EAR_ACT_SYSTEM', message: system === undefined ? `Which system? ${which}.` : `There is no ${system}: ${which}.` });
  }

  #all() {
    return configuredResponders(this.#deps.settings().acts.systems, RESPONDERS).filter(trusts);
  }

  #compared(system: string, networks: TrustedNetworks): TrustCompared {
    const inSystem = sorted([...networks.cidrs.map(canonical), ...networks.asns.map((asn) => `AS${asn}`)]);
    const { wanted, notTaken } = wantedOf(this.#deps.lists(), this.#deps.now());
    const onlyInLists = wanted.filter((network) => !inSystem.includes(network));
    return {
      system,
      version: createHash('sha256')
        .update(JSON.stringify([inSystem, onlyInLists]))
        .digest('hex')
        .slice(0, 16),
      inSystem,
      onlyInSystem: inSystem.filter((network) => !wanted.includes(network)),
      onlyInLists,
      notTaken,
    };
  }

  #io() {
    return { fetch: this.#deps.fetch, signal: AbortSignal.timeout(CALL_MS) };
  }
}

const trusts = (responder: ConfiguredResponder): responder is ConfiguredResponder & { readonly trusted: ConfiguredTrust } =>
  responder.trusted !== undefined;

const conflict = (message: string): Result<never, TrustFault> => err({ code: 'EAR_API_CONFLICT', message });

/** Networks of the lists that have not expired. Systems know IPv4 alone. */
function wantedOf(lists: readonly NamedList[], now: number): { readonly wanted: readonly string[]; readonly notTaken: readonly string[] } {
  const values = lists
    .filter(({ name, kind }) => LISTS.has(name) && (kind === 'cidr' || kind === 'asn'))
    .flatMap(({ kind, entries }) =>
      entries.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now).map((each) => ({ kind, ...each })),
    )
    .map(({ kind, value }) => (kind === 'asn' ? `AS${value}` : value));
  return {
    wanted: sorted(values.filter((value) => !value.includes(':')).map(canonical)),
    notTaken: sorted(values.filter((value) => value.includes(':'))),
  };
}

/** The one form of a network: people write addresses of machines with a prefix (`8.8.8.8/24`), and Slack keeps them so. */
function canonical(network: string): string {
  const text = network.trim();
  if (/^as\d+$/i.test(text)) return text.toUpperCase();
  const cidr = text.includes('/') ? text : `${text}/32`;
  return ipaddr.IPv4.isValidCIDR(cidr) ? `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${cidr.split('/')[1]}` : text;
}

/** What the system has stays as it was spelled. */
function merged({ cidrs, asns }: TrustedNetworks, added: readonly string[], gone: ReadonlySet<string>): TrustedNetworks {
  return {
    cidrs: [...cidrs.filter((cidr) => !gone.has(canonical(cidr))), ...added.filter((network) => !network.startsWith('AS'))],
    asns: [
      ...asns.filter((asn) => !gone.has(`AS${asn}`)),
      ...added.flatMap((network) => (network.startsWith('AS') ? [Number(network.slice(2))] : [])),
    ],
  };
}

const sorted = (networks: readonly string[], without: ReadonlySet<string> = new Set()): string[] =>
  [...new Set(networks)].filter((network) => !without.has(network)).sort();
