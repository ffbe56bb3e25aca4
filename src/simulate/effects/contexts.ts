import { endpointOf } from "../endpoint.ts";
import type { DockerContext, Environment } from "../environment.ts";
import { shownText, textOf } from "../text.ts";
import { type Effect, maybe, withDoubt } from "./effect.ts";

/** `docker context use NAME`. Images of the other daemon are out of sight. */
export const useContext: Effect<"use-context"> = (operation, environment, { sure }) => {
  const name = textOf(operation.name);
  if (name === environment.context) return environment;
  const known = name !== undefined && environment.contexts.has(name);
  if (sure && known) return { ...environment, context: name, images: [] };
  const what = name === undefined ? "another Docker context is used" : `Docker context "${name}" is used`;
  const next: Environment = sure ? { ...environment, context: undefined } : environment;
  return withDoubt(next, sure ? { sentence: `${what}, which no step made`, place: operation.place } : maybe(what, operation));
};

/** `docker context create NAME`. Without an address it is a copy of the current one, which keeps its daemon under another name. */
export const createContext: Effect<"create-context"> = (operation, environment, { sure }) => {
  if (operation.name === undefined) return environment;
  const name = shownText(operation.name);
  const current = endpointOf(environment, operation.variables);
  const endpoint = operation.endpoint === undefined ? undefined : shownText(operation.endpoint);
  const same = endpoint === undefined ? current.context : [...environment.contexts.values()].find((context) => context.endpoint === endpoint);
  const fact = { sentence: `Docker context "${name}" is made`, place: operation.place };
  const unknown = { version: undefined, store: "unknown", storeFact: fact, rootless: false, mirrors: [] } as const;
  const context: DockerContext = { name, endpoint: endpoint ?? same?.endpoint ?? name, daemon: same === undefined ? unknown : same.daemon, fact };
  const next: Environment = { ...environment, contexts: new Map([...environment.contexts, [name, context]]) };
  return sure ? next : withDoubt(next, maybe(`Docker context "${name}" is made`, operation));
};
