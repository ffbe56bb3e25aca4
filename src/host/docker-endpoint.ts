import type { ContextFact, EndpointFact, Known } from "./facts.ts";
import { fieldsIn, text } from "./json.ts";
import { known, unasked, unknown } from "./known.ts";
import type { HostFiles } from "./ports.ts";

/** Where the Docker CLI keeps its configuration. */
export const dockerFolder = (env: Env, home: string): string => env.DOCKER_CONFIG || `${home}/.docker`;

export type Env = Readonly<Record<string, string | undefined>>;

/** Which context the Docker CLI takes, and by what; its address is told by the context. */
export interface ChosenContext {
  /** `default` when `DOCKER_HOST` names an address. */
  readonly name: string;
  readonly chosenBy: EndpointFact["chosenBy"];
}

/** @see docker/cli cli/command/cli.go, resolveContextName, read 2026-11-22 */
export function chosenContext(env: Env, home: string, files: HostFiles): ChosenContext {
  if (env.DOCKER_HOST) return { name: "default", chosenBy: "DOCKER_HOST" };
  if (env.DOCKER_CONTEXT) return { name: env.DOCKER_CONTEXT, chosenBy: "DOCKER_CONTEXT" };
  const config = files.read(`${dockerFolder(env, home)}/config.json`, true);
  const current = config.kind === "text" ? text(fieldsIn(config.text)?.currentContext) : undefined;
  return current ? { name: current, chosenBy: "config" } : { name: "default", chosenBy: "default" };
}

/** The endpoint that `docker` talks to. @param contexts  those that are there; without them only an address in `DOCKER_HOST` is known */
export function endpointFact({ name, chosenBy }: ChosenContext, env: Env, contexts: Known<readonly ContextFact[]>): Known<EndpointFact> {
  const source = chosenBy === "config" ? "config.json of the Docker CLI" : chosenBy === "default" ? "docker context ls" : chosenBy;
  const context = chosenBy === "DOCKER_HOST" ? undefined : name;
  const found = contexts.known ? contexts.value.find((one) => one.name === name) : undefined;
  const address = found?.endpoint ?? (chosenBy === "DOCKER_HOST" ? env.DOCKER_HOST : undefined);
  if (address !== undefined) return known({ context, address, chosenBy }, source);
  // Releases up to 20.10 list no contexts when the current one is not there.
  if (!contexts.known) return contexts.why.includes(`context "${name}"`) ? contexts : unasked(contexts, source);
  return unknown(
    "absent",
    `there is no Docker context "${name}", which ${chosenBy === "DOCKER_CONTEXT" ? "DOCKER_CONTEXT" : "config.json"} names`,
    chosenBy === "DOCKER_CONTEXT"
      ? "unset DOCKER_CONTEXT, or name one that `docker context ls` shows"
      : "choose one that is there: `docker context use default`",
    source,
  );
}
