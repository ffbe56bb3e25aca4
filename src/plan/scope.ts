import { withoutSecrets } from "../core/git-address.ts";
import type { Platform } from "../core/platform.ts";
import type { Dockerfile } from "../dockerfile/ast.ts";
import { expandWord } from "../dockerfile/words.ts";
import type { ComplaintList } from "./complaints.ts";
import type { Variables } from "./environment.ts";
import { platformLabel } from "./source-vertices.ts";
import { type Command, type StageNode, stepOf } from "./stage-node.ts";
import type { StageState } from "./stage-state.ts";
import type { StepLabel, VertexTable } from "./vertices.ts";

/** What every instruction of a platform's stages is evaluated with. */
export interface PlanScope {
  readonly dockerfile: Dockerfile;
  readonly target: Platform;
  readonly globals: Variables;
  /** --build-arg, with SOURCE_DATE_EPOCH when it is given. */
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly vertices: VertexTable;
  readonly complaints: ComplaintList;
  /** Whether a stage is to be made anew. */
  readonly noCache: (node: StageNode) => boolean;
}

/** Label of a step that an instruction makes; counts it. `summary` goes behind the text. */
export function stepLabel(node: StageNode, command: Command, state: StageState, scope: PlanScope, summary = ""): StepLabel {
  const { variables, platform } = state;
  const original = command.instruction.original.trim() + summary;
  const text = command.instruction.kind === "run" ? expanded(original, variables, scope, "display") : expanded(original, variables, scope, "word");
  const [, name = "", rest = ""] = /^(\S*)([\s\S]*)$/.exec(text) ?? [];
  return {
    ...(node.steps.total === 0 ? {} : { step: stepOf(node) }),
    platform: platformLabel(platform, (variable) => variables.get(variable)),
    text: `${command.onbuild ? "ONBUILD " : ""}${name.toUpperCase()}${withoutSecrets(rest)}`,
  };
}

function expanded(text: string, variables: Variables, { dockerfile }: PlanScope, mode: "word" | "display"): string {
  try {
    return expandWord(text, variables, { escape: dockerfile.directives.escape, mode }).value;
  } catch {
    // A name is for people: a quote that only stands in an argument of RUN must not stop anything.
    return text;
  }
}
