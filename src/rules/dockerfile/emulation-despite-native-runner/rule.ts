import { hostedLabel } from "../../../facts/runners.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { compileOf } from "../compile-under-emulation/compilers.ts";
import { emulatedStages } from "../emulated-stages.ts";
import { commandsNamed, runScript } from "../run-script.ts";

export const rule = defineRule({
  meta: {
    id: "emulation-despite-native-runner",
    summary: "arm64 is compiled for under emulation, though GitHub has arm64 runners",
    severity: "info",
    confidence: "likely",
    fix: "none",
    covers: ["qemu-slow-native-available"],
  },
  build(at, report) {
    const { dockerfile, build, event, trace } = at;
    const { runner } = event.before;
    if (dockerfile === undefined || runner.kind !== "hosted" || runner.architecture !== "amd64") return;
    const native = `${runner.image ?? "ubuntu-24.04"}-arm`;
    const label = hostedLabel(native, trace.asOf);
    if (label === undefined || trace.asOf < SINCE) return;
    for (const { use, platforms, fact } of emulatedStages(at)) {
      if (!platforms.some(({ architecture }) => architecture === "arm64")) continue;
      const run = use.instructions.find((one) => one.kind === "run" && COMPILES.test(runScript(dockerfile, one).text));
      // What can be cross-compiled is told by another rule.
      if (run === undefined || (!use.final && compileOf(dockerfile, use.stage) !== undefined)) continue;
      report({
        message: `linux/arm64 is compiled for under emulation, while "${native}" would run it as it is`,
        // What has to change is where the job runs, for all its builds.
        place: runner.fact.place ?? build.place,
        key: "native",
        confidence: event.sure ? "likely" : "possible",
        facts: [
          { sentence: "this build is for linux/arm64, too", place: build.platforms.place ?? build.place },
          fact,
          { sentence: "it is compiled here", place: { file: dockerfile.file, span: run.span } },
          { sentence: `GitHub has the runner "${native}" (${label.source})`, place: undefined },
        ],
        cause:
          "an emulator carries out the target's instructions one by one, which makes compilers and installers 5 to 20 times slower, and crashes now and then",
        remedies: [
          advice(
            `build each platform in a matrix row on its own runner ("${native}" for arm64), push by digest, and join the digests`,
            "two jobs more; arm64 runners cost minutes in private repositories",
          ),
          advice("call docker/github-builder's reusable workflow, which does that", "the job becomes a call"),
        ],
      });
      return;
    }
  },
});

/** Since when there are arm64 runners for everyone. */
const SINCE = "2025-01-16";

const COMPILES = commandsNamed(
  [
    String.raw`cargo\s+(?:build|install|chef)|make\b|cmake\s|ninja\b|meson\s+(?:setup|compile)|g(?:cc|\+\+)\s+-|swift\s+build|stack\s+build|cabal\s+build`,
    String.raw`npm\s+(?:ci|install)|yarn\s+install|pnpm\s+(?:i|install)|pip3?\s+install|poetry\s+install|uv\s+sync|bundle\s+install|gem\s+install`,
    String.raw`go\s+build|dotnet\s+publish|mvn\s|mix\s+(?:compile|release)`,
  ].join("|"),
);
