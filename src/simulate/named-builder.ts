import type { Environment } from "./environment.ts";
import type { Through } from "./operation.ts";
import type { Text } from "./text.ts";

/** Of a build, what decides its builder. */
export interface BuilderRequest {
  readonly through: Through;
  readonly builder: Text | undefined;
  readonly variables?: ReadonlyMap<string, Text>;
}

/** `--builder`, the input, or `BUILDX_BUILDER`; undefined when none is given. */
export function namedBuilder({ builder, variables }: BuilderRequest, environment: Environment): Text | undefined {
  return given(builder) ?? given(variables?.get("BUILDX_BUILDER") ?? environment.variables.get("BUILDX_BUILDER"));
}

const given = (text: Text | undefined): Text | undefined => (text === undefined || text.parts.length === 0 ? undefined : text);

/** `docker build` looks at the selected builder only when it was made an alias of `docker buildx build`. */
export const ignoresSelection = (request: BuilderRequest, environment: Environment): boolean =>
  request.through === "docker build" && !environment.buildIsBuildx && namedBuilder(request, environment) === undefined;
