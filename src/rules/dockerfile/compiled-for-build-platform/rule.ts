import type { Instruction } from "../../../dockerfile/ast.ts";
import { stageMeant } from "../../../dockerfile/stages.ts";
import { declareInStage } from "../../remedies/dockerfile-edits.ts";
import { remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";
import { atMost, builtStages, wrongBuilds } from "../built-stages.ts";
import { compileOf } from "../compile-under-emulation/compilers.ts";
import { Constants } from "../constants.ts";
import { runScript } from "../run-script.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "compiled-for-build-platform",
    summary: "a stage on the builder's platform compiles without being told the target, and its program goes into the image",
    severity: "error",
    confidence: "likely",
    fix: "sometimes",
    covers: ["hardcoded-goarch"],
  },
  dockerfile(use, report) {
    const { dockerfile } = use;
    const { file } = dockerfile;
    const stages = builtStages(use);
    for (const built of stages) {
      const { stage, runsOn, from } = built.use;
      const compile = runsOn === "build" && built.builds.length > 0 ? compileOf(dockerfile, stage) : undefined;
      if (compile?.tool !== "go") continue;
      const bases = new Constants(use, stage).bases;
      if ([stage, ...bases].some((one) => one.instructions.some((each) => each.kind !== "arg" && HEEDS.test(textOf(each))))) continue;
      const copy = stages
        .filter((other) => other.use.runsOn === "target")
        .flatMap((other) => other.use.instructions)
        .find(
          (one) =>
            one.kind === "copy" &&
            one.from !== undefined &&
            stageMeant(dockerfile, one.from.text) === stage &&
            one.sources.some(({ text }) => PROGRAM.test(text)),
        );
      if (copy === undefined) continue;
      const wrong = wrongBuilds(built, ({ architecture }, { at }) => {
        const own = at.event.before.runner.architecture;
        return own !== undefined && own !== architecture;
      });
      if (wrong === undefined || wrong.platforms.length === 0) continue;
      const { text, start } = runScript(dockerfile, compile.instruction);
      const commands = [...text.matchAll(/(?<![\w/-])go\s+build\s/g)].map(({ index }) => start + index);
      const [first = compile.instruction.span.start] = commands;
      report({
        message: `the program for ${shownPlatforms(wrong.platforms)} is compiled for the builder's platform: nothing tells go build the target`,
        place: { file, span: { start: first, end: commands.length === 0 ? compile.instruction.span.end : first + "go build".length } },
        key: "go",
        confidence: atMost(wrong.confidence, "likely"),
        facts: [
          ...factOfBuild(wrong),
          { sentence: "this stage runs on the builder's platform", place: { file, span: from.platform?.span ?? from.span } },
          { sentence: "the program goes into the image here", place: { file, span: copy.span } },
        ],
        cause:
          "on $BUILDPLATFORM a compiler makes programs for the machine that builds unless it is told another; each platform's image then gets that same program",
        remedies: [
          remedy(
            {
              title: "compile for the target: ARG TARGETOS TARGETARCH, and GOOS=$TARGETOS GOARCH=$TARGETARCH",
              price: "cgo is off unless a cross compiler is set up",
              safety: "unsafe",
            },
            commands.length === 0
              ? []
              : [
                  ...declareInStage(dockerfile, stage, ["TARGETOS", "TARGETARCH"]),
                  ...commands.map((at) => replaceText({ file, span: { start: at, end: at } }, "GOOS=$TARGETOS GOARCH=$TARGETARCH ")),
                ],
          ),
        ],
        traces: wrong.traces,
        among: wrong.among,
      });
    }
    function textOf(one: Instruction): string {
      return file.text.slice(one.span.start, one.span.end);
    }
  },
});

/** Something tells the target, or may: helpers, variables, make. */
const HEEDS = /TARGET(?:ARCH|PLATFORM|OS|VARIANT)|\bGOARCH\b|\bxx-|\bgoreleaser\b|GOTOOLCHAIN_TARGET/;
/** No file that is the same everywhere. */
const PROGRAM =
  /^(?!.*\.(?:pem|crt|json|ya?ml|sh|html|js|css|wasm|txt|md|conf|toml|sql|so)$)(?!.*\/(?:etc|share|templates|static|assets|public|migrations|certs|docs)(?:\/|$)).+$/;
