import { posix } from "node:path";
import type { TransferInstruction, Word } from "../../dockerfile/ast.ts";
import type { Build, WriteFile } from "../../simulate/operation.ts";
import { textOf } from "../../simulate/text.ts";
import { type Event, eventsOf, type Trace } from "../../simulate/trace.ts";
import type { StageUse } from "../dockerfile-use.ts";

/** A file that a stage takes from the build context. */
export interface ContextCopy {
  readonly use: StageUse;
  readonly instruction: TransferInstruction;
  readonly source: Word;
}

/** Every source of COPY and ADD that is neither of another stage nor an address. */
export function copiesFromContext(stages: readonly StageUse[]): readonly ContextCopy[] {
  return stages.flatMap((use) =>
    use.instructions.flatMap((instruction) => {
      if ((instruction.kind !== "copy" && instruction.kind !== "add") || instruction.from !== undefined) return [];
      return instruction.sources.filter(({ text }) => !/^(?:https?:\/\/|git@)/.test(text)).map((source) => ({ use, instruction, source }));
    }),
  );
}

/** A path of the build context as one of the workspace; undefined where the context is no folder that is known, or a git context, which has only what is committed. */
export function pathInWorkspace(build: Build, path: string): string | undefined {
  const context = build.context === undefined ? "." : textOf(build.context);
  if (build.gitContext || context === undefined || /^(?:\w+:\/\/|git@|-$|\/)/.test(context)) return undefined;
  const joined = posix.join(context, path.replace(/^\/+/, "")).replace(/(.)\/$/, "$1");
  return joined.startsWith("..") ? undefined : joined;
}

/** The files that the job wrote before an event, as far as they can be told. */
export function writesBefore(event: Event, trace: Trace): readonly (Event & { readonly operation: WriteFile })[] {
  const until = trace.events.indexOf(event);
  return eventsOf({ ...trace, events: trace.events.slice(0, until === -1 ? undefined : until) }, "write-file");
}
