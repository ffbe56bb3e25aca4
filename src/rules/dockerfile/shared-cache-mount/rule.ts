import type { RunInstruction, RunMount } from "../../../dockerfile/ast.ts";
import type { Remedy } from "../../../findings/finding.ts";
import type { DockerfileUse } from "../../dockerfile-use.ts";
import { declareBefore } from "../../remedies/dockerfile-edits.ts";
import { remedy } from "../../remedies/remedy.ts";
import { replaceText } from "../../remedies/texts.ts";
import { defineRule } from "../../rule.ts";
import { atMost, type BuiltStage, builtStages, wrongBuilds } from "../built-stages.ts";
import { runScript } from "../run-script.ts";
import { factOfBuild } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "shared-cache-mount",
    summary: "a cache mount is shared by platforms that are built at the same time, though its content is of one platform or has a lock",
    severity: "warning",
    confidence: "likely",
    fix: "sometimes",
    covers: ["cache-mount-cross-platform"],
  },
  dockerfile(use, report) {
    for (const built of builtStages(use)) {
      // One run for all platforms shares nothing.
      if (built.use.runsOn !== "target" || built.builds.length === 0) continue;
      const wrong = wrongBuilds(built, (_, { platforms }) => platforms.length > 1);
      if (wrong === undefined || wrong.confidence === "possible") continue;
      for (const instruction of built.use.stage.instructions) {
        if (instruction.kind !== "run") continue;
        const { text } = runScript(use.dockerfile, instruction);
        for (const mount of instruction.mounts) {
          const harm = harmOf(mount, text);
          if (harm === undefined) continue;
          report({
            message:
              harm === "lock"
                ? `platforms wait for each other's lock in the cache "${targetOf(mount)}", or fail at it`
                : `platforms put what they built into one cache, "${targetOf(mount)}"`,
            place: { file: use.dockerfile.file, span: mount.span },
            key: targetOf(mount),
            confidence: atMost(wrong.confidence, harm === "lock" ? "likely" : "possible"),
            facts: factOfBuild(wrong),
            cause:
              harm === "lock"
                ? "BuildKit tells caches apart by id or path, not by platform, and builds the platforms at once; apt does not wait for a lock that another run holds"
                : "BuildKit tells caches apart by id or path, not by platform; what is compiled for one platform is then found by the others",
            remedies: remediesOf(mount, harm, instruction, built, use),
            traces: wrong.traces,
            among: wrong.among,
          });
        }
      }
    }
  },
});

type Harm = "lock" | "content";

const targetOf = ({ options }: RunMount): string => options.get("target") ?? "";

function harmOf(mount: RunMount, script: string): Harm | undefined {
  if (mount.type !== "cache" || mount.text.includes("$")) return undefined;
  const { options } = mount;
  const sharing = options.get("sharing") ?? "shared";
  const target = targetOf(mount).replace(/\/+$/, "");
  if (/^\/var\/(?:cache|lib)\/apt(?:\/(?:archives|lists))?$/.test(target)) return sharing === "shared" && /\bapt(?:-get)?\s/.test(script) ? "lock" : undefined;
  if (sharing === "private") return undefined;
  const own = /\bcargo\b/.test(script) && !/--target(?:-dir)?[= ]/.test(script) && /(?:^|\/)target$/.test(target);
  return own || /(?:^|\/)(?:node_modules|\.venv|venv|_build|CMakeFiles)$/.test(target) ? "content" : undefined;
}

function remediesOf(
  mount: RunMount,
  harm: Harm,
  instruction: RunInstruction,
  { use: { stage } }: BuiltStage,
  { dockerfile }: DockerfileUse,
): readonly Remedy[] {
  const { file } = dockerfile;
  const written = file.text.slice(mount.span.start, mount.span.end);
  // Behind the last option, inside of quotes.
  const end = mount.span.end - (/["']$/.test(written) ? 1 : 0);
  const add = (text: string) => replaceText({ file, span: { start: end, end } }, text);
  if (harm === "lock") {
    const edit = mount.options.has("sharing") ? undefined : add(",sharing=locked");
    return [remedy({ title: "let one platform at a time have it: sharing=locked", price: "these steps of the platforms run one after the other" }, [edit])];
  }
  const edit = mount.options.has("id")
    ? undefined
    : add(
        `,id=${targetOf(mount)
          .replace(/[^\w]+/g, "-")
          .replace(/^-|-$/g, "")}-$TARGETPLATFORM`,
      );
  const head = { title: "give each platform a cache of its own: id=NAME-$TARGETPLATFORM", price: "each cache is filled anew once" };
  return [remedy(head, [...declareBefore(dockerfile, stage, instruction, ["TARGETPLATFORM"]), edit])];
}
