import type { Platform } from "../core/platform.ts";
import type { Place } from "../core/span.ts";
import type { Instruction } from "../dockerfile/ast.ts";
import type { NamedContext } from "./request.ts";
import type { StageState } from "./stage-state.ts";

/** A stage of the Dockerfile on one platform, or an image that COPY or RUN takes files from. */
export interface StageNode {
  /** Place in the file; absent for an image that is no stage. */
  readonly index?: number;
  /** Name after AS. */
  readonly name?: string;
  /** As progress calls it; empty when it is the only one. */
  label: string;
  /** Where it is asked for. */
  readonly place: Place;
  /** Base as FROM has it, variables expanded; undefined when that failed. */
  readonly image: string | undefined;
  /** FROM --platform. */
  readonly platform?: Platform;
  /** The stage that it is built upon. */
  readonly base?: StageNode;
  /** The named context that stands for the whole stage. */
  readonly override?: { readonly name: string; readonly context: NamedContext };
  commands: Command[];
  /** Stages and images whose files its instructions take. */
  readonly needs: Set<StageNode>;
  /** Steps that progress counts: shown so far, and in all. */
  steps: { shown: number; total: number };
  /** What FROM gives; later, what all its instructions have made. Absent before, and for good when the base could not be found. */
  state?: StageState;
  /** Its files can be copied: all its instructions have been evaluated. */
  done: boolean;
  triggersTaken: boolean;
}

/** An instruction with the nodes that it takes files from: one for COPY --from, one for each mount of RUN. */
export interface Command {
  readonly instruction: Instruction;
  /** Where to point at: the instruction, or the FROM whose base has it as ONBUILD trigger. */
  readonly place: Place;
  readonly onbuild: boolean;
  readonly sources: readonly (StageNode | undefined)[];
}

/** The next step of a stage, as progress counts it: `build 2/4`; numbers are padded to stand below each other. */
export function stepOf(node: StageNode): string {
  node.steps.shown++;
  const total = String(node.steps.total);
  return `${node.label === "" ? "" : `${node.label} `}${String(node.steps.shown).padStart(total.length)}/${total}`;
}
