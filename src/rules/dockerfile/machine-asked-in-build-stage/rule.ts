import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { atMost, builtStages, wrongBuilds } from "../built-stages.ts";
import { runScript } from "../run-script.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "machine-asked-in-build-stage",
    summary: "a script asks the machine for its architecture where that is not the target's",
    severity: "warning",
    confidence: "possible",
    fix: "none",
    covers: ["uname-under-emulation"],
  },
  dockerfile(use, report) {
    const { dockerfile } = use;
    for (const built of builtStages(use)) {
      const { stage, runsOn } = built.use;
      if (runsOn === "constant" || runsOn === "unknown" || built.builds.length === 0) continue;
      for (const instruction of stage.instructions) {
        if (instruction.kind !== "run") continue;
        const { text, start } = runScript(dockerfile, instruction);
        const found = (runsOn === "build" ? ASKS : ASKS_KERNEL).exec(text);
        // What looks at both knows what it does.
        if (found === null || /TARGET(?:ARCH|PLATFORM|VARIANT)/.test(text) || (runsOn === "build" && !DOWNLOADS_RESULT.test(text))) continue;
        const wrong = wrongBuilds(built, ({ architecture }, { at }) => {
          const own = at.event.before.runner.architecture;
          return runsOn === "build" ? own !== undefined && own !== architecture : own === "arm64" && architecture === "arm";
        });
        if (wrong === undefined || wrong.platforms.length === 0) continue;
        const shown = shownPlatforms(wrong.platforms);
        const asked = found[0].trim();
        report({
          message:
            runsOn === "build"
              ? `"${asked}" tells the builder's architecture here, also in builds for ${shown}`
              : `"${asked}" tells aarch64 here for ${shown} on an arm64 machine`,
          place: { file: dockerfile.file, span: { start: start + found.index, end: start + found.index + found[0].length } },
          confidence: atMost(wrong.confidence, "possible"),
          facts: [
            ...factOfBuild(wrong),
            ...(runsOn === "build" ? [{ sentence: "this stage runs on the builder's platform", place: { file: dockerfile.file, span: stage.from.span } }] : []),
          ],
          cause:
            runsOn === "build"
              ? "in a stage on $BUILDPLATFORM every program is of the machine that builds; what is fetched by its answer is for that machine, and wrong where it ends up in the image"
              : "an arm64 processor runs 32-bit programs itself, and its kernel goes on calling itself aarch64; what is fetched by that answer is 64-bit",
          remedies: [
            runsOn === "build"
              ? advice("choose by TARGETARCH (ARG TARGETARCH) what goes into the image", "none")
              : advice("ask the distribution: dpkg --print-architecture or apk --print-arch; or choose by TARGETARCH and TARGETVARIANT", "none"),
          ],
          traces: wrong.traces,
          among: wrong.among,
        });
        break;
      }
    }
  },
});

const ASKS = /\$\(\s*(?:uname\s+-[mp]|arch|dpkg\s+--print-architecture|apk\s+--print-arch)\s*\)|`(?:uname\s+-[mp]|arch)`/;
const ASKS_KERNEL = /\$\(\s*(?:uname\s+-[mp]|arch)\s*\)|`(?:uname\s+-[mp]|arch)`/;
/** It fetches a thing to be unpacked elsewhere than among the builder's own tools. */
const DOWNLOADS_RESULT = /\b(?:curl|wget)\b[^\n]*(?:\s(?:-o|-O|--output|-P)\s*|>\s*)\/(?!usr\/local\/bin|usr\/bin|tmp|root|opt\/)/;
