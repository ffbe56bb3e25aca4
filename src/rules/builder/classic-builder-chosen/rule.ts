import type { Remedy } from "../../../findings/finding.ts";
import { refusedBuild, refusedFor } from "../../refused-build.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { setUpBuilder } from "../../remedies/set-up-builder.ts";
import { defineRule } from "../../rule.ts";
import { refusalTold } from "../refusal-rule.ts";
import { refusalMessage } from "../refusal-words.ts";

export const rule = defineRule({
  meta: {
    id: "classic-builder-chosen",
    summary: "the builder from before BuildKit is asked for what only BuildKit can do",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: [],
  },
  build(at, report) {
    const refused = refusedBuild(at);
    if (!refusedFor(refused, "legacy-flag", "legacy-platforms")) return;
    const { title, price, fix } = setUpBuilder(at);
    const withBuildx: Remedy =
      fix === undefined
        ? advice(title, price)
        : remedy({ title: "build with `docker buildx build` and a builder of Buildx", price, with: "buildx", safety: fix.safety }, fix.edits);
    report(refusalTold(refused, refusalMessage(refused), CAUSE, [withBuildx, advice("do not set `DOCKER_BUILDKIT=0`", "the Dockerfile is built by BuildKit")]));
  },
});

const CAUSE =
  "With `DOCKER_BUILDKIT=0` (and on old versions of Docker, by default) `docker build` takes the builder from before BuildKit. It builds for the machine it runs on, or for one other platform, and knows only the flags of its time.";
