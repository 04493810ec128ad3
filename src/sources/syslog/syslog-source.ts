import { originsOf } from '../framed.ts';
import { type HostPort, parseListen } from '../listen.ts';
import type { ListenAddress, Refusal, RunningSource, SourceContext } from '../source.ts';
import { Access } from './access.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { Delivery } from './delivery.ts';
import { PlainSession } from './plain-session.ts';
import { RelpSession } from './relp-session.ts';
import { ResentMessages } from './resent.ts';
import type { SyslogSettings, TlsSettings } from './settings.ts';
import { SparingLog } from './sparing-log.ts';
import { type Rules, StreamListener } from './stream-listener.ts';
import { UdpListener } from './udp-listener.ts';

/** How long the raw log may take at the end, before what it does not take is counted as dropped. */
const DRAIN_MS = 5000;

const TRANSPORTS = ['udp', 'tcp', 'tls', 'relp'] as const;
type Transport = (typeof TRANSPORTS)[number];
type Listener = UdpListener | StreamListener;

/** Starts all listeners of one syslog source. Throws EAR_SOURCE_LISTEN or EAR_CONFIG_INVALID, and then none is left open. */
export async function startSyslogSource(context: SourceContext<SyslogSettings>): Promise<RunningSource<SyslogSettings>> {
  const source = new SyslogSource(context);
  await source.reload(context.settings);
  return source;
}

class SyslogSource implements RunningSource<SyslogSettings> {
  readonly #context: SourceContext<SyslogSettings>;
  readonly #delivery: Delivery;
  readonly #log: SparingLog;
  readonly #limits = new ConnectionLimits();
  readonly #resent = new ResentMessages();
  readonly #listeners = new Map<Transport, Listener>();
  /** Listeners that a reload replaced; their connections go on. */
  readonly #former = new Set<StreamListener>();
  #rules: Rules;
  #stopped: Promise<void> | undefined;

  constructor(context: SourceContext<SyslogSettings>) {
    this.#context = context;
    this.#delivery = new Delivery(context);
    this.#log = new SparingLog(context.telemetry, context.now);
    this.#rules = { settings: context.settings, access: new Access(context.settings) };
  }

  refusals(): readonly Refusal[] {
    return this.#log.refusals();
  }

  addresses(): readonly ListenAddress[] {
    return TRANSPORTS.flatMap((transport) => {
      const listener = this.#listeners.get(transport);
      return listener === undefined ? [] : [{ transport, ...listener.address() }];
    });
  }

  async reload(settings: SyslogSettings): Promise<void> {
    const before = this.#rules;
    const opened = new Map<Transport, Listener>();
    this.#rules = { settings, access: new Access(settings) };
    try {
      for (const transport of TRANSPORTS) {
        if (settings[transport] !== false && !this.#stays(transport, before.settings, settings)) {
          this.#freeAddress(transport, before.settings, settings);
          opened.set(transport, await this.#open(transport, settings));
        }
      }
      for (const [transport, listener] of this.#listeners) {
        const tls = tlsOf(transport, settings);
        if (!opened.has(transport) && tls !== undefined && listener instanceof StreamListener) listener.reloadCertificates(tls);
      }
    } catch (error) {
      this.#rules = before;
      await Promise.all([...opened.values()].map((listener) => listener.close()));
      await this.#reopen(before.settings);
      throw error;
    }
    await this.#replace(opened, settings);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#listeners.values(), ...this.#former].map((listener) => listener.close()));
    await this.#delivery.drain(DRAIN_MS);
  }

  /** A running listener serves the new settings as well as the old. */
  #stays(transport: Transport, before: SyslogSettings, settings: SyslogSettings): boolean {
    const [old, wanted] = [before[transport], settings[transport]];
    if (!this.#listeners.has(transport) || old === false || wanted === false) return false;
    const [oldTls, wantedTls] = [tlsOf(transport, before), tlsOf(transport, settings)];
    const sameHandshake =
      oldTls?.client_certificates === wantedTls?.client_certificates &&
      oldTls?.handshake_timeout_secs === wantedTls?.handshake_timeout_secs;
    return old.listen === wanted.listen && (oldTls === undefined) === (wantedTls === undefined) && sameHandshake;
  }

  /** The same address with another kind of handshake: the old door must be shut before the new one can be opened. */
  #freeAddress(transport: Transport, before: SyslogSettings, settings: SyslogSettings): void {
    const [old, wanted] = [before[transport], settings[transport]];
    const listener = this.#listeners.get(transport);
    if (listener === undefined || old === false || wanted === false || old.listen !== wanted.listen) return;
    this.#listeners.delete(transport);
    this.#retire(listener);
  }

  /** After a reload that failed: listeners that had to make room come back. */
  async #reopen(settings: SyslogSettings): Promise<void> {
    for (const transport of TRANSPORTS) {
      if (settings[transport] === false || this.#listeners.has(transport) || this.#former.size === 0) continue;
      this.#listeners.set(transport, await this.#open(transport, settings));
    }
  }

  async #replace(opened: ReadonlyMap<Transport, Listener>, settings: SyslogSettings): Promise<void> {
    for (const transport of TRANSPORTS) {
      const old = this.#listeners.get(transport);
      const fresh = opened.get(transport);
      if (old !== undefined && (fresh !== undefined || settings[transport] === false)) {
        this.#listeners.delete(transport);
        if (old instanceof UdpListener) await old.close();
        else this.#retire(old);
      }
      if (fresh !== undefined) this.#listeners.set(transport, fresh);
      if (old instanceof UdpListener) old.forgetOrigins();
    }
  }

  #retire(listener: Listener): void {
    if (!(listener instanceof StreamListener)) return;
    listener.refuseNew();
    this.#former.add(listener);
  }

  #open(transport: Transport, settings: SyslogSettings): Promise<Listener> {
    const { name, telemetry } = this.#context;
    const listener = settings[transport];
    const at = addressOf(listener === false ? '' : listener.listen);
    const rules = () => this.#rules;
    if (transport === 'udp') return UdpListener.open({ name, at, delivery: this.#delivery, telemetry, log: this.#log, rules });
    const tls = tlsOf(transport, settings);
    return StreamListener.open({
      name,
      transport,
      at,
      ...(tls !== undefined && { tls }),
      limits: this.#limits,
      log: this.#log,
      telemetry,
      rules,
      session: (socket, origin, onFault) => {
        const shared = {
          socket,
          origins: originsOf(origin),
          delivery: this.#delivery,
          maxMessageBytes: this.#rules.settings.max_message_bytes,
          onFault,
        };
        if (transport !== 'relp') return new PlainSession(shared);
        const peer = origin.certificate ?? origin.address ?? '';
        const onResent = (count: number) => telemetry.count('earshot_resent_events_total', { source: name }, count);
        return new RelpSession({ ...shared, memory: this.#resent.connection(peer), onResent });
      },
    });
  }
}

function tlsOf(transport: Transport, settings: SyslogSettings): TlsSettings | undefined {
  if (transport === 'tls') return settings.tls === false ? undefined : settings.tls;
  return transport !== 'relp' || settings.relp === false || settings.relp.tls === false ? undefined : settings.relp.tls;
}

function addressOf(listen: string): HostPort {
  const parsed = parseListen(listen);
  if (!parsed.ok) throw new Error(`settings were not checked: ${parsed.error}`);
  return parsed.value;
}
