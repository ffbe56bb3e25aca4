import { formatPlatform, type Platform } from "../../../core/platform.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { compileOf } from "../compile-under-emulation/compilers.ts";
import { emulatedStages, imageBelow } from "../emulated-stages.ts";
import { commandsNamed, runScript } from "../run-script.ts";
import { shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "node-under-emulation",
    summary: "npm or its kin runs under emulation with a Node.js that emulators get wrong",
    severity: "warning",
    confidence: "likely",
    fix: "none",
    covers: ["qemu-illegal-instruction-node", "qemu-hang-32bit-s390x"],
  },
  build(at, report) {
    const { dockerfile, build, event } = at;
    if (dockerfile === undefined) return;
    for (const { use, platforms, fact } of emulatedStages(at)) {
      const node = nodeOf(imageBelow(use, at));
      const run = node === undefined ? undefined : use.instructions.find((one) => one.kind === "run" && RUNS_NODE.test(runScript(dockerfile, one).text));
      if (node === undefined || run === undefined) continue;
      const hanging = platforms.filter(hangs);
      // A stage that can be pinned is told by another rule.
      if (hanging.length === 0 && !use.final && compileOf(dockerfile, use.stage) !== undefined) continue;
      const told = hanging.length > 0 ? hanging : platforms;
      const limited = event.step.step.timeoutMinutes !== undefined || at.trace.job.timeoutMinutes !== undefined;
      report({
        message:
          hanging.length > 0
            ? `Node.js ${node} is known to hang under emulation of ${shownPlatforms(told)}`
            : `Node.js ${node} may crash under emulation of ${shownPlatforms(told)}`,
        place: { file: dockerfile.file, span: use.from.image.span },
        key: "node",
        severity: hanging.length > 0 ? "warning" : "info",
        confidence: hanging.length > 0 && event.sure ? "likely" : "possible",
        facts: [
          { sentence: `this build is for ${shownPlatforms(told)}, too`, place: build.platforms.place ?? build.place },
          fact,
          { sentence: "packages are installed or built here", place: { file: dockerfile.file, span: run.span } },
        ],
        log:
          hanging.length > 0
            ? { tool: "GitHub Actions runner", lines: ["The operation was canceled."] }
            : { tool: "QEMU", lines: ["qemu: uncaught target signal 4 (Illegal instruction) - core dumped"] },
        cause:
          "Node.js since version 20 compiles to instructions and asks the kernel for memory in ways that QEMU does not carry out right on every platform; the step ends with a crash, or never",
        remedies: [
          advice(
            "run npm in a stage on $BUILDPLATFORM, and install what compiles for the machine apart",
            "packages with compiled parts need the target's platform",
          ),
          advice(
            "build this platform on a runner of its own",
            told.every(({ architecture }) => architecture === "arm64")
              ? "one job a platform, and one that joins them"
              : "GitHub has runners for amd64 and arm64 only",
          ),
          ...(limited ? [] : [advice("give the job timeout-minutes", "none; without it a step that hangs costs six hours")]),
        ],
      });
    }
  },
});

const RUNS_NODE = commandsNamed(String.raw`(?:npm|pnpm|yarn|corepack|npx)\s`);

/** 32-bit platforms and s390x. */
const hangs = (platform: Platform): boolean => ["arm", "386", "s390x"].includes(platform.architecture) && formatPlatform(platform) !== "linux/386";

/** The version of an official image, where it is 20 or newer; a tag without a number is the newest. */
function nodeOf(image: string | undefined): string | undefined {
  const found = /^(?:docker\.io\/)?(?:library\/)?node(?::([^@]*))?(?:@.*)?$/.exec(image ?? "");
  if (found === null) return undefined;
  const tag = found[1] ?? "latest";
  const major = /^\d+/.exec(tag)?.[0];
  if (major === undefined) return /^(?:latest|lts|current|alpine|slim|bookworm|trixie|bullseye)/.test(tag) ? `"${tag}"` : undefined;
  return Number(major) >= 20 ? major : undefined;
}
