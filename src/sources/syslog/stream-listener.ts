import { once } from 'node:events';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { EarshotError } from '../../lib/errors.ts';
import { plainAddress } from '../../lib/plain-address.ts';
import type { Origin } from '../../model/record.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { type HostPort, isLoopback } from '../listen.ts';
import type { Access, Door } from './access.ts';
import { type Certificates, readCertificates, watchCertificates } from './certificates.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import type { Session } from './session.ts';
import type { SyslogSettings, TlsSettings } from './settings.ts';
import type { SparingLog } from './sparing-log.ts';

/** libuv asks ten times, a second apart, after this much silence: a peer that is gone is noticed within a minute and a bit. */
const KEEPALIVE_MS = 60_000;
const BACKLOG = 1024;

/** What changes with the settings while a listener stays. */
export interface Rules {
  readonly settings: SyslogSettings;
  readonly access: Access;
}

interface StreamListenerOptions {
  readonly name: string;
  readonly transport: 'tcp' | 'tls' | 'relp';
  readonly at: HostPort;
  /** Absent: plain TCP. */
  readonly tls?: TlsSettings;
  readonly limits: ConnectionLimits;
  readonly log: SparingLog;
  readonly telemetry: Telemetry;
  rules(): Rules;
  session(socket: Socket, origin: Origin, onFault: (message: string) => void): Session;
}

/** One TCP or TLS listener: lets in who may send, within the limits, and gives each connection its session. */
export class StreamListener {
  readonly #options: StreamListenerOptions;
  readonly #server: Server;
  readonly #sessions = new Map<Socket, Session>();
  #tls: TlsSettings | undefined;
  #certificates: Certificates | undefined;
  #watch: { close(): void } | undefined;
  #closing = false;

  /** Throws EAR_CONFIG_INVALID for certificates that cannot be used, EAR_SOURCE_LISTEN when the address cannot be had. */
  static async open(options: StreamListenerOptions): Promise<StreamListener> {
    const listener = new StreamListener(options);
    const { host, port } = options.at;
    try {
      listener.#server.listen({ host, port, backlog: BACKLOG });
      await once(listener.#server, 'listening');
    } catch (error) {
      listener.#watch?.close();
      throw new EarshotError(
        'EAR_SOURCE_LISTEN',
        `${options.name}: cannot listen on ${options.transport} ${host}:${port}: ${text(error)}`,
        { cause: error },
      );
    }
    listener.#server.on('error', (error) =>
      options.telemetry.log('error', `${options.name}: ${options.transport} listener: ${error.message}`),
    );
    return listener;
  }

  private constructor(options: StreamListenerOptions) {
    this.#options = options;
    this.#tls = options.tls;
    this.#server = options.tls === undefined ? this.#plainServer() : this.#secureServer(options.tls);
  }

  address(): HostPort {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return this.#options.at;
    return { host: address.address, port: address.port };
  }

  get tls(): TlsSettings | undefined {
    return this.#tls;
  }

  /** Reads the certificate files again. New connections get the new ones; open ones stay. Throws, and keeps the old, when they cannot be used. */
  reloadCertificates(settings: TlsSettings): void {
    const fresh = readCertificates(settings, this.#place());
    const changed = fresh.fingerprint !== this.#certificates?.fingerprint;
    if (settings !== this.#tls) {
      this.#tls = settings;
      this.#watch?.close();
      this.#watch = watchCertificates(settings, () => this.#tryReload());
    }
    if (!changed) return;
    this.#certificates = fresh;
    (this.#server as TlsServer).setSecureContext(fresh.options);
    this.#options.telemetry.log('info', `${this.#options.name}: new certificates for ${this.#options.transport} are in use`);
  }

  /** Closes the door; connections go on. */
  refuseNew(): void {
    this.#closing = true;
    this.#watch?.close();
    this.#server.close();
  }

  async close(): Promise<void> {
    this.refuseNew();
    await Promise.all([...this.#sessions.values()].map((session) => session.goodbye()));
    // A socket is here until its 'close' event; `closed` may be true before that.
    const closed = [...this.#sessions.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of this.#sessions.keys()) socket.destroy();
    await Promise.all(closed);
  }

  #plainServer(): Server {
    const server = createTcpServer({ keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS, noDelay: true }, (socket) => {
      if (this.#enter(socket)) this.#converse(socket, {});
    });
    return server;
  }

  #secureServer(settings: TlsSettings): Server {
    this.#certificates = readCertificates(settings, this.#place());
    this.#watch = watchCertificates(settings, () => this.#tryReload());
    const server = createTlsServer({
      ...this.#certificates.options,
      handshakeTimeout: settings.handshake_timeout_secs * 1000,
      requestCert: settings.client_certificates !== 'off',
      rejectUnauthorized: settings.client_certificates === 'require',
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE_MS,
      noDelay: true,
    });
    // Before the handshake, which is what costs: so that who may not come in cannot make us work.
    server.prependListener('connection', (socket: Socket) => void this.#enter(socket));
    server.on('secureConnection', (socket) => this.#converse(socket, certificateOf(socket)));
    server.on('tlsClientError', (error, socket) => {
      // A socket that is closed already, as after a certificate that was refused, does not tell its address any more.
      this.#refused('handshake', socket.remoteAddress ?? 'an address not known any more', `TLS handshake failed: ${error.message}`);
      socket.destroy();
    });
    return server;
  }

  #enter(socket: Socket): boolean {
    socket.on('error', () => undefined);
    const { settings, access } = this.#options.rules();
    if (socket.remoteAddress === undefined || this.#closing) {
      socket.destroy();
      return false;
    }
    const address = plainAddress(socket.remoteAddress);
    if (!access.mayEnter(this.#door(), address)) {
      this.#refused('not_allowed', address, 'neither "peers" nor "allow" names it');
      socket.destroy();
      return false;
    }
    const limits = { total: settings.max_connections, perPeer: settings.max_connections_per_peer };
    const entered = this.#options.limits.enter(address, limits);
    if (entered !== 'entered') {
      this.#refused(
        entered,
        address,
        entered === 'too_many' ? `max_connections ${limits.total}` : `max_connections_per_peer ${limits.perPeer}`,
      );
      socket.destroy();
      return false;
    }
    this.#gauge();
    socket.once('close', () => {
      this.#options.limits.leave(address);
      this.#gauge();
    });
    return true;
  }

  #converse(socket: Socket, proof: { certificate?: string; verified?: boolean }): void {
    const { settings, access } = this.#options.rules();
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || this.#closing || socket.destroyed) {
      socket.destroy();
      return;
    }
    const address = plainAddress(remoteAddress);
    const origin = access.admit(this.#door(), { address, ...(remotePort !== undefined && { port: remotePort }), ...proof });
    if (origin === undefined) {
      this.#refused('not_allowed', address, `no peer fits its certificate (${proof.certificate ?? 'none'})`);
      socket.destroy();
      return;
    }
    const session = this.#options.session(socket, origin, (message) => this.#refused('bad_frame', address, message));
    this.#sessions.set(socket, session);
    let ended = false;
    socket.on('data', (chunk: Buffer) => session.take(chunk));
    socket.once('end', () => {
      ended = true;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#sessions.delete(socket);
      session.end(ended);
    });
    if (settings.idle_timeout_secs > 0) endWhenSilent(socket, session, settings.idle_timeout_secs * 1000);
  }

  #tryReload(): void {
    if (this.#tls === undefined || this.#closing) return;
    try {
      this.reloadCertificates(this.#tls);
    } catch (error) {
      this.#options.telemetry.log('error', `${text(error)}; the certificates before them stay in use`);
    }
  }

  #door(): Door {
    const { transport, at } = this.#options;
    return { transport, loopback: isLoopback(at.host), certificateRequired: this.#tls?.client_certificates === 'require' };
  }

  #place(): string {
    const { name, transport } = this.#options;
    return transport === 'relp' ? `sources.${name}.relp.tls` : `sources.${name}.tls`;
  }

  #refused(reason: string, address: string, why: string): void {
    const { name, transport, telemetry, log } = this.#options;
    telemetry.count('earshot_refused_connections_total', { source: name, reason });
    log.warn(`${reason} ${address}`, `${name}: a ${transport} connection from ${address} was refused or cut: ${why}`, { reason, address });
  }

  #gauge(): void {
    this.#options.telemetry.gauge('earshot_connections', { source: this.#options.name }, this.#options.limits.open);
  }
}

/** Node tells of a silence once, until something is heard: while the silence is ours, it is asked to tell again. */
function endWhenSilent(socket: Socket, session: Session, ms: number): void {
  socket.setTimeout(ms);
  socket.on('timeout', () => {
    if (session.pace.paused) socket.setTimeout(ms);
    else socket.destroy();
  });
}

/** The common name, only of a certificate that our authorities vouch for. Several names are none: nobody could say which counts. */
function certificateOf(socket: TLSSocket): { certificate?: string; verified?: boolean } {
  if (!socket.authorized) return {};
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? { certificate: name, verified: true } : { verified: true };
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
