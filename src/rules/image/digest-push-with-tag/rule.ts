import { builderOf } from "../../../simulate/builder-of.ts";
import { fullName } from "../../registry/image-name.ts";
import { pushesOf } from "../../registry/pushes.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "digest-push-with-tag",
    summary: "an image is pushed by digest under a name that has a tag",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["push-by-digest-with-tag"],
  },
  build({ build, event }, report) {
    const push = pushesOf(event).find(({ byDigest, image, what }) => what === "image" && byDigest === true && image.tagged === true);
    if (push === undefined) return;
    const resolved = builderOf(build, event.before);
    // Docker's own driver refuses it before, for another reason.
    if (resolved.driver === "docker" || resolved.driver === "legacy" || resolved.driver === "buildah") return;
    report({
      message: `BuildKit refuses to push "${push.image.shown}" by digest: the name has a tag`,
      place: build.place,
      key: build.name ?? "",
      confidence: push.certain && resolved.driver !== "unknown" ? "certain" : "likely",
      facts: [
        { sentence: `this name has a tag: "${push.image.shown}"`, place: push.text.place },
        ...build.outputs.items.slice(0, 1).map(({ place }) => ({ sentence: "this output is pushed by digest", place })),
      ],
      log: { tool: "BuildKit", lines: [`can't push tagged ref ${fullName(push.image)} by digest`] },
      cause: "a push by digest gives the image no tag, so BuildKit wants the bare name of the repository; the tags are for the job that joins the digests",
      remedies: [
        advice(`give it the bare name: tags: ${push.image.repository}, and the tags to docker buildx imagetools create`, "none"),
        advice("push by tag, without push-by-digest", "rows that push the same tag overwrite each other"),
      ],
    });
  },
});
