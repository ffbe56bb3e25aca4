import { refusedBuild, refusedFor } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { refusalTold } from "../refusal-rule.ts";
import { refusalMessage } from "../refusal-words.ts";

export const rule = defineRule({
  meta: {
    id: "several-outputs-at-once",
    summary: "a build has several outputs, and its Buildx or BuildKit is too old for more than one",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["multiple-outputs-old-buildkit"],
  },
  build(at, report) {
    const refused = refusedBuild(at);
    if (!refusedFor(refused, "several-outputs")) return;
    report(
      refusalTold(refused, refusalMessage(refused), CAUSE, [
        advice(
          "take a Buildx of 0.13 or newer with a BuildKit of 0.13 or newer (no `version`, no `image=` of an old one)",
          "other versions build with other defaults",
        ),
        advice("keep one output, and build a second time for the other", "a second build, whose steps come from the cache"),
      ]),
    );
  },
});

const CAUSE = "`push`, `load` and each line of `outputs` are an output of their own. Before version 0.13 BuildKit can give the result of a build only to one.";
