import { nearest } from "../core/nearest.ts";
import type { Dockerfile, Instruction } from "../dockerfile/ast.ts";
import type { StageNode } from "./stage-node.ts";

/** Build arguments that mean something without any ARG: proxies of RUN, switches of BuildKit, the platform, the epoch. */
const PREDEFINED = /^(?:(?:https?|ftp|no|all)_proxy|BUILDKIT_\w+|SOURCE_DATE_EPOCH|(?:BUILD|TARGET)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)|TARGETSTAGE)$/i;

/** A warning for each --build-arg that no ARG of the file, and no trigger of a base, names. */
export function unusedArguments(
  { globalArgs, stages }: Dockerfile,
  trees: readonly (readonly StageNode[])[],
  buildArgs: ReadonlyMap<string, string>,
): string[] {
  const instructions: Instruction[] = [...globalArgs, ...stages.flatMap((stage) => stage.instructions)];
  for (const nodes of trees) for (const { commands } of nodes) instructions.push(...commands.map((command) => command.instruction));
  const declared = new Set(instructions.flatMap((instruction) => (instruction.kind === "arg" ? instruction.args.map(({ name }) => name.text) : [])));
  const unused = [...buildArgs.keys()].filter((name) => !declared.has(name) && !PREDEFINED.test(name));
  return unused.map((name) => {
    const near = nearest(name, declared);
    return `build argument "${name}" was not consumed: no ARG names it${near === undefined ? "" : `; did you mean "${near}"?`}`;
  });
}
