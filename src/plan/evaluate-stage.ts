import { assertNever } from "../core/never.ts";
import { ProblemError } from "../core/problem.ts";
import type { ArgInstruction, HealthcheckInstruction, Instruction } from "../dockerfile/ast.ts";
import { type Expander, expandInstruction } from "../dockerfile/expandable.ts";
import { commandArguments, healthTest, historyText } from "../dockerfile/history.ts";
import { exposedPorts } from "../dockerfile/ports.ts";
import { expandWord, expandWords } from "../dockerfile/words.ts";
import type { Healthcheck } from "../image/config.ts";
import { withVariable } from "./environment.ts";
import type { VertexId } from "./graph.ts";
import { parseOwner } from "./owner.ts";
import { absolutePath, workingDirectory } from "./paths.ts";
import { planRun, shellOf } from "./run-step.ts";
import { type PlanScope, stepLabel } from "./scope.ts";
import { namesSecret } from "./secret-names.ts";
import type { Command, StageNode } from "./stage-node.ts";
import { beginStage, childState, type StageState } from "./stage-state.ts";
import { checkStopSignal } from "./stop-signal.ts";
import { planTransfer } from "./transfer.ts";

const COMMENT = "buildkit.dockerfile.v0";
/** ARGs that speak to BuildKit's SBOM scanner; programs do not see them. */
const UNSEEN = new Set(["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"]);

/**
 * Runs through a stage's instructions: afterwards its node has the files, config and history that they make. What is wrong with one
 * instruction becomes a complaint, and the next one is looked at. A stage whose base could not be had is left alone: all that could be
 * said of it would be guesses.
 */
export function evaluateStage(node: StageNode, scope: PlanScope): void {
  if (node.override !== undefined || node.index === undefined) {
    node.done = true;
    return;
  }
  const from = node.base === undefined ? node.state : node.base.state;
  if (from === undefined) return;
  const state = node.base === undefined ? from : childState(from);
  node.state = state;
  beginStage(state);
  for (const command of node.commands) scope.complaints.attempt(command.place, () => apply(command, node, state, scope));
  node.done = true;
}

function apply(command: Command, node: StageNode, state: StageState, scope: PlanScope): void {
  const { instruction } = command;
  if (instruction.kind === "arg") {
    applyArg(instruction, command, state, scope);
    return;
  }
  if (instruction.kind === "onbuild") {
    state.config = { ...state.config, OnBuild: [...(state.config.OnBuild ?? []), instruction.expression] };
    return;
  }
  const expanded = expandInstruction(instruction, expander(state, scope));
  const layer = takeEffect(expanded, command, node, state, scope);
  if (layer === "skipped") return;
  addHistory(expanded, state, layer);
}

/** @returns the layer that the instruction makes, if it makes one; `skipped` when it could not be planned, which has been told */
function takeEffect(
  instruction: Exclude<Instruction, ArgInstruction>,
  command: Command,
  node: StageNode,
  state: StageState,
  scope: PlanScope,
): VertexId | "skipped" | undefined {
  const { config } = state;
  switch (instruction.kind) {
    case "env":
      for (const { key, value } of instruction.pairs) {
        warnOfSecret("ENV", key.text, command, scope);
        state.variables.set(key.text, value.text);
        state.config = { ...state.config, Env: withVariable(state.config.Env ?? [], key.text, value.text) };
      }
      return undefined;
    case "label":
      state.config = { ...config, Labels: { ...config.Labels, ...Object.fromEntries(instruction.pairs.map(({ key, value }) => [key.text, value.text])) } };
      return undefined;
    case "maintainer":
      state.facts = { ...state.facts, author: instruction.word.text };
      return undefined;
    case "user":
      state.config = { ...config, User: instruction.word.text };
      return undefined;
    case "workdir":
      return applyWorkdir(instruction.word.text, command, node, state, scope);
    case "stopsignal":
      state.config = { ...config, StopSignal: checkStopSignal(instruction.word.text) };
      return undefined;
    case "expose":
      state.config = { ...config, ExposedPorts: { ...config.ExposedPorts, ...emptyAt(exposedPorts(instruction.words.map(({ text }) => text))) } };
      return undefined;
    case "volume":
      state.config = { ...config, Volumes: { ...config.Volumes, ...emptyAt(instruction.words.map(({ text }) => volumePath(text))) } };
      return undefined;
    case "cmd":
      state.config = { ...config, Cmd: commandArguments(instruction.command, shellOf(state)), ArgsEscaped: true };
      state.cmdSet = true;
      return undefined;
    case "entrypoint":
      // A CMD that came with the base was written for its entry point.
      state.config = { ...config, Entrypoint: commandArguments(instruction.command, shellOf(state)), ...(state.cmdSet ? {} : { Cmd: [] }) };
      return undefined;
    case "shell":
      state.config = { ...config, Shell: instruction.shell };
      return undefined;
    case "healthcheck":
      state.config = { ...config, Healthcheck: healthcheckOf(instruction) };
      return undefined;
    case "copy":
    case "add": {
      const layer = planTransfer(instruction, command, node, state, scope);
      return layer === undefined ? "skipped" : laid(layer, state);
    }
    case "run":
      return laid(planRun(instruction, command, node, state, scope), state);
    case "onbuild":
      return undefined;
    default:
      return assertNever(instruction);
  }
}

function laid(layer: VertexId, state: StageState): VertexId {
  state.files = { ...state.files, layers: [...state.files.layers, layer] };
  return layer;
}

/** WORKDIR makes the folder, for the USER in force; at the root there is nothing to make. */
function applyWorkdir(path: string, command: Command, node: StageNode, state: StageState, scope: PlanScope): VertexId | undefined {
  const { os } = state.platform;
  const workingDir = workingDirectory(state.config.WorkingDir ?? "", path, os);
  state.config = { ...state.config, WorkingDir: workingDir };
  if (workingDir === "/" || workingDir === "\\") return undefined;
  const owner = parseOwner(state.config.User ?? "");
  const operation = { path: absolutePath(workingDir, os), ...(owner === undefined ? {} : { owner }) };
  const label = stepLabel(node, command, state, scope);
  return laid(scope.vertices.add({ workdir: operation }, { kind: "workdir", ...operation, place: command.place }, label), state);
}

/**
 * ARG: --build-arg goes before the default, and where there is neither, the global ARG or platform argument of that name is taken.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go `dispatchArg`, read 2026-11-22
 */
function applyArg(instruction: ArgInstruction, command: Command, state: StageState, scope: PlanScope): void {
  const given: { name: string; value?: string }[] = [];
  for (const { name, value } of instruction.args) {
    warnOfSecret("ARG", name.text, command, scope);
    const inForce =
      scope.buildArgs.get(name.text) ??
      (value === undefined ? scope.globals.get(name.text) : expandWord(value.text, state.variables, scope.dockerfile.directives).value);
    if (inForce !== undefined && !UNSEEN.has(name.text)) state.variables.set(name.text, inForce);
    given.push({ name: name.text, ...(inForce === undefined ? {} : { value: inForce }) });
  }
  state.args = [...state.args, ...given];
  addHistory(instruction, state, undefined, given);
}

function addHistory(instruction: Instruction, state: StageState, layer: VertexId | undefined, args = argsInForce(state)): void {
  const workingDir = state.config.WorkingDir || "/";
  const workdir = state.platform.os === "windows" ? workingDir.replaceAll("\\", "/") : workingDir;
  const text = historyText(instruction, { shell: shellOf(state), workdir, args, namedHealthFields: true });
  if (text === undefined) return;
  state.history = [...state.history, { created_by: text, comment: COMMENT, ...(layer === undefined ? { empty_layer: true } : { layer }) }];
}

/** Every ARG of the stage once, in order of first appearance, with the value that a program would see. */
function argsInForce({ args, variables }: StageState): { name: string; value?: string }[] {
  return [...new Map(args.map((arg) => [arg.name, arg]))].map(([name, { value = "" }]) => ({ name, value: variables.get(name) ?? value }));
}

function expander({ variables }: StageState, { dockerfile: { directives } }: PlanScope): Expander {
  return {
    word: (text) => expandWord(text, variables, directives).value,
    words: (text) => expandWords(text, variables, directives).values,
    heredoc: (text) => expandWord(text, variables, { ...directives, mode: "heredoc" }).value,
  };
}

function warnOfSecret(instruction: "ARG" | "ENV", name: string, { place }: Command, { complaints }: PlanScope): void {
  if (!namesSecret(name)) return;
  complaints.warn(
    place,
    `${instruction} "${name}" looks like a secret, and what ${instruction} holds can be read in the image; give it to RUN with --mount=type=secret`,
  );
}

function volumePath(text: string): string {
  if (text !== "") return text;
  throw new ProblemError("dockerfile-semantics", { message: "VOLUME names an empty path", hint: "name a folder of the image" });
}

const emptyAt = (keys: readonly string[]): Record<string, object> => Object.fromEntries(keys.map((key) => [key, {}]));

function healthcheckOf(instruction: HealthcheckInstruction): Healthcheck {
  const { interval, timeout, startPeriod, startInterval, retries } = instruction;
  // Zero means "inherit" and is not written.
  return {
    Test: healthTest(instruction),
    ...(interval ? { Interval: interval } : {}),
    ...(timeout ? { Timeout: timeout } : {}),
    ...(startPeriod ? { StartPeriod: startPeriod } : {}),
    ...(startInterval ? { StartInterval: startInterval } : {}),
    ...(retries ? { Retries: retries } : {}),
  };
}
