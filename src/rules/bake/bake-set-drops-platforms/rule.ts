import { shownText } from "../../../simulate/text.ts";
import { publishingOf } from "../../published.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { platformsOf } from "../../same-build.ts";

export const rule = defineRule({
  meta: {
    id: "bake-set-drops-platforms",
    summary: "an override publishes one platform of a bake target whose file has several",
    severity: "info",
    confidence: "possible",
    fix: "none",
    covers: ["bake-set-overrides-platform"],
  },
  build(at, report) {
    const { build, trace } = at;
    if (build.through !== "docker/bake-action" && build.through !== "docker buildx bake") return;
    const override = build.platforms.items[0];
    if (override === undefined || build.platforms.items.length > 1 || override.place.file === build.place.file) return;
    const { pushes, byDigest } = publishingOf(build);
    const [only, ...others] = platformsOf(at) ?? [];
    if (pushes !== true || byDigest !== false || only === undefined || others.length > 0) return;
    const { file } = build.place;
    const list = LIST.exec(file.text);
    // A row for each platform is joined later.
    if (list === null || trace.row.name !== "" || trace.events.some(({ operation }) => operation.kind === "create-index")) return;
    report({
      message: `target "${build.name ?? ""}" is published for ${only} alone: "${shownText(override)}" takes the place of the platforms in the file`,
      place: override.place,
      key: build.name ?? "",
      facts: [{ sentence: "the file has several platforms here", place: { file, span: { start: list.index, end: list.index + list[0].length } } }],
      cause: "`--set TARGET.platform=` replaces the list of the file, and only `+=` adds to it",
      remedies: [advice("take the override away, or write `*.platform+=` where a platform is to be added", "all platforms of the file are built")],
    });
  },
});

const LIST = /\bplatforms\s*=\s*\[\s*"[^"\]]*"\s*,\s*"[^"\]]*"/;
