import { formatPlatform, type Platform } from "../../../core/platform.ts";
import { positionOf } from "../../../core/span.ts";
import type { Dockerfile, Stage } from "../../../dockerfile/ast.ts";
import type { Prediction } from "../../../findings/finding.ts";
import { dropPlatform } from "../../remedies/dockerfile-edits.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { builtStages, onlyTries, wrongBuilds } from "../built-stages.ts";
import { platformOrigin } from "../platform-origin.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "constant-platform-in-final-stage",
    summary: "the stage that becomes the image is pinned to one platform, and is built for others",
    severity: "error",
    confidence: "certain",
    fix: "always",
    covers: ["from-platform-constant"],
  },
  dockerfile(use, report) {
    const { dockerfile } = use;
    const { file } = dockerfile;
    for (const built of builtStages(use)) {
      const { constant, final, stage } = built.use;
      const origin = platformOrigin(dockerfile, stage);
      if (!final || constant === undefined || origin === undefined || origin.from.image.text === "scratch") continue;
      const builds = built.builds.filter((build) => build.use.final && !onlyTries(build) && build.use.constant !== undefined);
      const wrong = wrongBuilds({ ...built, builds }, (platform) => platform.architecture !== constant.architecture || platform.os !== constant.os);
      // One platform on purpose: nothing tells that others are wanted.
      if (wrong === undefined || wrong.first === undefined) continue;
      const argument = /\$\{?(\w+)/.exec(origin.from.platform?.text ?? "")?.[1];
      const given = dockerfile.globalArgs.flatMap(({ args }) => args).find(({ name }) => name.text === argument);
      report({
        message: `the image for ${shownPlatforms(wrong.platforms) ?? "other platforms"} gets the programs of ${formatPlatform(constant)}: its last stage is pinned to it`,
        place: { file, span: origin.from.platform?.span ?? origin.from.span },
        key: "final",
        confidence: wrong.confidence,
        facts: [
          ...factOfBuild(wrong),
          ...(given?.value === undefined ? [] : [{ sentence: `its platform is ${argument}, which has this default`, place: { file, span: given.value.span } }]),
        ],
        log: warningOf(dockerfile, origin, constant),
        cause:
          "a stage with a written platform is of that platform in every build; the index lists the image under the platform that was asked for all the same",
        remedies: [
          remedy(
            // An argument of one's own may be given elsewhere.
            {
              title: "take --platform off this stage",
              price: "its RUN steps run under emulation for foreign platforms",
              safety: argument === undefined || argument === "BUILDPLATFORM" ? "safe" : "unsafe",
            },
            [dropPlatform(dockerfile, origin.from)],
          ),
        ],
        traces: wrong.traces,
        among: wrong.among,
      });
    }
  },
});

/** BuildKit warns of written platforms, but where the stage's name has the system or architecture in it. */
function warningOf({ file, directives }: Dockerfile, { from, name }: Stage, constant: Platform): Prediction | undefined {
  const text = from.platform?.text ?? "$";
  if (text.includes("$") || directives.check !== undefined || name?.includes(constant.os) === true || name?.includes(constant.architecture) === true)
    return undefined;
  const { line } = positionOf(file, from.span.start);
  return {
    tool: "BuildKit",
    lines: [` - FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value "${text}" (line ${line})`],
  };
}
