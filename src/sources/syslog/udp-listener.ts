import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { EarshotError } from '../../lib/errors.ts';
import { plainAddress } from '../../lib/plain-address.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { addMessage, type Framed, nothingFramed, type Origins, originsOf } from '../framed.ts';
import { type HostPort, isLoopback } from '../listen.ts';
import type { Door } from './access.ts';
import type { Delivery } from './delivery.ts';
import type { SparingLog } from './sparing-log.ts';
import type { Rules } from './stream-listener.ts';
import { kernelDrops } from './udp-drops.ts';

const LOOK_AT_DROPS_EVERY_MS = 10_000;
/** Source addresses of datagrams can be invented, so what is remembered of them is bounded. */
const MAX_ADDRESSES = 10_000;

interface UdpListenerOptions {
  readonly name: string;
  readonly at: HostPort;
  readonly delivery: Delivery;
  readonly telemetry: Telemetry;
  readonly log: SparingLog;
  rules(): Rules;
}

/**
 * Syslog over UDP (RFC 5426): one datagram, one message, no way to slow the sender down. What has no room is dropped and counted, also
 * what the kernel dropped before we could read it. The sender's port says nothing, so an origin is an address.
 */
export class UdpListener {
  readonly #options: UdpListenerOptions;
  readonly #socket: Socket;
  #origins = new Map<string, Origins | undefined>();
  #waiting = new Map<Origins, Framed>();
  #flushing = false;
  #timer: NodeJS.Timeout | undefined;
  #kernelDrops = 0;

  /** Throws EAR_SOURCE_LISTEN when the address cannot be had. */
  static async open(options: UdpListenerOptions): Promise<UdpListener> {
    const listener = new UdpListener(options);
    const { host, port } = options.at;
    try {
      listener.#socket.bind({ address: host, port });
      await once(listener.#socket, 'listening');
    } catch (error) {
      listener.#socket.close();
      const why = error instanceof Error ? error.message : String(error);
      throw new EarshotError('EAR_SOURCE_LISTEN', `${options.name}: cannot listen on udp ${host}:${port}: ${why}`, { cause: error });
    }
    listener.#start();
    return listener;
  }

  private constructor(options: UdpListenerOptions) {
    this.#options = options;
    this.#socket = createSocket({ type: isIPv6(options.at.host) ? 'udp6' : 'udp4' });
  }

  address(): HostPort {
    const { address, port } = this.#socket.address();
    return { host: address, port };
  }

  /** The rules of who may send changed. */
  forgetOrigins(): void {
    this.#origins = new Map();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#countKernelDrops();
    this.#flush();
    this.#socket.close();
    await once(this.#socket, 'close');
    this.#flush();
  }

  #start(): void {
    const { name, telemetry, rules } = this.#options;
    this.#socket.on('error', (error) => telemetry.log('error', `${name}: udp listener: ${error.message}`));
    this.#socket.on('message', (message, remote) => this.#take(message, remote));
    this.#askForBuffer(rules().settings.receive_buffer_bytes);
    this.#timer = setInterval(() => void this.#countKernelDrops(), LOOK_AT_DROPS_EVERY_MS).unref();
  }

  #askForBuffer(wanted: number): void {
    const { name, telemetry } = this.#options;
    try {
      this.#socket.setRecvBufferSize(wanted);
    } catch (error) {
      telemetry.log('warn', `${name}: the system refuses a UDP receive buffer of ${wanted} bytes: ${String(error)}`);
      return;
    }
    // Linux grants twice what it was asked for, for its own bookkeeping, and silently no more than net.core.rmem_max.
    const granted = this.#socket.getRecvBufferSize();
    if (granted < wanted)
      telemetry.log(
        'info',
        `${name}: UDP receive buffer is ${granted} bytes, not ${wanted}: raise net.core.rmem_max to lose less in bursts`,
      );
  }

  #take(message: Buffer, remote: RemoteInfo): void {
    if (message.length === 0) return;
    const origins = this.#originsOf(remote.address);
    const { delivery } = this.#options;
    if (origins === undefined) {
      delivery.dropped('not_allowed', 1);
      return;
    }
    if (delivery.congested) {
      delivery.dropped('no_room', 1);
      return;
    }
    let framed = this.#waiting.get(origins);
    if (framed === undefined) {
      framed = nothingFramed();
      this.#waiting.set(origins, framed);
    }
    const max = this.#options.rules().settings.max_message_bytes;
    if (message.length > max) addMessage(framed, message.subarray(0, max), 'too_long');
    else addMessage(framed, message);
    if (this.#flushing) return;
    this.#flushing = true;
    // After all datagrams that this turn of the loop reads: they share batches.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [origins, framed] of waiting) void this.#options.delivery.store(origins, framed);
  }

  #originsOf(address: string): Origins | undefined {
    if (this.#origins.has(address)) return this.#origins.get(address);
    const door: Door = { transport: 'udp', loopback: isLoopback(this.#options.at.host), certificateRequired: false };
    const origin = this.#options.rules().access.admit(door, { address: plainAddress(address) });
    const origins = origin === undefined ? undefined : originsOf(origin);
    if (origins === undefined) {
      const { name, log } = this.#options;
      log.warn(`udp ${address}`, `${name}: datagrams from ${address} are dropped: neither "peers" nor "allow" names it`, { address });
    }
    if (this.#origins.size >= MAX_ADDRESSES) this.#origins.clear();
    this.#origins.set(address, origins);
    return origins;
  }

  async #countKernelDrops(): Promise<void> {
    const drops = await kernelDrops(this.address().port);
    if (drops === undefined || drops <= this.#kernelDrops) return;
    const lost = drops - this.#kernelDrops;
    this.#kernelDrops = drops;
    const { name, delivery, log } = this.#options;
    delivery.dropped('kernel_buffer_full', lost);
    log.warn('kernel drops', `${name}: the kernel dropped ${lost} datagrams, because the UDP receive buffer was full`, { lost });
  }
}
