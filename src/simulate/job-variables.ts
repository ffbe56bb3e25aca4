import type { Given } from "../workflow/expression/data.ts";
import { OPEN } from "../workflow/expression/data.ts";
import type { Node } from "../workflow/tree.ts";
import { givenOf, type Scope, textOfScalar } from "./evaluate-text.ts";
import type { Text } from "./text.ts";

export type Variables = ReadonlyMap<string, Text>;

/** What an `env:` sets. */
export interface OwnVariables {
  readonly variables: Variables;
  /** It is one expression: nobody knows which it sets. */
  readonly open: boolean;
}

const NONE: OwnVariables = { variables: new Map(), open: false };

/** Reads an `env:`, its expressions filled in. */
export function variablesOf(env: Node | undefined, scope: Scope): OwnVariables {
  if (env === undefined) return NONE;
  if (env.kind !== "mapping") return { variables: NONE.variables, open: env.kind === "scalar" && env.expressions.length > 0 };
  const variables = new Map<string, Text>();
  for (const { key, value } of env.entries) if (value.kind === "scalar") variables.set(key.text, textOfScalar(value, scope));
  return { variables, open: false };
}

/** Both, the second over the first; the very same object where nothing comes to it. */
export function mergedVariables(under: Variables, over: Variables): Variables {
  if (over.size === 0) return under;
  return under.size === 0 ? over : new Map([...under, ...over]);
}

const contexts = new WeakMap<Variables, { readonly closed: Given; readonly open: Given }>();

/** The `env` context. @param open  whether there may be others */
export function envContext(variables: Variables, open: boolean): Given {
  let both = contexts.get(variables);
  if (both === undefined) {
    const known: Readonly<Record<string, Given>> = Object.fromEntries([...variables].map(([name, text]): [string, Given] => [name, givenOf(text)]));
    both = { closed: known, open: { ...known, [OPEN]: true } };
    contexts.set(variables, both);
  }
  return open ? both.open : both.closed;
}
