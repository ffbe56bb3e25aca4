import type { Dockerfile } from "../../../dockerfile/ast.ts";
import { stageMeant } from "../../../dockerfile/stages.ts";
import type { FileEdit, Remedy } from "../../../findings/finding.ts";
import type { StageUse } from "../../dockerfile-use.ts";
import { declareInStage, onBuildPlatform } from "../../remedies/dockerfile-edits.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";
import { emulatedStages } from "../emulated-stages.ts";
import { runScript } from "../run-script.ts";
import { shownPlatforms } from "../told-of-builds.ts";
import { type Compile, compileOf } from "./compilers.ts";

export const rule = defineRule({
  meta: {
    id: "compile-under-emulation",
    summary: "a stage compiles under emulation with a tool that can compile for another platform",
    severity: "warning",
    confidence: "likely",
    fix: "sometimes",
    covers: ["buildplatform-missing"],
  },
  build(at, report) {
    const { dockerfile, build, event, stages = [] } = at;
    if (dockerfile === undefined) return;
    for (const { use, platforms, fact } of emulatedStages(at)) {
      // What becomes the image, or a base of it, must stay on its platform.
      if (use.from.platform !== undefined || isBuiltOn(use, stages) || !isCopiedFrom(use, stages, dockerfile)) continue;
      const compile = compileOf(dockerfile, use.stage);
      if (compile === undefined) continue;
      const { file } = dockerfile;
      report({
        message: `${compile.name} runs under emulation for ${shownPlatforms(platforms)}, several times as slowly as it could`,
        place: { file, span: use.from.span },
        key: "compile",
        severity: compile.withC ? "info" : "warning",
        confidence: compile.withC || compile.tool === "javascript" || !event.sure ? "possible" : "likely",
        facts: [
          { sentence: `this build is for ${shownPlatforms(platforms)}, too`, place: build.platforms.place ?? build.place },
          fact,
          { sentence: "it is compiled here", place: { file, span: compile.instruction.span } },
        ],
        cause:
          "a stage without a platform runs once for each target, foreign ones under emulation, which is 5 to 20 times slower; on $BUILDPLATFORM the compiler runs as it is and only its result is foreign",
        remedies: remediesOf(compile, use, dockerfile),
      });
    }
  },
});

const isBuiltOn = ({ stage, final }: StageUse, stages: readonly StageUse[]): boolean =>
  final || stages.some(({ from }) => stage.name !== undefined && from.image.text === stage.name);

const isCopiedFrom = ({ stage }: StageUse, stages: readonly StageUse[], dockerfile: Dockerfile): boolean =>
  stages.some(({ instructions }) =>
    instructions.some((one) => {
      const names = one.kind === "copy" ? [one.from?.text] : one.kind === "run" ? one.mounts.map(({ options }) => options.get("from")) : [];
      return names.some((name) => name !== undefined && stageMeant(dockerfile, name) === stage);
    }),
  );

function remediesOf(compile: Compile, { stage, from }: StageUse, dockerfile: Dockerfile): readonly Remedy[] {
  const pin = onBuildPlatform(dockerfile, from);
  const native = advice("build each platform on a runner of its own", "one job a platform, and one that joins them");
  switch (compile.tool) {
    case "go": {
      const price = compile.withC ? "cgo wants a cross compiler (tonistiigi/xx)" : "the tests and tools of this stage run on the builder's platform";
      const title = "pin the stage to $BUILDPLATFORM, and compile for GOOS=$TARGETOS GOARCH=$TARGETARCH";
      const edits = compile.withC ? undefined : goEdits(compile, dockerfile);
      if (edits === undefined) return [advice(title, price), native];
      return [remedy({ title, price, safety: "unsafe" }, [pin, ...declareInStage(dockerfile, stage, ["TARGETOS", "TARGETARCH"]), ...edits]), native];
    }
    case "dotnet":
      return [
        advice("pin the stage to $BUILDPLATFORM, and publish with -a $TARGETARCH (ARG TARGETARCH)", "the tests of this stage run on the builder's platform"),
        native,
      ];
    case "java":
    case "javascript": {
      const price = "packages that compile for the machine must be installed in a stage of the target's platform";
      return [remedy({ title: "pin the stage to $BUILDPLATFORM: what it makes is the same on every platform", price, safety: "unsafe" }, [pin]), native];
    }
  }
}

/** The platform in front of each `go build`; undefined where the script has one already in another way. */
function goEdits({ instruction }: Compile, dockerfile: Dockerfile): readonly FileEdit[] | undefined {
  const { text, start } = runScript(dockerfile, instruction);
  if (/\bgo\s+install\b/.test(text)) return undefined;
  if (/\bGOARCH=["']?\$\{?TARGETARCH\b/.test(text)) return [];
  if (/\bGO(?:ARCH|OS)=/.test(text)) return undefined;
  return [...text.matchAll(/(?<![\w/-])go\s+build\s/g)].map(({ index }) =>
    replaceText({ file: dockerfile.file, span: { start: start + index, end: start + index } }, "GOOS=$TARGETOS GOARCH=$TARGETARCH "),
  );
}
