import { ProblemError } from "../core/problem.ts";
import { beyondEmbedded } from "./refuse.ts";
import type { BuildRequest } from "./request.ts";

/** The engine that a request asks for by its flags, and with which; `auto`: the plan decides. */
export interface AskedEngine {
  readonly engine: "auto" | "embedded" | "buildkit";
  /** `--engine`, `--builder`, `--emulator` …; undefined with `auto`. */
  readonly by: string | undefined;
}

/** @throws {ProblemError} `usage` when flags ask for both | `feature-unsupported` when the embedded engine is asked for what it cannot do */
export function askedEngine(request: BuildRequest): AskedEngine {
  const { engine = "auto", emulators = [] } = request;
  const theirs = flagOfBuildkit(request);
  if (theirs === undefined && engine !== "buildkit" && emulators.length > 0) return embedded(request, "--emulator");
  if (engine !== "embedded") return theirs === undefined ? { engine, by: engine === "auto" ? undefined : "--engine" } : { engine: "buildkit", by: theirs };
  if (theirs === undefined) return embedded(request, "--engine");
  throw new ProblemError("usage", { message: `${theirs} is BuildKit's, and --engine embedded uses none`, hint: `leave out --engine, or ${theirs}` });
}

function embedded(request: BuildRequest, by: string): AskedEngine {
  const beyond = beyondEmbedded(request);
  if (beyond !== undefined) throw beyond;
  return { engine: "embedded", by };
}

function flagOfBuildkit({ builder, nodes = [], directPush }: BuildRequest): string | undefined {
  if (nodes.length > 0) return "--node";
  if (builder !== undefined) return "--builder";
  return directPush === true ? "--direct-push" : undefined;
}

/** What was given and means nothing to BuildKit, which has settings of its own. */
export function withoutEffectOnBuildkit({ emulators = [], registryMirrors = [] }: BuildRequest): readonly string[] {
  return [
    ...(emulators.length > 0 ? ["--emulator has no effect: BuildKit emulates with what its machine has"] : []),
    ...(registryMirrors.length > 0 ? ["--registry-mirror has no effect: BuildKit pulls by its own configuration"] : []),
  ];
}
