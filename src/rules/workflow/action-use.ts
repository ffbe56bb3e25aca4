import { remembered } from "../../core/remembered.ts";
import type { Place, SourceFile } from "../../core/span.ts";
import { type ActionVersion, versionOf } from "../../facts/actions.ts";
import type { TracedStep } from "../../simulate/trace.ts";
import type { Step } from "../../workflow/model.ts";

/** The action of another repository that a step uses. */
export interface ActionUse {
  /** `owner/repo[/path]`, in lower case. */
  readonly name: string;
  /** As the file has it. */
  readonly written: string;
  readonly ref: string;
  /** Undefined for branches, and for commits that nobody knows. */
  readonly version: ActionVersion | undefined;
  /** Of what stands behind `uses:`. */
  readonly place: Place;
}

/** Undefined for scripts, local actions and images. Read once a step. */
export const actionUse: (step: Pick<TracedStep, "step" | "place">) => ActionUse | undefined = remembered(
  ({ step, place }) => read(step, place.file),
  ({ step }) => step,
);

function read({ uses }: Step, file: SourceFile): ActionUse | undefined {
  if (uses?.target.kind !== "repository") return undefined;
  const { owner, repo, path, ref } = uses.target;
  const written = [owner, repo, path].filter((part) => part !== "").join("/");
  const name = written.toLowerCase();
  const { span } = uses.scalar;
  return { name, written, ref, version: versionOf(name, ref, commentBehind(file, span.end)), place: { file, span } };
}

/** Behind pinned commits people write the version. */
function commentBehind({ text }: SourceFile, from: number): string | undefined {
  const end = text.indexOf("\n", from);
  return /^\s*#\s*(.*?)\s*$/.exec(text.slice(from, end === -1 ? undefined : end))?.[1];
}
