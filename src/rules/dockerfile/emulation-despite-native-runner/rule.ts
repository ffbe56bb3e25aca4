import type { Remedy } from "../../../findings/finding.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { armLabel } from "../../remedies/runners/labels.ts";
import { toNativeRunners } from "../../remedies/runners/native.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { compileOf } from "../compile-under-emulation/compilers.ts";
import { emulatedStages } from "../emulated-stages.ts";
import { commandsNamed, runScript } from "../run-script.ts";

export const rule = defineRule({
  meta: {
    id: "emulation-despite-native-runner",
    summary: "arm64 is compiled for under emulation, though GitHub has arm64 runners",
    severity: "info",
    confidence: "likely",
    fix: "sometimes",
    covers: ["qemu-slow-native-available"],
  },
  build(at, report) {
    const { dockerfile, build, event, trace } = at;
    const { runner } = event.before;
    if (dockerfile === undefined || runner.kind !== "hosted" || runner.architecture !== "amd64") return;
    const native = armLabel(runner.image ?? "ubuntu-24.04", trace.asOf);
    if (native === undefined) return;
    for (const { use, platforms, fact } of emulatedStages(at)) {
      if (!platforms.some(({ architecture }) => architecture === "arm64")) continue;
      const run = use.instructions.find((one) => one.kind === "run" && COMPILES.test(runScript(dockerfile, one).text));
      // What can be cross-compiled is told by another rule.
      if (run === undefined || (!use.final && compileOf(dockerfile, use.stage) !== undefined)) continue;
      report({
        message: `linux/arm64 is compiled for under emulation, while "${native.label}" would run it as it is`,
        // What has to change is where the job runs, for all its builds.
        place: runner.fact.place ?? build.place,
        key: "native",
        confidence: event.sure ? "likely" : "possible",
        facts: [
          { sentence: "this build is for linux/arm64, too", place: build.platforms.place ?? build.place },
          fact,
          { sentence: "it is compiled here", place: { file: dockerfile.file, span: run.span } },
          { sentence: `GitHub has the runner "${native.label}" (${native.source})`, place: undefined },
        ],
        cause:
          "an emulator carries out the target's instructions one by one, which makes compilers and installers 5 to 20 times slower, and crashes now and then",
        remedies: () => [spread(at, native.label), advice("call docker/github-builder's reusable workflow, which does that", "the job becomes a call")],
      });
      return;
    }
  },
});

/** Made by edits where all of the job can be carried over, as `fix --runners native` does; else for people, with what stands against it. */
function spread({ home, trace }: BuildEvent, label: string): Remedy {
  const title = `build each platform in a matrix row on its own runner ("${label}" for arm64), push by digest, and join the digests`;
  const price = "two jobs more; arm64 runners cost minutes in private repositories";
  if (home === undefined) return advice(title, price);
  const change = toNativeRunners(home.job, home.workflow, trace.asOf);
  if ("refused" in change) return advice(title, `${price}; not by edits alone: ${change.refused}`);
  return remedy({ title, price, safety: "unsafe" }, [change.edit]);
}

const COMPILES = commandsNamed(
  [
    String.raw`cargo\s+(?:build|install|chef)|make\b|cmake\s|ninja\b|meson\s+(?:setup|compile)|g(?:cc|\+\+)\s+-|swift\s+build|stack\s+build|cabal\s+build`,
    String.raw`npm\s+(?:ci|install)|yarn\s+install|pnpm\s+(?:i|install)|pip3?\s+install|poetry\s+install|uv\s+sync|bundle\s+install|gem\s+install`,
    String.raw`go\s+build|dotnet\s+publish|mvn\s|mix\s+(?:compile|release)`,
  ].join("|"),
);
