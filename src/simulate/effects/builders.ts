import { latestBuildx } from "../../facts/buildx.ts";
import { shownName } from "../builder-name.ts";
import { endpointOf } from "../endpoint.ts";
import type { Builder, BuilderNode, Environment, Selection } from "../environment.ts";
import type { CreateBuilder } from "../operation.ts";
import { knownItems, shownText, textOf } from "../text.ts";
import { type Effect, maybe, withDoubt } from "./effect.ts";

/** `docker buildx create` and what does the same. */
export const createBuilder: Effect<"create-builder"> = (operation, before, { sure, asOf }) => {
  const environment = withBuildx(operation, before, sure, asOf);
  // A second builder with the docker driver cannot be made: the action only names the context's own.
  if (operation.driver === "docker") return environment;
  const name = operation.name === undefined ? `made by step ${environment.builders.size + 1}` : shownText(operation.name);
  const existing = environment.builders.get(name);
  const builder = existing === undefined || !operation.append ? made(operation, name, environment, sure) : withNode(existing, operation, environment, sure);
  const next: Environment = { ...environment, builders: new Map([...environment.builders, [name, builder]]) };
  if (operation.append || operation.use === false) return next;
  const { key } = endpointOf(environment, operation.variables);
  const chosen = key === undefined ? next : { ...next, selected: selection(key, name, operation) };
  if (key !== undefined && sure && operation.use === true) return chosen;
  return withDoubt(chosen, maybe(`builder ${shownName(name)} is chosen`, operation));
};

const selection = (endpoint: string, builder: string | undefined, { place }: CreateBuilder | { readonly place: CreateBuilder["place"] }): Selection => ({
  endpoint,
  builder,
  fact: { sentence: builder === undefined ? "the context's own builder is chosen" : `builder ${shownName(builder)} is chosen`, place },
});

function made(operation: CreateBuilder, name: string, environment: Environment, sure: boolean): Builder {
  const options = knownItems(operation.driverOptions);
  return {
    name,
    driver: operation.driver,
    endpoint: nodeEndpoint(operation, environment),
    context: undefined,
    nodes: [{ endpoint: nodeEndpoint(operation, environment), platforms: operation.platforms }],
    driverOptions: new Map(options.map((option) => cut(option))),
    openOptions: operation.driverOptions.open || options.length < operation.driverOptions.items.length,
    config: operation.config,
    keepState: operation.keepState,
    fact: { sentence: `builder ${shownName(name)} is made, with the ${operation.driver} driver`, place: operation.place },
    certain: sure && operation.driver !== "unknown",
  };
}

function withNode(builder: Builder, operation: CreateBuilder, environment: Environment, sure: boolean): Builder {
  const node: BuilderNode = { endpoint: nodeEndpoint(operation, environment), platforms: operation.platforms };
  return { ...builder, nodes: [...builder.nodes, node], certain: builder.certain && sure };
}

function nodeEndpoint(operation: CreateBuilder, environment: Environment): string {
  return operation.endpoint === undefined ? (endpointOf(environment, operation.variables).key ?? "unknown") : shownText(operation.endpoint);
}

function cut(option: string): [string, string] {
  const at = option.indexOf("=");
  return at === -1 ? [option, ""] : [option.slice(0, at), option.slice(at + 1)];
}

/** A step may bring a Buildx of its own. */
function withBuildx({ buildxVersion }: CreateBuilder, environment: Environment, sure: boolean, asOf: string): Environment {
  if (buildxVersion === undefined) return environment;
  const text = textOf(buildxVersion)?.trim();
  if (text === "") return environment;
  const number = text === undefined ? undefined : /^v?(\d+\.\d+\.\d+)/.exec(text)?.[1];
  const version = number ?? (text === "latest" ? latestBuildx(asOf) : undefined);
  return { ...environment, buildxVersion: sure || version === environment.buildxVersion ? version : undefined };
}

/** `docker buildx use NAME`. */
export const useBuilder: Effect<"use-builder"> = (operation, environment, { sure }) => {
  const name = operation.name === undefined ? undefined : shownText(operation.name);
  const { key, contextName } = endpointOf(environment, operation.variables);
  if (name === undefined || key === undefined) return withDoubt(environment, maybe("some builder is chosen", operation));
  const isOwn = !environment.builders.has(name) && name === contextName;
  if (!isOwn && !environment.builders.has(name)) {
    // On a machine that is new for each job it fails, and chooses nothing.
    const fails = textOf(operation.name) !== undefined && environment.runner.kind === "hosted" && environment.doubts.length === 0;
    return fails ? environment : withDoubt(environment, { sentence: `builder ${shownName(name)} is chosen, which no step made`, place: operation.place });
  }
  const next: Environment = { ...environment, selected: selection(key, isOwn ? undefined : name, operation) };
  return sure ? next : withDoubt(next, maybe(`builder ${shownName(name)} is chosen`, operation));
};

/** `docker buildx rm`. A builder that is chosen and gone is chosen no more. */
export const removeBuilder: Effect<"remove-builder"> = (operation, environment, { sure }) => {
  const known = knownItems(operation.names);
  const gone = known.length > 0 || operation.names.open ? known : [environment.selected?.builder].filter((name) => name !== undefined);
  const builders = new Map(environment.builders);
  for (const name of gone) builders.delete(name);
  const clear = sure && !operation.names.open && known.length === operation.names.items.length;
  if (clear) return builders.size === environment.builders.size ? environment : { ...environment, builders };
  return withDoubt(environment, maybe("builders are removed", operation));
};

/** `docker buildx install`: from then on `docker build` is `docker buildx build`. */
export const installBuildx: Effect<"install-buildx"> = (operation, environment, { sure }) => {
  if (environment.buildIsBuildx) return environment;
  const next: Environment = { ...environment, buildIsBuildx: true };
  return sure ? next : withDoubt(next, maybe("`docker build` becomes `docker buildx build`", operation));
};
