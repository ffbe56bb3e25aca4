import { formatPlatform, type Platform } from "../core/platform.ts";
import type { Dockerfile } from "../dockerfile/ast.ts";
import { expandWord } from "../dockerfile/words.ts";
import type { ComplaintList } from "./complaints.ts";
import { Variables } from "./environment.ts";

/** `os/arch/variant` without the version of the operating system. */
const plainPlatform = ({ os, architecture, variant }: Platform): string => formatPlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) });

/** Build arguments that exist without any ARG; inside a stage ARG has to name them, as any other. */
function platformArguments(target: Platform, build: Platform, stage: string): [string, string][] {
  return [
    ["BUILDPLATFORM", plainPlatform(build)],
    ["BUILDOS", build.os],
    ["BUILDOSVERSION", build["os.version"] ?? ""],
    ["BUILDARCH", build.architecture],
    ["BUILDVARIANT", build.variant ?? ""],
    ["TARGETPLATFORM", formatPlatform(target)],
    ["TARGETOS", target.os],
    ["TARGETOSVERSION", target["os.version"] ?? ""],
    ["TARGETARCH", target.architecture],
    ["TARGETVARIANT", target.variant ?? ""],
    ["TARGETSTAGE", stage],
  ];
}

/**
 * The variables that FROM sees: platform arguments (a build argument of the same name goes before), then the ARGs ahead of the first FROM.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb platform.go `defaultArgs`, convert.go `buildMetaArgs`, read 2026-11-22
 */
export function globalArguments(
  { file, directives, globalArgs, stages }: Dockerfile,
  about: {
    readonly target: Platform;
    readonly build: Platform;
    readonly targetStage: string | undefined;
    readonly buildArgs: ReadonlyMap<string, string>;
  },
  complaints: ComplaintList,
): Variables {
  const stage = about.targetStage ?? stages.at(-1)?.name ?? "default";
  const variables = new Variables(platformArguments(about.target, about.build, stage).map(([name, value]) => [name, about.buildArgs.get(name) ?? value]));
  for (const { name, value } of globalArgs.flatMap((instruction) => instruction.args)) {
    const given = about.buildArgs.get(name.text);
    if (given !== undefined) variables.set(name.text, given);
    else if (value !== undefined) {
      const expanded = complaints.attempt({ file, span: value.span }, () => expandWord(value.text, variables, directives).value);
      if (expanded !== undefined) variables.set(name.text, expanded);
    }
  }
  return variables;
}
