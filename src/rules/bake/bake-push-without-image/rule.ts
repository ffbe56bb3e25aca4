import { exportersOf } from "../../../simulate/exporters.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "bake-push-without-image",
    summary: "bake is told to push a target whose outputs are files",
    severity: "warning",
    confidence: "certain",
    fix: "none",
    covers: ["bake-set-overrides-platform"],
  },
  build({ build, event }, report) {
    if (build.through !== "docker/bake-action" && build.through !== "docker buildx bake") return;
    const { push, outputs, name } = build;
    if (push.value !== true || push.place === undefined || outputs.open || outputs.items.length === 0) return;
    const written = exportersOf({ ...build, push: { ...push, value: false }, load: { ...build.load, value: false } });
    const types = written.map(({ type }) => type);
    if (!written.every(({ certain, type }) => certain && FILES.has(type ?? ""))) return;
    report({
      message: `target "${name ?? ""}" is not pushed: its output is ${[...new Set(types)].join(", ")}`,
      place: outputs.items[0]?.place ?? build.place,
      key: name ?? "",
      confidence: event.sure ? "certain" : "likely",
      facts: [{ sentence: "bake is told to push here", place: push.place }],
      cause: "`push` changes only outputs that are images: a target that says where else its result goes is left as it is, without a word",
      remedies: [
        advice('add an image to the target\'s outputs: `output = ["type=image"]`', "the builder has to take several outputs where the files are still wanted"),
      ],
    });
  },
});

const FILES = new Set(["local", "tar", "oci", "cacheonly"]);
