import type { EngineName, EngineRequest, PlanOptions } from "../../api/request.ts";
import type { Given } from "../commands.ts";
import { list, switched, text } from "../given.ts";

/** Flags that say how registries are reached and where state lives. */
export const sessionOptions = (given: Given): Pick<PlanOptions, "store" | "insecureRegistries" | "registryMirrors"> => ({
  store: text(given, "store"),
  insecureRegistries: list(given, "insecureRegistry"),
  registryMirrors: list(given, "registryMirror"),
});

/** Flags that `build` and `plan` share. */
export const planOptions = (context: string | undefined, given: Given): PlanOptions & EngineRequest => ({
  ...sessionOptions(given),
  context: context ?? ".",
  file: text(given, "file"),
  platforms: list(given, "platform"),
  target: text(given, "target"),
  buildArgs: list(given, "buildArg"),
  buildContexts: list(given, "buildContext"),
  labels: list(given, "label"),
  noCache: switched(given, "noCache"),
  noCacheFilter: list(given, "noCacheFilter"),
  pull: switched(given, "pull"),
  engine: engineOf(text(given, "engine")),
  builder: text(given, "builder"),
  nodes: list(given, "node"),
});

const engineOf = (name: string | undefined): EngineName | undefined => (name === "auto" || name === "embedded" || name === "buildkit" ? name : undefined);
