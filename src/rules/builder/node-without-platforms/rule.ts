import { builderOf } from "../../../simulate/builder-of.ts";
import { platformCount } from "../../../simulate/platform-count.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "node-without-platforms",
    summary: "a builder has a node that is not told what it is for, so that the first node emulates in its place",
    severity: "warning",
    confidence: "likely",
    fix: "none",
    covers: ["append-node-platform-fallback"],
  },
  build({ build, event }, report) {
    const { builder } = builderOf(build, event.before);
    if (builder === undefined || builder.nodes.length < 2 || platformCount(build.platforms).least < 2) return;
    const bare = builder.nodes.findIndex(({ platforms }, i) => i > 0 && platforms.items.length === 0 && !platforms.open);
    if (bare === -1) return;
    const { place } = builder.fact;
    report({
      message: `node ${bare + 1} of the builder declares no platforms, so the first node may build its platforms by emulation`,
      place: place ?? build.place,
      key: "",
      facts: [builder.fact, { sentence: `the build asks for ${platformCount(build.platforms).least} platforms`, place: build.platforms.place ?? build.place }],
      cause:
        "Buildx gives a platform to the node that declares it. Where none does, it takes the first node that can build it at all, and with an emulator the first one can build them all.",
      remedies: [advice("declare `platforms` for every node (such as `platforms: linux/arm64`)", "nothing")],
    });
  },
});
