import type { ArgInstruction } from "../../../dockerfile/ast.ts";
import type { Fact, Severity } from "../../../findings/finding.ts";
import { textOf } from "../../../simulate/text.ts";
import type { DockerfileUse } from "../../dockerfile-use.ts";
import { PLATFORM_VARIABLES, type PlatformVariable, platformVariableUses } from "../../platform-variables.ts";
import { dropDefault } from "../../remedies/dockerfile-edits.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule, type Report } from "../../rule.ts";
import { atMost, type BuiltStage, builtStages, platformsOf, type StageBuild, wrongBuilds } from "../built-stages.ts";
import { platformValue } from "../platform-values.ts";
import { factOfBuild, shownPlatforms } from "../told-of-builds.ts";

type Argument = ArgInstruction["args"][number];

export const rule = defineRule({
  meta: {
    id: "targetarch-with-default",
    summary: "a default or build argument hides the TARGETARCH (or one of its kin) that BuildKit gives",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["targetarch-overridden"],
  },
  dockerfile(use, report) {
    for (const built of builtStages(use)) {
      for (const { stage } of [built.use]) {
        for (const instruction of stage.instructions) {
          if (instruction.kind !== "arg") continue;
          for (const argument of instruction.args) tellOfDefault(argument, built, use, report);
        }
      }
    }
    tellOfGlobals(use, report);
  },
  build(at, report) {
    for (const item of at.build.buildArgs.items) tellOfGiven(item, at, report);
  },
});

const CAUSE =
  "BuildKit fills in an ARG of this name for each platform, but only where nothing else gives it a value: a default or a build argument goes first, and then holds for every platform";

/** A default in a stage. */
function tellOfDefault(argument: Argument, built: BuiltStage, { dockerfile }: DockerfileUse, report: Report): void {
  const variable = variableOf(argument);
  if (variable === undefined) return;
  const { stage } = built.use;
  const reads = platformVariableUses(dockerfile, stage).find((one) => one.variable === variable && one.span.start > argument.name.span.start);
  const mayRead = stage.instructions.some((one) => one.kind === "run" && one.span.start > argument.name.span.start);
  if (reads === undefined && !mayRead && !isBase(built, dockerfile.stages)) return;
  tell({ argument, variable, built, readAt: reads?.span, dockerfile }, report);
}

/** A default before the first FROM counts in each stage that declares the name without one. */
function tellOfGlobals(use: DockerfileUse, report: Report): void {
  const { dockerfile } = use;
  for (const argument of dockerfile.globalArgs.flatMap(({ args }) => args)) {
    const variable = variableOf(argument);
    if (variable === undefined) continue;
    for (const built of builtStages(use)) {
      const { stage } = built.use;
      const declares = stage.instructions.some(
        (one) => one.kind === "arg" && one.args.some(({ name, value }) => name.text === variable && value === undefined),
      );
      const reads = declares ? platformVariableUses(dockerfile, stage).find((one) => one.variable === variable && one.declared) : undefined;
      if (reads !== undefined) tell({ argument, variable, built, readAt: reads.span, dockerfile }, report);
    }
  }
}

interface Hidden {
  readonly argument: Argument;
  readonly variable: PlatformVariable;
  readonly built: BuiltStage;
  readonly readAt: { readonly start: number; readonly end: number } | undefined;
  readonly dockerfile: DockerfileUse["dockerfile"];
}

function tell({ argument, variable, built, readAt, dockerfile }: Hidden, report: Report): void {
  const { file } = dockerfile;
  const value = plain(argument.value?.text ?? "");
  const notGiven = { ...built, builds: built.builds.filter(({ at }) => !isGiven(at, variable)) };
  if (built.builds.length > 0 && notGiven.builds.length === 0) return;
  const wrong = wrongBuilds(notGiven, (platform, build) => differs(variable, value, platform, build));
  if (wrong === undefined || (wrong.first === undefined && variable.endsWith("OS"))) return;
  const severity: Severity = readAt === undefined || variable.startsWith("BUILD") ? "warning" : "error";
  const read: readonly Fact[] = readAt === undefined ? [] : [{ sentence: "it is read here", place: { file, span: readAt } }];
  const platforms = shownPlatforms(wrong.platforms);
  report({
    message: `${variable} is "${value}" on every platform: this default goes before what BuildKit gives${platforms === undefined ? "" : `, also for ${platforms}`}`,
    place: { file, span: { start: argument.name.span.start, end: argument.value?.span.end ?? argument.name.span.end } },
    key: variable,
    severity,
    confidence: readAt === undefined ? atMost(wrong.confidence, "possible") : wrong.confidence,
    facts: [...factOfBuild(wrong), ...read],
    cause: CAUSE,
    remedies: [
      remedy({ title: `take the default away: ARG ${variable}`, price: "a builder older than BuildKit has no value for it" }, [
        dropDefault(dockerfile, argument),
      ]),
    ],
    traces: wrong.traces,
    among: wrong.among,
  });
}

/** A build argument of such a name, which a stage takes in. */
function tellOfGiven(item: BuildEvent["build"]["buildArgs"]["items"][number], at: BuildEvent, report: Report): void {
  const text = textOf(item);
  const cut = text?.indexOf("=") ?? -1;
  if (text === undefined || cut === -1) return;
  const variable = PLATFORM_VARIABLES.find((name) => name === text.slice(0, cut));
  const value = text.slice(cut + 1);
  if (variable === undefined) return;
  const { platforms } = platformsOf(at);
  const build = { at, platforms, open: false };
  const wrong = platforms.filter((platform) => differs(variable, value, platform, build));
  if (wrong.length === 0) return;
  const { stages } = at;
  // FROM reads such a name without a declaration.
  const taken = stages?.some(
    ({ stage, from }) => from.original.includes(variable) || stage.instructions.some((one) => one.kind === "arg" && one.original.includes(variable)),
  );
  if (taken === false) return;
  report({
    message: `${variable} is "${value}" on every platform of this build, also for ${shownPlatforms(wrong)}`,
    place: item.place,
    key: `given ${variable}`,
    severity: variable.startsWith("BUILD") ? "warning" : "error",
    confidence: taken === true && at.event.sure ? "certain" : "likely",
    facts: [{ sentence: `this build is for ${shownPlatforms(platforms)}`, place: at.build.platforms.place ?? at.build.place }],
    cause: CAUSE,
    remedies: [advice(`take ${variable} out of the build arguments`, "none")],
  });
}

function differs(variable: PlatformVariable, value: string, platform: StageBuild["platforms"][number], { at }: Pick<StageBuild, "at">): boolean {
  const { architecture } = at.event.before.runner;
  const given = platformValue(variable, platform, architecture === undefined ? undefined : { os: "linux", architecture });
  return given !== undefined && given !== value;
}

/** Whether a build gives the argument itself, or may. */
const isGiven = ({ build }: BuildEvent, name: string): boolean =>
  build.buildArgs.open || build.buildArgs.items.some(({ parts: [head] }) => typeof head !== "string" || head.split("=")[0] === name);

/** A platform variable with a default that holds nothing else's value. */
function variableOf({ name, value }: Argument): PlatformVariable | undefined {
  if (value === undefined || value.text.includes("$")) return undefined;
  return PLATFORM_VARIABLES.find((one) => one === name.text);
}

const plain = (text: string): string => text.replace(/^(["'])(.*)\1$/, "$2");

/** Another stage builds on it, and inherits the argument. */
const isBase = ({ use: { stage } }: BuiltStage, stages: DockerfileUse["dockerfile"]["stages"]): boolean =>
  stage.name !== undefined && stages.some(({ from }) => from.image.text === stage.name);
