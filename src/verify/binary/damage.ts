/** Takes what is wrong with a file; the first thing told counts. */
export interface Damage {
  readonly told: string | undefined;
  /** A clause whose subject is the file: `it is cut short in its header`. */
  tell(what: string): void;
}

export function damageOf(): Damage {
  let told: string | undefined;
  return {
    get told() {
      return told;
    },
    tell(what) {
      told ??= what;
    },
  };
}
