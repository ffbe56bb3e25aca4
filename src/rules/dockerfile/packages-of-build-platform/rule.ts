import type { TransferInstruction } from "../../../dockerfile/ast.ts";
import { stageMeant } from "../../../dockerfile/stages.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { atMost, builtStages, wrongBuilds } from "../built-stages.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";

export const rule = defineRule({
  meta: {
    id: "packages-of-build-platform",
    summary: "installed packages or system libraries are copied from a stage of the builder's platform",
    severity: "warning",
    confidence: "likely",
    fix: "none",
    covers: ["node-modules-wrong-arch"],
  },
  dockerfile(use, report) {
    const { dockerfile } = use;
    const stages = builtStages(use);
    for (const built of stages) {
      if (built.use.runsOn !== "target" && !built.use.final) continue;
      for (const instruction of built.use.stage.instructions) {
        const source = instruction.kind === "copy" && instruction.from !== undefined ? stageMeant(dockerfile, instruction.from.text) : undefined;
        const from = stages.find(({ use: { stage } }) => stage === source);
        if (from === undefined || from.use.runsOn !== "build" || instruction.kind !== "copy") continue;
        const kind = kindOf(instruction);
        if (kind === undefined || installsForTarget(from.use.instructions.map(({ original }) => original).join("\n"))) continue;
        const wrong = wrongBuilds(
          built,
          ({ architecture }, { at }) => at.event.before.runner.architecture !== undefined && architecture !== at.event.before.runner.architecture,
        );
        if (wrong === undefined || wrong.first === undefined) continue;
        const { file } = dockerfile;
        report({
          message: `the image for ${shownPlatforms(wrong.platforms) ?? "other platforms"} gets ${kind.what} of the builder's platform`,
          place: { file, span: instruction.span },
          confidence: atMost(wrong.confidence, kind.confidence),
          facts: [...factOfBuild(wrong), { sentence: "the stage that it comes from is pinned to $BUILDPLATFORM", place: { file, span: from.use.from.span } }],
          cause:
            "a stage on $BUILDPLATFORM installs for the machine that builds; parts of packages that are compiled (.node, .so) cannot be loaded on another platform",
          remedies: [
            advice(
              "install in a stage of the target's platform, and copy only what is the same everywhere from the pinned one",
              "the installation runs once for each platform, under emulation for foreign ones",
            ),
            ...(kind.what === "node_modules"
              ? [advice("tell npm the target: npm ci --os=linux --cpu=ARCHITECTURE", "packages that compile on installation still do so for the builder")]
              : []),
          ],
          traces: wrong.traces,
          among: wrong.among,
        });
      }
    }
  },
});

interface Kind {
  readonly what: string;
  readonly confidence: "likely" | "possible";
}

const KINDS: readonly [path: RegExp, kind: Kind][] = [
  [/(?:^|\/)node_modules\/?$/, { what: "node_modules", confidence: "possible" }],
  [/(?:^|\/)(?:site-packages|dist-packages|\.venv|venv)\/?$/, { what: "Python packages", confidence: "likely" }],
  [/(?:^|\/)vendor\/bundle\/?$/, { what: "Ruby gems", confidence: "likely" }],
  [/^\/(?:usr|usr\/lib|usr\/bin|usr\/sbin|lib|lib64|bin|sbin)?\/?$/, { what: "system programs and libraries", confidence: "likely" }],
];

function kindOf({ sources }: TransferInstruction): Kind | undefined {
  for (const { text } of sources) {
    const kind = KINDS.find(([path]) => path.test(text))?.[1];
    if (kind !== undefined) return kind;
  }
  return undefined;
}

/** The stage heeds the target: by helpers, by flags of the package manager, or by variables. */
const installsForTarget = (script: string): boolean =>
  /\bxx-|--cpu[= ]|--libc[= ]|npm_config_(?:arch|cpu|target_arch)|--platform[= ]|--ignore-scripts|supportedArchitectures|TARGET(?:ARCH|PLATFORM)/i.test(script);
