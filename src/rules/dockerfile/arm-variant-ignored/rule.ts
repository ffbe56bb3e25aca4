// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles
import type { Stage } from "../../../dockerfile/ast.ts";
import type { DockerfileUse } from "../../dockerfile-use.ts";
import { declareBefore } from "../../remedies/dockerfile-edits.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule, type Report } from "../../rule.ts";
import { atMost, type BuiltStage, builtStages, wrongBuilds } from "../built-stages.ts";
import { runScript } from "../run-script.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "arm-variant-ignored",
    summary: "32-bit arm is compiled for without its variant, or with the variant in a form that the compiler refuses",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["arm-v7-variant"],
  },
  dockerfile(use, report) {
    for (const built of builtStages(use)) {
      tellOfPrefix(built, use, report);
      tellOfMissing(built, use, report);
    }
  },
});

/** GOARM wants the number alone. */
const WITH_PREFIX = /\bGOARM=["']?(\$TARGETVARIANT\b|\$\{TARGETVARIANT\})/;

function tellOfPrefix(built: BuiltStage, { dockerfile }: DockerfileUse, report: Report): void {
  const { file } = dockerfile;
  for (const instruction of built.use.stage.instructions) {
    if (instruction.kind !== "run" && instruction.kind !== "env") continue;
    const text = instruction.kind === "run" ? runScript(dockerfile, instruction).text : file.text.slice(instruction.span.start, instruction.span.end);
    const found = WITH_PREFIX.exec(text);
    if (found === null || /\bTARGETVARIANT=/.test(text)) continue;
    const wrong = wrongBuilds(built, ({ architecture, variant }) => architecture === "arm" && variant !== undefined);
    if (wrong === undefined || wrong.first === undefined) continue;
    const word = found[1] as string;
    const start = instruction.span.start + found.index + found[0].length - word.length;
    report({
      message: `GOARM is "${wrong.platforms[0]?.variant ?? "v7"}" for ${shownPlatforms(wrong.platforms) ?? "linux/arm/v7"}, and Go wants the number alone`,
      place: { file, span: { start, end: start + word.length } },
      key: "GOARM",
      confidence: wrong.confidence,
      facts: factOfBuild(wrong),
      cause: "TARGETVARIANT is v6 or v7 for 32-bit arm; Go takes 5, 6 or 7 for GOARM and ends with an error at anything else",
      remedies: [
        remedy({ title: "take the letter off: ${TARGETVARIANT#v}", price: "none" }, [
          replaceText({ file, span: { start, end: start + word.length } }, "${TARGETVARIANT#v}"),
        ]),
      ],
      traces: wrong.traces,
      among: wrong.among,
    });
  }
}

const COMPILES = /\bGOARCH=["']?(?:\$TARGETARCH\b|\$\{TARGETARCH\})/;

/** Cross-compiled without GOARM, Go takes v7, which a v6 processor cannot run. */
function tellOfMissing(built: BuiltStage, { dockerfile }: DockerfileUse, report: Report): void {
  const { stage, runsOn } = built.use;
  const { file } = dockerfile;
  if (runsOn !== "build" || namesVariant(stage, file.text)) return;
  for (const instruction of stage.instructions) {
    if (instruction.kind !== "run") continue;
    const { text, start } = runScript(dockerfile, instruction);
    const found = COMPILES.exec(text);
    if (found === null || !/\bgo\s+(?:build|install)\b/.test(text)) continue;
    const wrong = wrongBuilds(built, ({ architecture, variant }) => architecture === "arm" && (variant === "v6" || variant === "v5"));
    if (wrong === undefined || wrong.platforms.length === 0) continue;
    const { index } = found;
    report({
      message: `the program for ${shownPlatforms(wrong.platforms)} is compiled for arm/v7: GOARM is not given`,
      place: { file, span: { start: start + index, end: start + index + found[0].length } },
      key: "no GOARM",
      severity: "warning",
      confidence: atMost(wrong.confidence, "likely"),
      facts: factOfBuild(wrong),
      cause:
        'TARGETARCH is just "arm" for all 32-bit arm; Go then takes the newest variant when it cross-compiles, whose instructions older processors do not know',
      remedies: [
        remedy({ title: "give it: ARG TARGETVARIANT, and GOARM=${TARGETVARIANT#v}", price: "none" }, [
          ...declareBefore(dockerfile, stage, instruction, ["TARGETVARIANT"]),
          replaceText({ file, span: { start: start + index, end: start + index } }, "GOARM=${TARGETVARIANT#v} "),
        ]),
        advice("leave the older variant out", "it cannot run on a Raspberry Pi 1 or Zero"),
      ],
      traces: wrong.traces,
      among: wrong.among,
    });
    return;
  }
}

const namesVariant = (stage: Stage, text: string): boolean =>
  stage.instructions.some(({ span }) => /\bGOARM\b|TARGETVARIANT|TARGETPLATFORM|\bxx-/.test(text.slice(span.start, span.end)));
