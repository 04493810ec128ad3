import { Repeating } from '../../lib/repeating.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { TrustCompared } from '../../model/trusted-networks.ts';
import type { Settings } from '../../settings.ts';
import { HeldLease } from '../../store/state/held-lease.ts';
import type { Lease, State } from '../../store/state/state.ts';
import { lastTrustLook, noteTrustLook, type TrustLookRow } from '../../store/state/trust-looks.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { TrustedNetworkLists } from './trusting.ts';

export interface TrustWatchDeps {
  readonly state: State;
  readonly holder: string;
  readonly trust: Pick<TrustedNetworkLists, 'systems' | 'compare'>;
  settings(): Pick<Settings, 'acts'>;
  audit(event: AuditEvent): void;
  readonly telemetry: Pick<Telemetry, 'log'>;
  readonly now: () => number;
}

const EVERY_MS = 60_000;
const LEASE_MS = 300_000;
const HOUR_MS = 3_600_000;
/** A system that does not answer is left alone for so long. */
const RETRY_MS = HOUR_MS;

/**
 * Looks by the clock at what other systems trust, and says once what has come to differ from the team's lists: the first look only notes how it
 * is. What is said before it is noted may be said again after a kill, and is never left out.
 */
export class TrustWatch {
  readonly #deps: TrustWatchDeps;
  readonly #rounds: Repeating;
  readonly #lease: HeldLease;
  /** When each system that did not answer is asked again, by name. */
  readonly #retryAt = new Map<string, number>();

  constructor(deps: TrustWatchDeps) {
    const { state, holder, now, telemetry } = deps;
    this.#deps = deps;
    this.#lease = new HeldLease(state.leases, { name: 'trust', holder, ttlMs: LEASE_MS, now });
    const onError = (error: unknown) => telemetry.log('error', 'trusted networks wait; it is tried again', { error: String(error) });
    this.#rounds = new Repeating(EVERY_MS, () => this.look(), onError);
  }

  start(): void {
    void this.#rounds.start();
  }

  /** Resolves when what is under way is over. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#lease.release();
  }

  /** One round: the systems whose time has come. */
  async look(): Promise<void> {
    const { settings, trust } = this.#deps;
    const hours = settings().acts.trusted_networks_hours;
    const systems = trust.systems();
    if (hours === 0 || systems.length === 0) return;
    const lease = await this.#lease.hold();
    if (lease === undefined) return;
    for (const system of systems) await this.#lookAt(system, hours * HOUR_MS, lease);
  }

  async #lookAt(system: string, everyMs: number, lease: Lease): Promise<void> {
    const { state, trust, telemetry, now } = this.#deps;
    const last = await state.read((db) => lastTrustLook(db, system));
    const dueAt = Math.max((last?.looked_at ?? 0) + everyMs, this.#retryAt.get(system) ?? 0);
    if (now() < dueAt) return;
    const compared = await trust.compare(system);
    if (!compared.ok) {
      this.#retryAt.set(system, now() + RETRY_MS);
      telemetry.log('warn', `what ${system} trusts could not be looked at`, { error: compared.error.message });
      return;
    }
    this.#retryAt.delete(system);
    if (last !== undefined) this.#say(compared.value, last);
    const row = rowOf(compared.value, now());
    await state.fenced(lease, (tx) => noteTrustLook(tx, row));
  }

  #say({ system, onlyInSystem, onlyInLists }: TrustCompared, last: TrustLookRow): void {
    const [inSystem, inLists] = [newIn(onlyInSystem, last.only_in_system), newIn(onlyInLists, last.only_in_lists)];
    if (inSystem.length + inLists.length === 0) return;
    const said = [
      ...(inSystem.length > 0 ? [`${system} alone trusts ${inSystem.join(', ')}`] : []),
      ...(inLists.length > 0 ? [`the lists alone have ${inLists.join(', ')}`] : []),
    ];
    this.#deps.audit({
      action: 'trusted_networks_differ',
      category: ['configuration'],
      type: ['info'],
      outcome: 'success',
      message: `What ${system} trusts and the lists differ anew: ${said.join('; ')}`,
      about: {
        system,
        ...(inSystem.length > 0 && { only_in_system: inSystem }),
        ...(inLists.length > 0 && { only_in_lists: inLists }),
      },
    });
  }
}

const rowOf = ({ system, onlyInSystem, onlyInLists }: TrustCompared, at: number): TrustLookRow => ({
  system,
  looked_at: at,
  only_in_system: JSON.stringify(onlyInSystem),
  only_in_lists: JSON.stringify(onlyInLists),
});

/** What was not there at the last look. */
function newIn(networks: readonly string[], before: string): string[] {
  const known = new Set(JSON.parse(before) as readonly string[]);
  return networks.filter((network) => !known.has(network));
}
