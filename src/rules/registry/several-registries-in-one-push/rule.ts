import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { pushesOf } from "../pushes.ts";

export const rule = defineRule({
  meta: {
    id: "several-registries-in-one-push",
    summary: "one build pushes to several registries, so that one may have the image and another not",
    severity: "info",
    confidence: "certain",
    fix: "none",
    covers: ["multi-registry-partial-push"],
  },
  build({ build, event }, report) {
    const pushes = pushesOf(event).filter(({ what, certain, image }) => what === "image" && certain && image.host !== undefined);
    const byHost = new Map(pushes.toReversed().map((push) => [push.image.host as string, push]));
    if (byHost.size < 2) return;
    const hosts = [...byHost.keys()].sort();
    report({
      message: `the build pushes to ${hosts.join(" and ")} in turn: when one refuses, the others have the image already`,
      place: build.place,
      key: `${build.name ?? ""} ${hosts.join()}`,
      facts: [...byHost].map(([host, { text, image }]) => ({ sentence: `this goes to ${host}: "${image.shown}"`, place: text.place })),
      cause: "BuildKit pushes one name after the other, and takes nothing back when a later one fails; a second run builds it all again",
      remedies: [advice("push to one registry, and copy from there with docker buildx imagetools create", "one more step, which needs no build")],
    });
  },
});
