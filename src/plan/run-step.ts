import type { RunInstruction } from "../dockerfile/ast.ts";
import { heredocOpening } from "../dockerfile/heredoc.ts";
import { runArguments } from "../dockerfile/history.ts";
import type { RunMountPlan, RunVertex, VertexId } from "./graph.ts";
import { absolutePath } from "./paths.ts";
import { type PlanScope, stepLabel } from "./scope.ts";
import { contextVertex } from "./source-vertices.ts";
import type { Command, StageNode } from "./stage-node.ts";
import type { StageState } from "./stage-state.ts";
import { sourceFiles } from "./transfer.ts";

/**
 * Plans the layer of a RUN whose mounts are expanded.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go `dispatchRun`, convert_runmount.go, read 2026-11-22
 */
export function planRun(instruction: RunInstruction, command: Command, node: StageNode, state: StageState, scope: PlanScope): VertexId {
  const { config, platform, variables } = state;
  const mounts = instruction.mounts.map((mount, i): RunMountPlan => {
    const { type, options } = mount;
    const source = command.sources[i];
    const from =
      source?.state !== undefined ? sourceFiles(source.state.files) : type === "bind" && !options.get("from") ? contextVertex(scope.vertices) : undefined;
    return { type, ...(from === undefined ? {} : { from }), options: Object.fromEntries(options) };
  });
  const [first] = instruction.heredocs;
  const script = first !== undefined && heredocOpening(instruction.command.words[0] ?? "") !== undefined ? first.content : undefined;
  const summary = script === undefined ? "" : ` (${firstLine(script)})`;
  const label = stepLabel(node, command, state, scope, summary);
  const operation = {
    on: state.files,
    platform,
    ...programOf(instruction, shellOf(state), script),
    environment: variables.assignments(),
    workdir: absolutePath(config.WorkingDir || "/", platform.os),
    user: config.User ?? "",
    mounts,
    ...(instruction.network === undefined ? {} : { network: instruction.network.text }),
    ...(instruction.security === undefined ? {} : { security: instruction.security.text }),
    devices: instruction.devices.map(({ text }) => text),
  };
  return scope.vertices.add({ run: operation }, { kind: "run", ...operation, place: command.place }, label, scope.noCache(node));
}

/** What a shell-form command is given to. */
export const shellOf = ({ config, platform }: StageState): readonly string[] =>
  config.Shell !== undefined && config.Shell.length > 0 ? config.Shell : platform.os === "windows" ? ["cmd", "/S", "/C"] : ["/bin/sh", "-c"];

/** What is executed, and the file that has to be there for it. */
function programOf(instruction: RunInstruction, shell: readonly string[], script: string | undefined): Pick<RunVertex, "arguments" | "script"> {
  const words = runArguments(instruction, shell);
  const path = words.at(-1);
  return { arguments: words, ...(script?.startsWith("#!") && path !== undefined ? { script: { path, content: script } } : {}) };
}

function firstLine(content: string): string {
  const [line = "", ...more] = content.trim().split(/\r?\n/);
  return more.length === 0 ? line : `${line}...`;
}
