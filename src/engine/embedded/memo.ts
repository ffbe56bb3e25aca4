/**
 * Work that is done once for each key, whoever asks and however often, and that can be waited for as a whole.
 * A failure is what everybody who asks gets; it never counts as unhandled.
 */
export class Memo {
  readonly #made = new Map<string, Promise<unknown>>();

  /** @param key  names the kind of work too, so that one memo serves several kinds */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const there = this.#made.get(key) as Promise<T> | undefined;
    if (there !== undefined) return there;
    const promise = make();
    promise.catch(() => {});
    this.#made.set(key, promise);
    return promise;
  }

  /** Resolves when everything asked for has ended, well or not; also what was asked for meanwhile. */
  async settled(): Promise<void> {
    for (let count = -1; count !== this.#made.size; ) {
      count = this.#made.size;
      await Promise.allSettled(this.#made.values());
    }
  }
}
