import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { emulatedStages, imageBelow } from "../emulated-stages.ts";
import { commandsNamed, runScript } from "../run-script.ts";
import { shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "cargo-under-emulation",
    summary: "a cargo from before the sparse index fetches the whole index of crates under emulation",
    severity: "warning",
    confidence: "likely",
    fix: "none",
    covers: ["qemu-cargo-oom"],
  },
  build(at, report) {
    const { dockerfile, build, event } = at;
    if (dockerfile === undefined) return;
    for (const { use, platforms, fact } of emulatedStages(at)) {
      const version = oldRust(imageBelow(use, at));
      if (version === undefined || use.instructions.some(({ original }) => MENDED.test(original))) continue;
      const run = use.instructions.find((one) => one.kind === "run" && FETCHES.test(runScript(dockerfile, one).text));
      if (run === undefined) continue;
      report({
        message: `cargo ${version} runs out of memory at the index of crates under emulation of ${shownPlatforms(platforms)}`,
        place: { file: dockerfile.file, span: use.from.image.span },
        key: "cargo",
        confidence: event.sure ? "likely" : "possible",
        facts: [
          { sentence: `this build is for ${shownPlatforms(platforms)}, too`, place: build.platforms.place ?? build.place },
          fact,
          { sentence: "crates are fetched here", place: { file: dockerfile.file, span: run.span } },
        ],
        log: { tool: "BuildKit", lines: ["did not complete successfully: exit code: 137"] },
        cause: "before version 1.70 cargo clones the index of all crates with libgit2, whose use of memory an emulator multiplies",
        remedies: [
          advice("take Rust 1.70 or newer, which fetches only what it needs", "a newer compiler"),
          advice("set CARGO_NET_GIT_FETCH_WITH_CLI=true, with git installed", "none"),
          advice("cross-compile in a stage on $BUILDPLATFORM (tonistiigi/xx, cargo-zigbuild)", "the stage is rewritten"),
        ],
      });
    }
  },
});

const FETCHES = commandsNamed(String.raw`cargo\s+(?:\+\S+\s+)?(?:build|install|fetch|chef|test|update|b)\b`);
const MENDED = /CARGO_NET_GIT_FETCH_WITH_CLI|CARGO_REGISTRIES_CRATES_IO_PROTOCOL|--offline|cargo vendor/;

/** The version of an official image below 1.70. */
function oldRust(image: string | undefined): string | undefined {
  const found = /^(?:docker\.io\/)?(?:library\/)?rust:1\.(\d+)(?:\.\d+)?(?:[-@].*)?$/.exec(image ?? "");
  return found !== null && Number(found[1]) < 70 ? `1.${found[1]}` : undefined;
}
