import type { Daemon, DockerContext, Environment } from "./environment.ts";
import { shownText, type Text, textOf } from "./text.ts";

/** Which Docker the command line talks to. */
export interface Endpoint {
  /** As Buildx keys its selection: a context's name, or an address; undefined when unknown. */
  readonly key: string | undefined;
  /** The current context's name as the Docker CLI sees it: `default` under `DOCKER_HOST`; undefined when unknown. */
  readonly contextName: string | undefined;
  readonly context: DockerContext | undefined;
  /** Undefined: none, or not known: see `known`. */
  readonly daemon: Daemon | undefined;
  /** False when nobody knows which daemon it is. */
  readonly known: boolean;
}

const DEFAULT_ADDRESS = "unix:///var/run/docker.sock";

/** `DOCKER_HOST` comes first, then `DOCKER_CONTEXT`, then the context that is in use. @param variables  of the step and the command, over the job's */
export function endpointOf(environment: Environment, variables?: ReadonlyMap<string, Text>): Endpoint {
  const variable = (name: string): Text | undefined => variables?.get(name) ?? environment.variables.get(name);
  const host = given(variable("DOCKER_HOST"));
  if (host !== undefined) return atHost(host, environment);
  const chosen = given(variable("DOCKER_CONTEXT"));
  const name = chosen === undefined ? environment.context : textOf(chosen);
  const context = name === undefined ? undefined : environment.contexts.get(name);
  return { key: name, contextName: name, context, daemon: context?.daemon, known: context !== undefined };
}

function atHost(host: Text, environment: Environment): Endpoint {
  const address = textOf(host);
  if (address === DEFAULT_ADDRESS) {
    const context = environment.contexts.get("default");
    return { key: "default", contextName: "default", context, daemon: context?.daemon, known: context !== undefined };
  }
  // An address with holes is the same one as long as it is written in the same way.
  const key = shownText(host);
  const context = [...environment.contexts.values()].find((one) => one.endpoint === key);
  return { key: address ?? key, contextName: "default", context, daemon: context?.daemon, known: context !== undefined };
}

/** A variable that is set to nothing counts as not set. */
const given = (text: Text | undefined): Text | undefined => (text === undefined || text.parts.length === 0 ? undefined : text);
