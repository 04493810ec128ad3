/** Counts open connections of all listeners of a source, in all and by address. */
export class ConnectionLimits {
  readonly #byAddress = new Map<string, number>();
  #open = 0;

  get open(): number {
    return this.#open;
  }

  /** Takes a place, or says why there is none. */
  enter(address: string, limits: { readonly total: number; readonly perPeer: number }): 'entered' | 'too_many' | 'too_many_from_peer' {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#open >= limits.total) return 'too_many';
    if (ofAddress >= limits.perPeer) return 'too_many_from_peer';
    this.#open += 1;
    this.#byAddress.set(address, ofAddress + 1);
    return 'entered';
  }

  leave(address: string): void {
    this.#open -= 1;
    const ofAddress = (this.#byAddress.get(address) ?? 1) - 1;
    if (ofAddress > 0) this.#byAddress.set(address, ofAddress);
    else this.#byAddress.delete(address);
  }
}
