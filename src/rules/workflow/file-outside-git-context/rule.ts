import type { Place, SourceFile } from "../../../core/span.ts";
import type { Word } from "../../../dockerfile/ast.ts";
import type { Fact } from "../../../findings/finding.ts";
import { textOf } from "../../../simulate/text.ts";
import { eventsOf } from "../../../simulate/trace.ts";
import type { StageUse } from "../../dockerfile-use.ts";
import { addInputs } from "../../remedies/inputs.ts";
import { remedy } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "file-outside-git-context",
    summary: "a step writes a file that the image copies, and the build takes its context from git, where the file is not",
    severity: "error",
    confidence: "likely",
    fix: "sometimes",
    covers: ["git-context-ignores-checkout"],
  },
  dockerfile({ dockerfile, builds }, report) {
    for (const at of builds) {
      const { build, event, trace } = at;
      const isBake = build.through === "docker/bake-action";
      const isWhole = build.context === undefined || (isBake && textOf(build.context) === ".");
      if (!build.gitContext || !isWhole || (!isBake && build.through !== "docker/build-push-action")) continue;
      const input = isBake ? "source" : "context";
      const found = copiedFile(at, dockerfile.file);
      if (found === undefined) continue;
      const checkOut = eventsOf(trace, "check-out").find(({ step }) => step.index < event.step.index);
      const edit = checkOut === undefined ? undefined : addInputs(event.step.place, { [input]: "." });
      report({
        message: `"${found.path}", which a step writes, is not in the build's context: without "${input}" the build takes the commit from GitHub`,
        place: isBake ? stepPlace(at) : build.place,
        key: "",
        facts: [found.fact, { sentence: "the image copies it here", place: found.copy }],
        log: { tool: "BuildKit", lines: [`ERROR: failed to build: failed to solve: failed to compute cache key: failed to calculate checksum of ref`] },
        cause: "the action's own context is the repository at the commit, fetched by BuildKit; what steps wrote, changed or downloaded is not in it",
        remedies: [
          remedy(
            {
              title: `take the workspace as the context: \`${input}: .\``,
              price: "files that are not in git go into the context, too: .dockerignore may want more lines",
            },
            [edit],
          ),
        ],
        traces: [trace],
      });
    }
  },
});

/** A target of a bake file says nothing of where bake is run. */
const stepPlace = ({ event: { step }, build }: BuildEvent): Place =>
  step.step.uses === undefined ? build.place : { file: step.place.file, span: step.step.uses.scalar.span };

interface CopiedFile {
  readonly path: string;
  readonly fact: Fact;
  readonly copy: Place;
}

/** The first file that a step before the build wrote, and that a stage copies by its name or its folder's. */
function copiedFile({ event, stages }: BuildEvent, dockerfile: SourceFile): CopiedFile | undefined {
  const written = event.before.files.flatMap(({ path, fact }) => {
    const name = textOf(path)?.replace(/^\.\//, "");
    return name === undefined || /^(?:[/~]|\.\.)/.test(name) || name === "" ? [] : [{ name, fact }];
  });
  if (written.length === 0 || stages === undefined) return undefined;
  for (const { text, span } of stages.flatMap(sourcesOf)) {
    const pattern = patternOf(text);
    const file = pattern === undefined ? undefined : written.find(({ name }) => pattern.test(name));
    if (file !== undefined) return { path: file.name, fact: file.fact, copy: { file: dockerfile, span } };
  }
  return undefined;
}

const sourcesOf = ({ instructions }: StageUse): readonly Word[] =>
  instructions.flatMap((instruction) =>
    (instruction.kind === "copy" || instruction.kind === "add") && instruction.from === undefined ? instruction.sources : [],
  );

/** What a source names: a file or all of a folder, with variables that may be anything. The whole context says nothing of a file. */
function patternOf(source: string): RegExp | undefined {
  const path = source
    .replace(/^["']|["']$/g, "")
    .replace(/^\.?\/+/, "")
    .replace(/\/+$/, "");
  if (path === "" || path === "." || path.startsWith("*") || path.startsWith("$") || source.includes("://")) return undefined;
  const form = path.replace(/\$\{[^}]*\}|\$\w+|\*+|[.+?^()|[\]\\{}$]/g, (part) =>
    /^[$*]/.test(part) && part.length > (part.startsWith("$") ? 1 : 0) ? "[^/]*" : `\\${part}`,
  );
  return new RegExp(`^${form}(?:/.*)?$`);
}
