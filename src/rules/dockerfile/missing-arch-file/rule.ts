import { formatPlatform, type Platform } from "../../../core/platform.ts";
import type { Hole } from "../../../simulate/text.ts";
import { type Text, textOf } from "../../../simulate/text.ts";
import { eventsOf } from "../../../simulate/trace.ts";
import { PLATFORM_VARIABLES } from "../../platform-variables.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { platformsOf } from "../built-stages.ts";
import { copiesFromContext, pathInWorkspace, writesBefore } from "../context-paths.ts";
import { platformValue } from "../platform-values.ts";
import { shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "missing-arch-file",
    summary: "a file that is copied by platform was made for some of the build's platforms only",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["copy-arch-file-missing"],
  },
  build(at, report) {
    const { build, dockerfile, event, trace, stages = [] } = at;
    const { platforms } = platformsOf(at);
    if (dockerfile === undefined || platforms.length < 2) return;
    const written = writtenBefore(at);
    if (written.length === 0) return;
    for (const { source } of copiesFromContext(stages)) {
      const wanted = platforms.flatMap((platform) => {
        const name = filledIn(source.text, platform);
        const path = name === undefined ? undefined : pathInWorkspace(build, name);
        return path === undefined ? [] : [{ platform, path, name: name as string }];
      });
      if (wanted.length < platforms.length || new Set(wanted.map(({ path }) => path)).size < 2) continue;
      const made = wanted.filter(({ path }) => written.some((file) => textOf(file.path) === path));
      const missing = wanted.filter(({ path }) => !written.some((file) => mayBe(file.path, path)));
      const [first] = made;
      if (first === undefined || missing.length === 0) continue;
      const names = missing.map(({ name }) => `"${name}"`);
      report({
        message: `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} not there for ${shownPlatforms(missing.map(({ platform }) => platform))}`,
        place: { file: dockerfile.file, span: source.span },
        confidence: event.sure && trace.events.every(({ operation }) => operation.kind !== "doubt") ? "likely" : "possible",
        facts: [
          ...written.filter((file) => textOf(file.path) === first.path).map(({ place }) => ({ sentence: `"${first.path}" is made here`, place })),
          { sentence: `this build is for ${shownPlatforms(platforms)}`, place: build.platforms.place ?? build.place },
        ],
        log: { tool: "BuildKit", lines: missing.map(({ name }) => `"/${name.replace(/^(?:\.?\/)+/, "")}": not found`).slice(0, 1) },
        cause: "COPY takes another file for each platform, and the steps before the build made some of them only",
        remedies: [
          advice(`make ${names.join(" and ")} before the build`, "it is compiled, too"),
          advice(`leave out ${missing.map(({ platform }) => formatPlatform(platform)).join(", ")}`, "nobody on it can run the image"),
        ],
      });
    }
  },
});

function writtenBefore({ event, trace }: BuildEvent): readonly { readonly path: Text; readonly place: Text["place"] }[] {
  // Any file may come in an artifact.
  if (eventsOf(trace, "download-artifact").length > 0) return [];
  return writesBefore(event, trace).map(({ operation }) => ({ path: operation.path, place: operation.place }));
}

/** A path with BuildKit's variables filled in; undefined where it has others, or none. */
function filledIn(text: string, platform: Platform): string | undefined {
  let known = /\$\{?TARGET(?:ARCH|PLATFORM|VARIANT)\b/.test(text);
  const filled = text.replace(/\$(?:(\w+)|\{(\w+)\})/g, (whole, plain?: string, braced?: string) => {
    const variable = PLATFORM_VARIABLES.find((one) => one === (plain ?? braced));
    const value = variable === undefined ? undefined : platformValue(variable, platform, undefined);
    if (value === undefined) known = false;
    return value ?? whole;
  });
  return known && !/[$*?]/.test(filled) ? filled : undefined;
}

/** Whether a file may be that one, a folder that holds it, or one in it. */
function mayBe({ parts }: Text, path: string): boolean {
  const pattern = parts.map((part: string | Hole) => (typeof part === "string" ? part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : ".*")).join("");
  return new RegExp(`^${pattern}(?:/.*)?$`, "s").test(path) || (typeof parts[0] === "string" && parts[0].startsWith(`${path}/`));
}
