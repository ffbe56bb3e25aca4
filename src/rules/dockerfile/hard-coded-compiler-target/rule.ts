import type { Remedy } from "../../../findings/finding.ts";
import type { DockerfileUse } from "../../dockerfile-use.ts";
import { declareBefore } from "../../remedies/dockerfile-edits.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";
import { atMost, type BuiltStage, builtStages, wrongBuilds } from "../built-stages.ts";
import { runScript } from "../run-script.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";
import { type CompilerTarget, compilerTargets } from "./targets.ts";

export const rule = defineRule({
  meta: {
    id: "hard-coded-compiler-target",
    summary: "a compiler is told one architecture in a build for several platforms",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["hardcoded-goarch"],
  },
  dockerfile(use, report) {
    for (const built of builtStages(use)) {
      const { stage, runsOn } = built.use;
      // A stage that is named for its architecture, or pinned to one, is one of several.
      if (runsOn === "constant" || /(?:amd64|arm64|x86|aarch64|arm)/.test(stage.name ?? "")) continue;
      for (const target of compilerTargets(use, stage)) {
        const wrong = wrongBuilds(built, (platform) => platform.architecture !== target.architecture);
        if (wrong === undefined) continue;
        const shown = shownPlatforms(wrong.platforms);
        report({
          message: `the program for ${shown ?? "every platform"} is compiled for ${target.architecture}: ${target.by} is always "${target.value}"`,
          place: { file: use.dockerfile.file, span: target.span },
          key: target.by,
          confidence: target.decides ? wrong.confidence : atMost(wrong.confidence, "likely"),
          facts: factOfBuild(wrong),
          cause: "each platform's image is built with this same line, so all of them get the program of one architecture; elsewhere it cannot be started",
          remedies: remediesOf(target, built, use),
          traces: wrong.traces,
          among: wrong.among,
        });
      }
    }
  },
});

function remediesOf(target: CompilerTarget, { use: { stage, runsOn } }: BuiltStage, use: DockerfileUse): readonly Remedy[] {
  const helpers = advice("compile with the tonistiigi/xx helpers, which set target, compiler and libraries", "the stage is rewritten");
  const { file, globalArgs } = use.dockerfile;
  const isDefault = target.instruction.kind === "arg";
  // A default before the first FROM would come in with the declaration.
  const hidden = globalArgs.some(({ args }) => args.some(({ name, value }) => name.text === "TARGETARCH" && value !== undefined));
  if (target.by !== "GOARCH" || isDefault || hidden)
    return [advice(`give ${target.by} by TARGETARCH (ARG TARGETARCH before it), through a \`case\` where the words differ`, "none"), helpers];
  const script = target.instruction.kind === "run" ? runScript(use.dockerfile, target.instruction).text : "";
  // Without C there is nothing else to be cross-compiled, and in a stage of the target's own platform nothing is.
  const safe =
    runsOn === "target" ||
    /\bCGO_ENABLED=0\b/.test(script) ||
    stage.instructions.some((one) => one.kind === "env" && /\bCGO_ENABLED[= ]0\b/.test(one.original));
  const declared = declareBefore(use.dockerfile, stage, target.instruction, ["TARGETARCH"]);
  const head = {
    title: "take the platform's: ARG TARGETARCH, and GOARCH=$TARGETARCH",
    price: "the program is compiled once for each platform",
    safety: safe ? "safe" : "unsafe",
  } as const;
  return [remedy(head, [...declared, replaceText({ file, span: target.span }, "$TARGETARCH")]), helpers];
}
