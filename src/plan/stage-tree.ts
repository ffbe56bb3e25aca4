import { nearest } from "../core/nearest.ts";
import { type Platform, parsePlatform } from "../core/platform.ts";
import type { Span } from "../core/span.ts";
import type { Dockerfile, Instruction, Stage, Word } from "../dockerfile/ast.ts";
import { expandWord } from "../dockerfile/words.ts";
import type { ComplaintList } from "./complaints.ts";
import type { Variables } from "./environment.ts";
import type { FindContext } from "./named-contexts.ts";
import type { Command, StageNode } from "./stage-node.ts";

/** The stages of a Dockerfile on one platform, and the images that its instructions take files from. */
export interface StageTree {
  /** In file order. */
  readonly stages: readonly StageNode[];
  /** A stage by name (any case); the last of that name, as BuildKit. */
  find(name: string): StageNode | undefined;
  /** Makes commands of instructions: finds the stage or image behind each COPY --from and RUN --mount from, and notes it as needed by `node`. */
  link(node: StageNode, instructions: readonly Instruction[], trigger?: { readonly span: Span }): Command[];
}

/**
 * Lays out the stages: bases and platforms expanded, names resolved, what needs what.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb/convert.go `buildDispatchStates`, `toCommand`, read 2026-11-22
 */
export function layOutStages(
  { file, directives, stages: parsed }: Dockerfile,
  about: { readonly variables: Variables; readonly target: Platform; readonly build: Platform; readonly findContext: FindContext },
  complaints: ComplaintList,
): StageTree {
  const { variables, target, build, findContext } = about;
  const stages: StageNode[] = [];
  const byName = new Map<string, StageNode>();
  let images = 0;

  const expand = (word: Word): string | undefined =>
    complaints.attempt({ file, span: word.span }, () => {
      const { value, unmatched } = expandWord(word.text, variables, directives);
      if (value === "")
        complaints.error(
          { file, span: word.span },
          "dockerfile-semantics",
          `"${word.text}" is empty once its variables are put in`,
          unsetHint(unmatched, variables),
        );
      return value === "" ? undefined : value;
    });

  const platformOf = (word: Word | undefined): Platform | undefined => {
    if (word === undefined) return undefined;
    const text = expand(word);
    return text === undefined ? undefined : complaints.attempt({ file, span: word.span }, () => parsePlatform(text, build));
  };

  const lay = (stage: Stage, index: number): StageNode => {
    const { from, name } = stage;
    const written = expand(from.image);
    const platform = platformOf(from.platform);
    // A stage whose platform cannot be read has no base either: one for another platform would only bring complaints that are none.
    const image = from.platform !== undefined && platform === undefined ? undefined : written;
    const override = name === undefined ? undefined : findContext(name, platform ?? target);
    // Names are looked up as they stand: FROM knows only stages before it, in lower case.
    const base = override !== undefined || image === undefined ? undefined : byName.get(image);
    return {
      index,
      ...(name === undefined ? {} : { name }),
      label: name ?? `stage-${index}`,
      place: { file, span: from.image.span },
      image,
      ...(platform === undefined ? {} : { platform }),
      ...(base === undefined ? {} : { base }),
      ...(override === undefined ? {} : { override }),
      commands: [],
      needs: new Set(base === undefined ? [] : [base]),
      steps: { shown: 0, total: 0 },
      done: false,
      triggersTaken: false,
    };
  };

  for (const [index, stage] of parsed.entries()) {
    const node = lay(stage, index);
    stages.push(node);
    if (node.name !== undefined) byName.set(node.name, node);
  }

  const imageNode = (image: string, span: Span): StageNode => {
    images++;
    return { label: "", place: { file, span }, image, commands: [], needs: new Set(), steps: { shown: 0, total: 0 }, done: false, triggersTaken: true };
  };

  const named = (from: string, span: Span): StageNode => byName.get(from.toLowerCase()) ?? imageNode(from, span);

  /** The stage or image behind `--from`, which has no variables in it; undefined for a number that no stage has. */
  const source = (from: string, span: Span): StageNode | undefined => {
    if (!/^[+-]?\d+$/.test(from)) return named(from, span);
    const stage = stages[Number(from)];
    if (stage === undefined) {
      complaints.error(
        { file, span },
        "stage-unknown",
        `there is no stage with the number ${from}`,
        `stages are counted from 0; the last one is ${stages.length - 1}`,
      );
    }
    return stage;
  };

  const sourcesOf = (instruction: Instruction, trigger: Span | undefined): (StageNode | undefined)[] => {
    if (instruction.kind === "copy" && instruction.from !== undefined) return [source(instruction.from.text, trigger ?? instruction.from.span)];
    if (instruction.kind !== "run") return [];
    return instruction.mounts.map((mount) => {
      const from = mount.options.get("from");
      // A number is no stage here, but an image of that name (BuildKit's detectRunMount, read 2026-11-22).
      return from === undefined || from === "" ? undefined : named(from, trigger ?? mount.span);
    });
  };

  const link: StageTree["link"] = (node, instructions, trigger) =>
    instructions.map((instruction) => {
      const sources = sourcesOf(instruction, trigger?.span);
      for (const needed of sources) if (needed !== undefined) node.needs.add(needed);
      return { instruction, place: { file, span: trigger?.span ?? instruction.span }, onbuild: trigger !== undefined, sources };
    });

  for (const [index, stage] of parsed.entries()) {
    const node = stages[index] as StageNode;
    if (node.override !== undefined) continue;
    node.commands = link(node, stage.instructions);
    const pulled = node.image !== "scratch" && node.base === undefined ? 1 : 0;
    node.steps.total = pulled + stage.instructions.filter(({ kind }) => ["add", "copy", "run", "workdir"].includes(kind)).length;
  }
  const [only] = stages;
  if (only !== undefined && stages.length === 1 && images === 0) only.label = "";
  return { stages, find: (name) => byName.get(name.toLowerCase()), link };
}

function unsetHint(unset: readonly string[], variables: Variables): string | undefined {
  const [name] = unset;
  if (name === undefined) return undefined;
  const near = nearest(name, variables.keys());
  return near === undefined ? `"${name}" has no value: give it one with ARG before the first FROM, or with --build-arg` : `did you mean $${near}?`;
}

/** Complains of stages that need themselves, by FROM, COPY or RUN. True when there are none. */
export function checkCycles(stages: readonly StageNode[], complaints: ComplaintList): boolean {
  const finished = new Set<StageNode>();
  const path: StageNode[] = [];
  let sound = true;
  const visit = (node: StageNode): void => {
    if (finished.has(node)) return;
    const at = path.indexOf(node);
    if (at !== -1) {
      const names = [...path.slice(at), node].map((stage) => stage.label || "the only stage");
      complaints.error(node.place, "dockerfile-semantics", `stages need each other in a circle: ${names.join(" → ")}`, "take one of them apart");
      sound = false;
      return;
    }
    path.push(node);
    for (const needed of node.needs) visit(needed);
    path.pop();
    finished.add(node);
  };
  for (const stage of stages) visit(stage);
  return sound;
}

/** `target` and all that it needs, directly or not. */
export function reachableFrom(target: StageNode): Set<StageNode> {
  const reached = new Set<StageNode>();
  const visit = (node: StageNode): void => {
    if (reached.has(node)) return;
    reached.add(node);
    for (const needed of node.needs) visit(needed);
  };
  visit(target);
  return reached;
}
