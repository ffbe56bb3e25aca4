import type { Environment } from "../dockerfile/words.ts";

/** Variables in order of their last definition, as BuildKit keeps them. Values of ENV and ARG stand side by side. */
export class Variables implements Environment {
  readonly #values: Map<string, string>;

  constructor(values: Iterable<readonly [string, string]> = []) {
    this.#values = new Map(values);
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }

  set(name: string, value: string): void {
    this.#values.delete(name);
    this.#values.set(name, value);
  }

  copy(): Variables {
    return new Variables(this.#values);
  }

  /** `NAME=value`, oldest first. */
  assignments(): string[] {
    return [...this.#values].map(([name, value]) => `${name}=${value}`);
  }
}

/** `NAME=value` parted at the first `=`; without one the value is empty. */
export function partAssignment(text: string): readonly [name: string, value: string] {
  const at = text.indexOf("=");
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** A config's `Env` with one variable set: in its old place when it was there. */
export function withVariable(env: readonly string[], name: string, value: string): string[] {
  const at = env.findIndex((assignment) => partAssignment(assignment)[0] === name);
  return at === -1 ? [...env, `${name}=${value}`] : env.with(at, `${name}=${value}`);
}
