import type { Place } from "../../../core/span.ts";
import type { Dockerfile } from "../../../dockerfile/ast.ts";
import type { Prediction } from "../../../findings/finding.ts";
import { builderOf } from "../../../simulate/builder-of.ts";
import { type PlatformVariable, platformVariableUses } from "../../platform-variables.ts";
import { refusedBuild } from "../../refused-build.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "build-without-buildkit",
    summary: "a Dockerfile that needs BuildKit is built with the classic builder",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["legacy-builder-args-empty"],
  },
  build(at, report) {
    const { build, event, stages } = at;
    if (build.through !== "docker build" || stages === undefined) return;
    const resolved = builderOf(build, event.before);
    // What refuses the build before it reads the Dockerfile is told by another rule.
    if (resolved.driver !== "legacy" || refusedBuild(at) !== undefined) return;
    const file = at.dockerfile;
    const needed = file === undefined ? undefined : neededOf(at, file);
    if (needed === undefined) return;
    report({
      message: needed.message,
      place: build.place,
      key: "legacy",
      confidence: resolved.certain && event.sure && event.step.runs === "yes" ? "certain" : "likely",
      facts: [...resolved.facts, { sentence: needed.fact, place: needed.place }],
      log: needed.log,
      cause: "the classic builder knows neither the platform variables nor RUN --mount: those came with BuildKit, which DOCKER_BUILDKIT=0 turns off",
      remedies: [advice("take DOCKER_BUILDKIT=0 away, and have the buildx plugin installed where the job runs", "none")],
    });
  },
});

interface Needed {
  readonly message: string;
  readonly fact: string;
  readonly place: Place;
  readonly log: Prediction | undefined;
}

/** The first thing that the classic builder stumbles over: a FROM, a mount, a variable. */
function neededOf({ build, stages = [] }: BuildEvent, dockerfile: Dockerfile): Needed | undefined {
  const { file, globalArgs } = dockerfile;
  const given = new Set(build.buildArgs.items.map(({ parts: [head] }) => (typeof head === "string" ? head.split("=")[0] : "")));
  const hasValue = (name: string): boolean =>
    given.has(name) || globalArgs.some(({ args }) => args.some((one) => one.name.text === name && one.value !== undefined));
  for (const { from, stage } of stages) {
    const variable = /^\$\{?((?:TARGET|BUILD)PLATFORM)\}?$/.exec(from.platform?.text ?? "")?.[1];
    if (variable !== undefined && !hasValue(variable)) {
      return {
        message: `the classic builder does not know ${variable}, and refuses this FROM`,
        fact: `the stage's platform is ${from.platform?.text}`,
        place: { file, span: from.platform?.span ?? from.span },
        log: { tool: "dockerd", lines: ['failed to parse platform : "" is an invalid component of ""'] },
      };
    }
    const mounts = stage.instructions.flatMap((one) => (one.kind === "run" ? one.mounts : []));
    const [mount] = mounts;
    if (mount !== undefined) {
      return {
        message: "the classic builder does not know RUN --mount",
        fact: "a RUN has a mount",
        place: { file, span: mount.span },
        log: {
          tool: "dockerd",
          lines: ["the --mount option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled"],
        },
      };
    }
    const read = platformVariableUses(dockerfile, stage).find(
      (one) => !(one.fallback ?? "") && !hasValue(one.variable as PlatformVariable) && !hasDefault(stage, one.variable),
    );
    if (read !== undefined) {
      return {
        message: `the classic builder leaves ${read.variable} empty`,
        fact: `${read.variable} is read here`,
        place: { file, span: read.span },
        log: undefined,
      };
    }
  }
  return undefined;
}

const hasDefault = ({ instructions }: { readonly instructions: Dockerfile["stages"][number]["instructions"] }, variable: string): boolean =>
  instructions.some((one) => one.kind === "arg" && one.args.some(({ name, value }) => name.text === variable && value !== undefined));
