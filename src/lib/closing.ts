/** Things to close, in the reverse of the order they were opened. */
export class Closing {
  readonly #steps: { name: string; close: () => Promise<void> | void }[] = [];

  add<T>(name: string, opened: T, close: (opened: T) => Promise<void> | void): T {
    this.#steps.push({ name, close: () => close(opened) });
    return opened;
  }

  /** Closes everything, also when one step fails; `onError` hears of each failure. */
  async closeAll(onError: (name: string, error: unknown) => void): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step.close();
      } catch (error) {
        onError(step.name, error);
      }
    }
  }
}
