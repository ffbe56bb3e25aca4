import { factsOf, refusedBuild, refusedFor } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "push-without-tag",
    summary: "a build pushes its image, and has no tag to push it under",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["tag-needed-for-push"],
  },
  build(at, report) {
    const refused = refusedBuild(at);
    if (!refusedFor(refused, "push-without-tag")) return;
    const { build } = at;
    const given = build.tags.place !== undefined;
    report({
      message: given ? "the build pushes, and its list of tags is empty" : "the build pushes, and has no tag",
      place: build.place,
      key: build.name ?? "",
      confidence: refused.confidence,
      facts: [
        ...refused.refusal.facts,
        ...(build.tags.place === undefined ? [] : [{ sentence: "no tag comes out of this", place: build.tags.place }]),
        ...factsOf(refused).filter((fact) => !refused.refusal.facts.includes(fact)),
      ],
      log: refused.refusal.log,
      cause:
        "a registry keeps an image under a name, so a push without any has nowhere to go; metadata-action makes no tag when none of its rules fits the event",
      remedies: given
        ? [
            advice("add a rule that fits each event, such as type=ref,event=branch or type=sha", "one more tag is pushed"),
            advice("push only where there is a tag", "other events only build"),
          ]
        : [advice("name what is pushed with `tags`", "none"), advice("do not push", "the image is only built")],
    });
  },
});
