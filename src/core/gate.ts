/** Lets at most so many through at once; the others wait in order. */
export interface Gate {
  /** Resolves with the way out, to be called once. Rejects with the signal's reason when aborted while waiting. */
  enter(signal?: AbortSignal): Promise<() => void>;
}

export function createGate(places: number): Gate {
  let free = places;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  const pass = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
    };
  };
  return {
    enter(signal) {
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      if (free > 0) {
        free--;
        return Promise.resolve(pass());
      }
      return new Promise((resolve, reject) => {
        const go = (): void => {
          signal?.removeEventListener("abort", giveUp);
          resolve(pass());
        };
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(go), 1);
          reject(signal?.reason as Error);
        };
        waiting.push(go);
        signal?.addEventListener("abort", giveUp, { once: true });
      });
    },
  };
}
