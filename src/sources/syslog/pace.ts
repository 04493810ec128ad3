import type { Socket } from 'node:net';
import type { Delivery } from './delivery.ts';

/** Bytes of one connection that may be taken from the network and not yet on disk; a few chunks more can come before the pause bites. */
const MAX_PENDING_BYTES = 1024 * 1024;
/** Answers a peer does not read; beyond that nothing more is read from it either. */
const MAX_UNREAD_ANSWER_BYTES = 256 * 1024;

/** Stops and resumes reading from one connection, so that the sender feels what the raw log cannot take. */
export class Pace {
  readonly #socket: Socket;
  readonly #delivery: Delivery;
  #pending = 0;
  #paused = false;
  #waiting = false;

  constructor(socket: Socket, delivery: Delivery) {
    this.#socket = socket;
    this.#delivery = delivery;
    socket.on('drain', () => this.#check());
    // There may be no space already.
    this.#check();
  }

  /** We, not the peer, are the reason for the silence. */
  get paused(): boolean {
    return this.#paused;
  }

  took(bytes: number): void {
    this.#pending += bytes;
    this.#check();
  }

  stored(bytes: number): void {
    this.#pending -= bytes;
    this.#check();
  }

  #check(): void {
    if (this.#socket.destroyed) return;
    const answersWait = this.#socket.writableLength > MAX_UNREAD_ANSWER_BYTES;
    const mustWait = this.#delivery.congested || answersWait || this.#pending > (this.#paused ? MAX_PENDING_BYTES / 2 : MAX_PENDING_BYTES);
    if (mustWait && !this.#paused) this.#socket.pause();
    if (!mustWait && this.#paused) this.#socket.resume();
    this.#paused = mustWait;
    if (this.#delivery.congested) void this.#waitForSpace();
  }

  async #waitForSpace(): Promise<void> {
    if (this.#waiting) return;
    this.#waiting = true;
    await this.#delivery.whenFree();
    this.#waiting = false;
    this.#check();
  }
}
