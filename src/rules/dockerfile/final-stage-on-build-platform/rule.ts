import { builderOf } from "../../../simulate/builder-of.ts";
import { dropPlatform } from "../../remedies/dockerfile-edits.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { builtStages, onlyTries, type StageBuild, wrongBuilds } from "../built-stages.ts";
import { platformOrigin } from "../platform-origin.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "final-stage-on-build-platform",
    summary: "the stage that becomes the image is pinned to the builder's platform",
    severity: "error",
    confidence: "certain",
    fix: "always",
    covers: ["buildplatform-in-final-stage"],
  },
  dockerfile(use, report) {
    const { dockerfile } = use;
    for (const built of builtStages(use)) {
      const builds = built.builds.filter((build) => build.use.final && !onlyTries(build) && build.use.runsOn === "build");
      if (!built.use.final || built.use.runsOn !== "build" || (built.builds.length > 0 && builds.length === 0)) continue;
      const origin = platformOrigin(dockerfile, built.use.stage);
      if (origin === undefined || origin.from.image.text === "scratch") continue;
      const wrong = wrongBuilds({ ...built, builds }, (platform, build) => buildsElsewhere(build) === false && platform.architecture !== hostOf(build));
      if (wrong === undefined) continue;
      const { file } = dockerfile;
      const shown = shownPlatforms(wrong.platforms);
      report({
        message: `the image${shown === undefined ? "" : ` for ${shown}`} gets the programs of the builder's platform: its last stage is pinned to $BUILDPLATFORM`,
        place: { file, span: origin.from.platform?.span ?? origin.from.span },
        key: "final",
        confidence: wrong.confidence,
        facts: [
          ...factOfBuild(wrong),
          ...(wrong.first === undefined ? [] : [wrong.first.at.event.before.runner.fact]),
          ...(origin === built.use.stage ? [] : [{ sentence: "the last stage builds on the one that is pinned", place: { file, span: built.use.from.span } }]),
        ],
        cause: "$BUILDPLATFORM is the platform of the machine that builds; an image of that stage has its programs, whatever platform the index says it is for",
        remedies: [
          remedy({ title: "take --platform=$BUILDPLATFORM off this stage", price: "its RUN steps run under emulation for foreign platforms" }, [
            dropPlatform(dockerfile, origin.from),
          ]),
        ],
        traces: wrong.traces,
        among: wrong.among,
      });
    }
  },
});

/** With nodes of several platforms each builds its own, and $BUILDPLATFORM is the target's; undefined: nobody knows. */
function buildsElsewhere({ at: { build, event } }: StageBuild): boolean | undefined {
  const { driver, builder } = builderOf(build, event.before);
  if (driver === "docker" || driver === "buildah" || driver === "legacy") return false;
  if (driver !== "docker-container" || builder === undefined) return undefined;
  return builder.nodes.length > 1 || /^(?:tcp|ssh|https?):/.test(builder.endpoint);
}

/** Undefined: nobody knows, and so of several platforms at least one is foreign. */
const hostOf = ({ at, platforms }: StageBuild): string | undefined =>
  at.event.before.runner.architecture ?? (platforms.length > 1 ? platforms[0]?.architecture : undefined);
